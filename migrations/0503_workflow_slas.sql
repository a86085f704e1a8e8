-- Deadlines of workflows and their clocks.

create table workflow.workflow_slas (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    workflow_template_id uuid,
    priority text not null,
    is_active boolean not null,
    response_minutes bigint,
    resolution_minutes bigint not null,
    warning_minutes bigint,
    use_business_hours boolean not null,
    business_hours_start text,
    business_hours_end text,
    business_days jsonb,
    escalate_on_warning boolean not null,
    escalate_on_breach boolean not null,
    escalation_chain jsonb,
    constraint workflow_slas_pkey primary key (organization_id, id),
    constraint workflow_slas_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_slas_priority_check check (priority in ('low', 'medium', 'high', 'critical')),
    constraint workflow_slas_response_minutes_check check (response_minutes >= 1),
    constraint workflow_slas_resolution_minutes_check check (resolution_minutes >= 1),
    constraint workflow_slas_warning_minutes_check check (warning_minutes >= 1),
    constraint workflow_slas_business_days_check check (jsonb_typeof(business_days) = 'array'),
    constraint workflow_slas_escalation_chain_check check (jsonb_typeof(escalation_chain) = 'array')
);
create index workflow_slas_workflow_template_id_idx on workflow.workflow_slas (organization_id, workflow_template_id);
select platform.tenant_table('workflow.workflow_slas');

create table workflow.workflow_sla_instances (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    sla_id uuid not null,
    status text not null,
    started_at timestamptz not null,
    response_due_at timestamptz,
    warning_at timestamptz,
    resolution_due_at timestamptz not null,
    first_response_at timestamptz,
    resolved_at timestamptz,
    breached_at timestamptz,
    paused_at timestamptz,
    paused_minutes bigint not null,
    response_time_minutes bigint,
    resolution_time_minutes bigint,
    breach_time_minutes bigint,
    is_warning_sent boolean not null,
    is_escalation_sent boolean not null,
    escalation_level bigint not null,
    notes text,
    constraint workflow_sla_instances_pkey primary key (organization_id, id),
    constraint workflow_sla_instances_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_sla_instances_sla_id_fkey foreign key (organization_id, sla_id)
        references workflow.workflow_slas (organization_id, id),
    constraint workflow_sla_instances_status_check check (
        status in ('active', 'warning', 'breached', 'paused', 'completed')
    ),
    constraint workflow_sla_instances_paused_minutes_check check (paused_minutes >= 0),
    constraint workflow_sla_instances_response_time_minutes_check check (response_time_minutes >= 0),
    constraint workflow_sla_instances_resolution_time_minutes_check check (resolution_time_minutes >= 0),
    constraint workflow_sla_instances_breach_time_minutes_check check (breach_time_minutes >= 0),
    constraint workflow_sla_instances_escalation_level_check check (escalation_level >= 0)
);
create index workflow_sla_instances_workflow_instance_id_idx
    on workflow.workflow_sla_instances (organization_id, workflow_instance_id);
create index workflow_sla_instances_sla_id_idx on workflow.workflow_sla_instances (organization_id, sla_id);
create index workflow_sla_instances_status_resolution_due_at_idx
    on workflow.workflow_sla_instances (organization_id, status, resolution_due_at);
select platform.tenant_table('workflow.workflow_sla_instances');

create table workflow.workflow_sla_events (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    sla_instance_id uuid not null,
    event_type text not null,
    event_at timestamptz not null,
    triggered_by uuid,
    details jsonb,
    notes text,
    constraint workflow_sla_events_pkey primary key (organization_id, id),
    constraint workflow_sla_events_sla_instance_id_fkey foreign key (organization_id, sla_instance_id)
        references workflow.workflow_sla_instances (organization_id, id),
    constraint workflow_sla_events_event_type_check check (
        event_type in ('started', 'warning', 'breached', 'paused', 'resumed', 'escalated', 'completed')
    ),
    constraint workflow_sla_events_triggered_by_fkey foreign key (organization_id, triggered_by)
        references platform.members (organization_id, user_id),
    constraint workflow_sla_events_details_check check (jsonb_typeof(details) in ('object', 'array'))
);
create index workflow_sla_events_sla_instance_id_idx
    on workflow.workflow_sla_events (organization_id, sla_instance_id);
create index workflow_sla_events_triggered_by_idx on workflow.workflow_sla_events (organization_id, triggered_by);
select platform.tenant_table('workflow.workflow_sla_events');
-- What happened stays as it was written.
revoke update, delete on workflow.workflow_sla_events from barq_app;
