-- What people are told, and how they want to be told.

create table workflow.workflow_notification_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    notification_type text not null,
    is_active boolean not null,
    subject_template text,
    body_template text not null,
    sms_template text,
    available_variables jsonb,
    channels jsonb,
    priority text not null,
    send_immediately boolean not null,
    batch_delay_minutes bigint not null,
    constraint workflow_notification_templates_pkey primary key (organization_id, id),
    constraint workflow_notification_templates_notification_type_check check (
        notification_type in (
            'workflow_started', 'workflow_completed', 'workflow_failed', 'approval_required',
            'approval_approved', 'approval_rejected', 'approval_delegated', 'task_assigned', 'sla_warning',
            'sla_breached', 'comment_mentioned', 'comment_replied', 'status_changed', 'escalated', 'custom'
        )
    ),
    constraint workflow_notification_templates_available_variables_check
        check (jsonb_typeof(available_variables) = 'array'),
    constraint workflow_notification_templates_channels_check check (jsonb_typeof(channels) = 'array'),
    constraint workflow_notification_templates_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint workflow_notification_templates_batch_delay_minutes_check check (batch_delay_minutes >= 0)
);
create unique index workflow_notification_templates_name_key
    on workflow.workflow_notification_templates (organization_id, name)
    where deleted_at is null;
select platform.tenant_table('workflow.workflow_notification_templates');

create table workflow.workflow_notifications (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid,
    template_id uuid,
    notification_type text not null,
    recipient uuid not null,
    recipient_email text,
    recipient_phone text,
    subject text,
    body text not null,
    sms_content text,
    channel text not null,
    status text not null,
    priority text not null,
    scheduled_at timestamptz,
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    expires_at timestamptz,
    delivery_attempts bigint not null,
    last_attempt_at timestamptz,
    error_message text,
    clicked_at timestamptz,
    action_taken text,
    notification_metadata jsonb,
    constraint workflow_notifications_pkey primary key (organization_id, id),
    constraint workflow_notifications_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint workflow_notifications_template_id_fkey foreign key (organization_id, template_id)
        references workflow.workflow_notification_templates (organization_id, id),
    constraint workflow_notifications_notification_type_check check (
        notification_type in (
            'workflow_started', 'workflow_completed', 'workflow_failed', 'approval_required',
            'approval_approved', 'approval_rejected', 'approval_delegated', 'task_assigned', 'sla_warning',
            'sla_breached', 'comment_mentioned', 'comment_replied', 'status_changed', 'escalated', 'custom'
        )
    ),
    constraint workflow_notifications_recipient_fkey foreign key (organization_id, recipient)
        references platform.members (organization_id, user_id),
    constraint workflow_notifications_channel_check check (channel in ('in_app', 'email', 'sms', 'push', 'webhook')),
    constraint workflow_notifications_status_check check (
        status in ('pending', 'sent', 'delivered', 'read', 'failed', 'cancelled')
    ),
    constraint workflow_notifications_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint workflow_notifications_delivery_attempts_check check (delivery_attempts >= 0),
    constraint workflow_notifications_notification_metadata_check
        check (jsonb_typeof(notification_metadata) in ('object', 'array'))
);
create index workflow_notifications_workflow_instance_id_idx
    on workflow.workflow_notifications (organization_id, workflow_instance_id);
create index workflow_notifications_template_id_idx on workflow.workflow_notifications (organization_id, template_id);
create index workflow_notifications_recipient_status_idx
    on workflow.workflow_notifications (organization_id, recipient, status);
select platform.tenant_table('workflow.workflow_notifications');

create table workflow.workflow_notification_preferences (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    member uuid not null,
    notification_type text not null,
    enable_in_app boolean not null,
    enable_email boolean not null,
    enable_sms boolean not null,
    enable_push boolean not null,
    do_not_disturb_from text,
    do_not_disturb_until text,
    batch_notifications boolean not null,
    batch_interval_minutes bigint not null,
    max_per_day bigint,
    digest_mode boolean not null,
    constraint workflow_notification_preferences_pkey primary key (organization_id, id),
    constraint workflow_notification_preferences_member_fkey foreign key (organization_id, member)
        references platform.members (organization_id, user_id),
    constraint workflow_notification_preferences_notification_type_check check (
        notification_type in (
            'workflow_started', 'workflow_completed', 'workflow_failed', 'approval_required',
            'approval_approved', 'approval_rejected', 'approval_delegated', 'task_assigned', 'sla_warning',
            'sla_breached', 'comment_mentioned', 'comment_replied', 'status_changed', 'escalated', 'custom'
        )
    ),
    constraint workflow_notification_preferences_batch_interval_minutes_check check (batch_interval_minutes >= 1),
    constraint workflow_notification_preferences_max_per_day_check check (max_per_day >= 1)
);
create index workflow_notification_preferences_member_idx
    on workflow.workflow_notification_preferences (organization_id, member);
select platform.tenant_table('workflow.workflow_notification_preferences');
