-- Figures by day, refreshed by a job.

create table workflow.workflow_metrics (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_template_id uuid not null,
    measured_on date not null,
    total_instances bigint not null,
    completed_instances bigint not null,
    rejected_instances bigint not null,
    cancelled_instances bigint not null,
    in_progress_instances bigint not null,
    avg_completion_minutes numeric(18, 2),
    min_completion_minutes numeric(18, 2),
    max_completion_minutes numeric(18, 2),
    median_completion_minutes numeric(18, 2),
    avg_steps_completed numeric(18, 2),
    total_steps_executed bigint not null,
    avg_approval_minutes numeric(18, 2),
    total_approvals bigint not null,
    total_rejections bigint not null,
    sla_met_count bigint not null,
    sla_breached_count bigint not null,
    sla_compliance_percent numeric(18, 2),
    bottleneck_steps jsonb,
    constraint workflow_metrics_pkey primary key (organization_id, id),
    constraint workflow_metrics_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_metrics_total_instances_check check (total_instances >= 0),
    constraint workflow_metrics_completed_instances_check check (completed_instances >= 0),
    constraint workflow_metrics_rejected_instances_check check (rejected_instances >= 0),
    constraint workflow_metrics_cancelled_instances_check check (cancelled_instances >= 0),
    constraint workflow_metrics_in_progress_instances_check check (in_progress_instances >= 0),
    constraint workflow_metrics_avg_completion_minutes_check check (avg_completion_minutes >= 0),
    constraint workflow_metrics_min_completion_minutes_check check (min_completion_minutes >= 0),
    constraint workflow_metrics_max_completion_minutes_check check (max_completion_minutes >= 0),
    constraint workflow_metrics_median_completion_minutes_check check (median_completion_minutes >= 0),
    constraint workflow_metrics_avg_steps_completed_check check (avg_steps_completed >= 0),
    constraint workflow_metrics_total_steps_executed_check check (total_steps_executed >= 0),
    constraint workflow_metrics_avg_approval_minutes_check check (avg_approval_minutes >= 0),
    constraint workflow_metrics_total_approvals_check check (total_approvals >= 0),
    constraint workflow_metrics_total_rejections_check check (total_rejections >= 0),
    constraint workflow_metrics_sla_met_count_check check (sla_met_count >= 0),
    constraint workflow_metrics_sla_breached_count_check check (sla_breached_count >= 0),
    constraint workflow_metrics_sla_compliance_percent_check check (sla_compliance_percent >= 0),
    constraint workflow_metrics_bottleneck_steps_check check (jsonb_typeof(bottleneck_steps) in ('object', 'array'))
);
create unique index workflow_metrics_measured_on_key
    on workflow.workflow_metrics (organization_id, workflow_template_id, measured_on)
    where deleted_at is null;
create index workflow_metrics_measured_on_idx on workflow.workflow_metrics (organization_id, measured_on);
select platform.tenant_table('workflow.workflow_metrics');

create table workflow.workflow_step_metrics (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_template_id uuid not null,
    step_index bigint not null,
    step_name text not null,
    measured_on date not null,
    total_executions bigint not null,
    successful_executions bigint not null,
    failed_executions bigint not null,
    skipped_executions bigint not null,
    avg_execution_minutes numeric(18, 2),
    min_execution_minutes numeric(18, 2),
    max_execution_minutes numeric(18, 2),
    avg_wait_minutes numeric(18, 2),
    max_wait_minutes numeric(18, 2),
    error_rate_percent numeric(18, 2),
    common_errors jsonb,
    constraint workflow_step_metrics_pkey primary key (organization_id, id),
    constraint workflow_step_metrics_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_step_metrics_step_index_check check (step_index >= 0),
    constraint workflow_step_metrics_total_executions_check check (total_executions >= 0),
    constraint workflow_step_metrics_successful_executions_check check (successful_executions >= 0),
    constraint workflow_step_metrics_failed_executions_check check (failed_executions >= 0),
    constraint workflow_step_metrics_skipped_executions_check check (skipped_executions >= 0),
    constraint workflow_step_metrics_avg_execution_minutes_check check (avg_execution_minutes >= 0),
    constraint workflow_step_metrics_min_execution_minutes_check check (min_execution_minutes >= 0),
    constraint workflow_step_metrics_max_execution_minutes_check check (max_execution_minutes >= 0),
    constraint workflow_step_metrics_avg_wait_minutes_check check (avg_wait_minutes >= 0),
    constraint workflow_step_metrics_max_wait_minutes_check check (max_wait_minutes >= 0),
    constraint workflow_step_metrics_error_rate_percent_check check (error_rate_percent >= 0),
    constraint workflow_step_metrics_common_errors_check check (jsonb_typeof(common_errors) in ('object', 'array'))
);
create unique index workflow_step_metrics_measured_on_key
    on workflow.workflow_step_metrics (organization_id, workflow_template_id, step_index, measured_on)
    where deleted_at is null;
