-- Automations and what came of their runs.

create table workflow.workflow_automations (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    workflow_template_id uuid,
    status text not null,
    trigger_type text not null,
    action_type text not null,
    on_event text,
    trigger_config jsonb,
    action_config jsonb,
    conditions jsonb,
    condition_logic text not null,
    run_order bigint not null,
    max_retries bigint not null,
    retry_delay_s bigint not null,
    timeout_s bigint not null,
    schedule_cron text,
    schedule_time_zone text,
    last_run_at timestamptz,
    next_run_at timestamptz,
    last_error text,
    constraint workflow_automations_pkey primary key (organization_id, id),
    constraint workflow_automations_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_automations_status_check check (status in ('inactive', 'active', 'paused', 'error')),
    constraint workflow_automations_trigger_type_check check (
        trigger_type in ('manual', 'scheduled', 'event', 'condition', 'webhook')
    ),
    constraint workflow_automations_action_type_check check (
        action_type in (
            'create_workflow', 'update_workflow', 'send_notification', 'send_email', 'send_sms',
            'update_record', 'webhook_call', 'custom_script'
        )
    ),
    constraint workflow_automations_trigger_config_check check (jsonb_typeof(trigger_config) = 'object'),
    constraint workflow_automations_action_config_check check (jsonb_typeof(action_config) = 'object'),
    constraint workflow_automations_conditions_check check (jsonb_typeof(conditions) = 'array'),
    constraint workflow_automations_condition_logic_check check (condition_logic in ('and', 'or')),
    constraint workflow_automations_run_order_check check (run_order >= 0),
    constraint workflow_automations_max_retries_check check (max_retries >= 0),
    constraint workflow_automations_retry_delay_s_check check (retry_delay_s >= 1),
    constraint workflow_automations_timeout_s_check check (timeout_s >= 1)
);
create index workflow_automations_workflow_template_id_idx
    on workflow.workflow_automations (organization_id, workflow_template_id);
select platform.tenant_table('workflow.workflow_automations');

create table workflow.automation_execution_logs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    automation_id uuid not null,
    workflow_instance_id uuid,
    started_at timestamptz not null,
    completed_at timestamptz,
    status text not null,
    trigger_data jsonb,
    action_result jsonb,
    error_message text,
    retry_count bigint not null,
    execution_time_ms bigint,
    constraint automation_execution_logs_pkey primary key (organization_id, id),
    constraint automation_execution_logs_automation_id_fkey foreign key (organization_id, automation_id)
        references workflow.workflow_automations (organization_id, id),
    constraint automation_execution_logs_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint automation_execution_logs_status_check check (status in ('succeeded', 'failed', 'skipped')),
    constraint automation_execution_logs_trigger_data_check check (jsonb_typeof(trigger_data) in ('object', 'array')),
    constraint automation_execution_logs_action_result_check
        check (jsonb_typeof(action_result) in ('object', 'array')),
    constraint automation_execution_logs_retry_count_check check (retry_count >= 0),
    constraint automation_execution_logs_execution_time_ms_check check (execution_time_ms >= 0)
);
create index automation_execution_logs_workflow_instance_id_idx
    on workflow.automation_execution_logs (organization_id, workflow_instance_id);
create index automation_execution_logs_automation_id_started_at_idx
    on workflow.automation_execution_logs (organization_id, automation_id, started_at);
create index automation_execution_logs_started_at_idx
    on workflow.automation_execution_logs (organization_id, started_at);
select platform.tenant_table('workflow.automation_execution_logs');
