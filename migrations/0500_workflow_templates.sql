-- Templates of workflows, what starts them, and the workflows themselves.

create schema if not exists workflow;
comment on schema workflow is 'Templates, workflows, approvals, deadlines, triggers and automations.';

create table workflow.workflow_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    category text,
    status text not null,
    steps jsonb not null,
    estimated_duration_minutes bigint,
    revision bigint not null,
    parent_template_id uuid,
    published_at timestamptz,
    published_by uuid,
    archived_at timestamptz,
    constraint workflow_templates_pkey primary key (organization_id, id),
    constraint workflow_templates_status_check check (status in ('draft', 'published', 'archived')),
    constraint workflow_templates_steps_check check (jsonb_typeof(steps) = 'array'),
    constraint workflow_templates_estimated_duration_minutes_check check (estimated_duration_minutes >= 0),
    constraint workflow_templates_revision_check check (revision >= 1),
    constraint workflow_templates_parent_template_id_fkey foreign key (organization_id, parent_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_templates_published_by_fkey foreign key (organization_id, published_by)
        references platform.members (organization_id, user_id)
);
create index workflow_templates_parent_template_id_idx
    on workflow.workflow_templates (organization_id, parent_template_id);
create index workflow_templates_published_by_idx on workflow.workflow_templates (organization_id, published_by);
select platform.tenant_table('workflow.workflow_templates');

create table workflow.workflow_triggers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    workflow_template_id uuid not null,
    trigger_type text not null,
    event_type text,
    entity_type text,
    is_active boolean not null,
    priority bigint not null,
    field_conditions jsonb,
    conditions jsonb,
    condition_logic text not null,
    schedule_cron text,
    schedule_time_zone text,
    last_triggered_at timestamptz,
    next_trigger_at timestamptz,
    deduplicate boolean not null,
    deduplicate_key text,
    deduplicate_window_s bigint,
    rate_limit bigint,
    rate_limit_window_s bigint not null,
    webhook_url text,
    webhook_secret text,
    constraint workflow_triggers_pkey primary key (organization_id, id),
    constraint workflow_triggers_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_triggers_trigger_type_check check (
        trigger_type in ('manual', 'automatic', 'scheduled', 'event_based', 'api', 'webhook')
    ),
    constraint workflow_triggers_event_type_check check (
        event_type in (
            'record_created', 'record_updated', 'record_deleted', 'workflow_started', 'workflow_completed',
            'workflow_failed', 'approval_requested', 'approval_approved', 'approval_rejected', 'sla_warning',
            'sla_breached', 'custom'
        )
    ),
    constraint workflow_triggers_priority_check check (priority >= 0),
    constraint workflow_triggers_field_conditions_check check (jsonb_typeof(field_conditions) = 'array'),
    constraint workflow_triggers_conditions_check check (jsonb_typeof(conditions) = 'array'),
    constraint workflow_triggers_condition_logic_check check (condition_logic in ('and', 'or')),
    constraint workflow_triggers_deduplicate_window_s_check check (deduplicate_window_s >= 1),
    constraint workflow_triggers_rate_limit_check check (rate_limit >= 1),
    constraint workflow_triggers_rate_limit_window_s_check check (rate_limit_window_s >= 1)
);
create index workflow_triggers_workflow_template_id_idx
    on workflow.workflow_triggers (organization_id, workflow_template_id);
select platform.tenant_table('workflow.workflow_triggers');

create table workflow.workflow_instances (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    instance_number text not null,
    template_id uuid not null,
    subject text,
    status text not null,
    priority text not null,
    current_step bigint not null,
    current_step_name text,
    step_started_at timestamptz,
    step_due_at timestamptz,
    initiated_by uuid,
    assigned_to uuid,
    assigned_role text,
    approval_round bigint not null,
    entity_type text,
    entity_id text,
    data jsonb,
    trigger_id uuid,
    started_at timestamptz,
    completed_at timestamptz,
    cancel_reason text,
    reject_reason text,
    notes text,
    constraint workflow_instances_pkey primary key (organization_id, id),
    constraint workflow_instances_template_id_fkey foreign key (organization_id, template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint workflow_instances_status_check check (
        status in ('draft', 'in_progress', 'pending_approval', 'approved', 'rejected', 'completed', 'cancelled')
    ),
    constraint workflow_instances_priority_check check (priority in ('low', 'medium', 'high', 'critical')),
    constraint workflow_instances_current_step_check check (current_step >= 0),
    constraint workflow_instances_initiated_by_fkey foreign key (organization_id, initiated_by)
        references platform.members (organization_id, user_id),
    constraint workflow_instances_assigned_to_fkey foreign key (organization_id, assigned_to)
        references platform.members (organization_id, user_id),
    constraint workflow_instances_approval_round_check check (approval_round >= 0),
    constraint workflow_instances_data_check check (jsonb_typeof(data) = 'object'),
    constraint workflow_instances_trigger_id_fkey foreign key (organization_id, trigger_id)
        references workflow.workflow_triggers (organization_id, id)
);
create unique index workflow_instances_instance_number_key
    on workflow.workflow_instances (organization_id, instance_number)
    where deleted_at is null;
create index workflow_instances_template_id_idx on workflow.workflow_instances (organization_id, template_id);
create index workflow_instances_initiated_by_idx on workflow.workflow_instances (organization_id, initiated_by);
create index workflow_instances_assigned_to_idx on workflow.workflow_instances (organization_id, assigned_to);
create index workflow_instances_trigger_id_idx on workflow.workflow_instances (organization_id, trigger_id);
create index workflow_instances_status_idx on workflow.workflow_instances (organization_id, status);
create index workflow_instances_entity_type_entity_id_idx
    on workflow.workflow_instances (organization_id, entity_type, entity_id);
create index workflow_instances_started_at_idx on workflow.workflow_instances (organization_id, started_at);
select platform.tenant_table('workflow.workflow_instances');

create table workflow.trigger_executions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    trigger_id uuid not null,
    workflow_instance_id uuid,
    triggered_at timestamptz not null,
    status text not null,
    event_key text,
    deduplicate_key text,
    trigger_data jsonb,
    workflow_created boolean not null,
    error_message text,
    execution_time_ms bigint,
    constraint trigger_executions_pkey primary key (organization_id, id),
    constraint trigger_executions_trigger_id_fkey foreign key (organization_id, trigger_id)
        references workflow.workflow_triggers (organization_id, id),
    constraint trigger_executions_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint trigger_executions_status_check check (status in ('fired', 'duplicate', 'rate_limited', 'failed')),
    constraint trigger_executions_trigger_data_check check (jsonb_typeof(trigger_data) in ('object', 'array')),
    constraint trigger_executions_execution_time_ms_check check (execution_time_ms >= 0)
);
create index trigger_executions_workflow_instance_id_idx
    on workflow.trigger_executions (organization_id, workflow_instance_id);
create unique index trigger_executions_event_key_key
    on workflow.trigger_executions (organization_id, trigger_id, event_key)
    where deleted_at is null;
create index trigger_executions_trigger_id_triggered_at_idx
    on workflow.trigger_executions (organization_id, trigger_id, triggered_at);
create index trigger_executions_triggered_at_idx on workflow.trigger_executions (organization_id, triggered_at);
select platform.tenant_table('workflow.trigger_executions');