create index workflow_step_metrics_measured_on_idx on workflow.workflow_step_metrics (organization_id, measured_on);
select platform.tenant_table('workflow.workflow_step_metrics');

create table workflow.workflow_performance_snapshots (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_template_id uuid,
    snapshot_at timestamptz not null,
    active_instances bigint not null,
    pending_approvals bigint not null,
    overdue_instances bigint not null,
    sla_at_risk bigint not null,
    completed_last_24h bigint not null,
    avg_minutes_24h numeric(18, 2),
    success_rate_percent_24h numeric(18, 2),
    throughput_per_hour numeric(18, 2),
    expected_minutes numeric(18, 2),
    critical_alerts bigint not null,
    warning_alerts bigint not null,
    details jsonb,
    constraint workflow_performance_snapshots_pkey primary key (organization_id, id),
    constraint workflow_performance_snapshots_workflow_template_id_fkey
        foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_performance_snapshots_active_instances_check check (active_instances >= 0),
    constraint workflow_performance_snapshots_pending_approvals_check check (pending_approvals >= 0),
    constraint workflow_performance_snapshots_overdue_instances_check check (overdue_instances >= 0),
    constraint workflow_performance_snapshots_sla_at_risk_check check (sla_at_risk >= 0),
    constraint workflow_performance_snapshots_completed_last_24h_check check (completed_last_24h >= 0),
    constraint workflow_performance_snapshots_avg_minutes_24h_check check (avg_minutes_24h >= 0),
    constraint workflow_performance_snapshots_success_rate_percent_24h_check check (success_rate_percent_24h >= 0),
    constraint workflow_performance_snapshots_throughput_per_hour_check check (throughput_per_hour >= 0),
    constraint workflow_performance_snapshots_expected_minutes_check check (expected_minutes >= 0),
    constraint workflow_performance_snapshots_critical_alerts_check check (critical_alerts >= 0),
    constraint workflow_performance_snapshots_warning_alerts_check check (warning_alerts >= 0),
    constraint workflow_performance_snapshots_details_check check (jsonb_typeof(details) in ('object', 'array'))
);
create index workflow_performance_snapshots_workflow_template_id_idx
    on workflow.workflow_performance_snapshots (organization_id, workflow_template_id);
create index workflow_performance_snapshots_snapshot_at_idx
    on workflow.workflow_performance_snapshots (organization_id, snapshot_at);
select platform.tenant_table('workflow.workflow_performance_snapshots');

create table workflow.workflow_user_metrics (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    member uuid not null,
    workflow_template_id uuid,
    measured_on date not null,
    workflows_initiated bigint not null,
    approvals_completed bigint not null,
    approvals_pending bigint not null,
    avg_approval_minutes numeric(18, 2),
    approval_rate_percent numeric(18, 2),
    tasks_completed bigint not null,
    avg_task_minutes numeric(18, 2),
    on_time_percent numeric(18, 2),
    overdue_tasks bigint not null,
    constraint workflow_user_metrics_pkey primary key (organization_id, id),
    constraint workflow_user_metrics_member_fkey foreign key (organization_id, member)
        references platform.members (organization_id, user_id),
    constraint workflow_user_metrics_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_user_metrics_workflows_initiated_check check (workflows_initiated >= 0),
    constraint workflow_user_metrics_approvals_completed_check check (approvals_completed >= 0),
    constraint workflow_user_metrics_approvals_pending_check check (approvals_pending >= 0),
    constraint workflow_user_metrics_avg_approval_minutes_check check (avg_approval_minutes >= 0),
    constraint workflow_user_metrics_approval_rate_percent_check check (approval_rate_percent >= 0),
    constraint workflow_user_metrics_tasks_completed_check check (tasks_completed >= 0),
    constraint workflow_user_metrics_avg_task_minutes_check check (avg_task_minutes >= 0),
    constraint workflow_user_metrics_on_time_percent_check check (on_time_percent >= 0),
    constraint workflow_user_metrics_overdue_tasks_check check (overdue_tasks >= 0)
);
create index workflow_user_metrics_workflow_template_id_idx
    on workflow.workflow_user_metrics (organization_id, workflow_template_id);
create unique index workflow_user_metrics_measured_on_key
    on workflow.workflow_user_metrics (organization_id, member, measured_on)
    where deleted_at is null;
create index workflow_user_metrics_measured_on_idx on workflow.workflow_user_metrics (organization_id, measured_on);
select platform.tenant_table('workflow.workflow_user_metrics');
