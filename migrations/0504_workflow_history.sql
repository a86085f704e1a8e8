-- What happened to a workflow, step by step and word by word.

create table workflow.workflow_history (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    sequence bigint not null,
    event_type text not null,
    actor uuid,
    actor_type text not null,
    event_at timestamptz not null,
    description text not null,
    previous_state jsonb,
    new_state jsonb,
    field_changes jsonb,
    event_metadata jsonb,
    request_id text,
    previous_checksum text,
    checksum text not null,
    constraint workflow_history_pkey primary key (organization_id, id),
    constraint workflow_history_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_history_sequence_check check (sequence >= 0),
    constraint workflow_history_event_type_check check (
        event_type in (
            'created', 'started', 'step_completed', 'status_changed', 'assigned', 'approved', 'rejected',
            'delegated', 'comment_added', 'attachment_added', 'attachment_removed', 'data_updated',
            'sla_warning', 'sla_breached', 'escalated', 'cancelled', 'completed', 'custom'
        )
    ),
    constraint workflow_history_actor_fkey foreign key (organization_id, actor)
        references platform.members (organization_id, user_id),
    constraint workflow_history_actor_type_check check (actor_type in ('user', 'system', 'automation')),
    constraint workflow_history_previous_state_check check (jsonb_typeof(previous_state) in ('object', 'array')),
    constraint workflow_history_new_state_check check (jsonb_typeof(new_state) in ('object', 'array')),
    constraint workflow_history_field_changes_check check (jsonb_typeof(field_changes) in ('object', 'array')),
    constraint workflow_history_event_metadata_check check (jsonb_typeof(event_metadata) in ('object', 'array'))
);
create index workflow_history_actor_idx on workflow.workflow_history (organization_id, actor);
create unique index workflow_history_sequence_key
    on workflow.workflow_history (organization_id, workflow_instance_id, sequence)
    where deleted_at is null;
select platform.tenant_table('workflow.workflow_history');
-- What happened stays as it was written.
revoke update, delete on workflow.workflow_history from barq_app;

create table workflow.workflow_step_history (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    step_index bigint not null,
    step_name text not null,
    step_kind text,
    started_at timestamptz not null,
    completed_at timestamptz,
    executed_by uuid,
    assigned_to uuid,
    status text not null,
    result text,
    input_data jsonb,
    output_data jsonb,
    error_message text,
    duration_s bigint,
    wait_time_s bigint,
    constraint workflow_step_history_pkey primary key (organization_id, id),
    constraint workflow_step_history_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_step_history_step_index_check check (step_index >= 0),
    constraint workflow_step_history_executed_by_fkey foreign key (organization_id, executed_by)
        references platform.members (organization_id, user_id),
    constraint workflow_step_history_assigned_to_fkey foreign key (organization_id, assigned_to)
        references platform.members (organization_id, user_id),
    constraint workflow_step_history_status_check check (
        status in ('waiting', 'completed', 'skipped', 'rejected', 'returned', 'failed', 'cancelled')
    ),
    constraint workflow_step_history_input_data_check check (jsonb_typeof(input_data) in ('object', 'array')),
    constraint workflow_step_history_output_data_check check (jsonb_typeof(output_data) in ('object', 'array')),
    constraint workflow_step_history_duration_s_check check (duration_s >= 0),
    constraint workflow_step_history_wait_time_s_check check (wait_time_s >= 0)
);
create index workflow_step_history_executed_by_idx on workflow.workflow_step_history (organization_id, executed_by);
create index workflow_step_history_assigned_to_idx on workflow.workflow_step_history (organization_id, assigned_to);
create index workflow_step_history_workflow_instance_id_step_index_idx
    on workflow.workflow_step_history (organization_id, workflow_instance_id, step_index);
create index workflow_step_history_started_at_idx on workflow.workflow_step_history (organization_id, started_at);
select platform.tenant_table('workflow.workflow_step_history');

create table workflow.workflow_comments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    parent_comment_id uuid,
    comment text not null,
    author uuid not null,
    is_internal boolean not null,
    is_edited boolean not null,
    edited_at timestamptz,
    constraint workflow_comments_pkey primary key (organization_id, id),
    constraint workflow_comments_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_comments_parent_comment_id_fkey foreign key (organization_id, parent_comment_id)
        references workflow.workflow_comments (organization_id, id),
    constraint workflow_comments_author_fkey foreign key (organization_id, author)
        references platform.members (organization_id, user_id)
);
create index workflow_comments_workflow_instance_id_idx
    on workflow.workflow_comments (organization_id, workflow_instance_id);
create index workflow_comments_parent_comment_id_idx
    on workflow.workflow_comments (organization_id, parent_comment_id);
create index workflow_comments_author_idx on workflow.workflow_comments (organization_id, author);
select platform.tenant_table('workflow.workflow_comments');

create table workflow.workflow_attachments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    file_name text not null,
    file_id uuid,
    uploaded_by uuid not null,
    attachment_type text,
    description text,
    is_public boolean not null,
    download_count bigint not null,
    is_scanned boolean not null,
    scan_result text,
    scanned_at timestamptz,
    constraint workflow_attachments_pkey primary key (organization_id, id),
    constraint workflow_attachments_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_attachments_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint workflow_attachments_uploaded_by_fkey foreign key (organization_id, uploaded_by)
        references platform.members (organization_id, user_id),
    constraint workflow_attachments_download_count_check check (download_count >= 0),
    constraint workflow_attachments_scan_result_check check (scan_result in ('clean', 'infected', 'failed'))
);
create index workflow_attachments_workflow_instance_id_idx
    on workflow.workflow_attachments (organization_id, workflow_instance_id);
create index workflow_attachments_file_id_idx on workflow.workflow_attachments (organization_id, file_id);
create index workflow_attachments_uploaded_by_idx on workflow.workflow_attachments (organization_id, uploaded_by);
select platform.tenant_table('workflow.workflow_attachments');
