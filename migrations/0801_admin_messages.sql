-- Webhooks, words of mails, preferences, notifications and announcements.

create table admin.webhooks (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    url text not null,
    description text,
    events jsonb not null,
    status text not null,
    max_attempts bigint not null,
    timeout_s bigint not null,
    failure_count bigint not null,
    last_status_code bigint,
    last_delivered_at timestamptz,
    constraint webhooks_pkey primary key (organization_id, id),
    constraint webhooks_events_check check (jsonb_typeof(events) = 'array'),
    constraint webhooks_status_check check (status in ('active', 'paused', 'disabled')),
    constraint webhooks_max_attempts_check check (max_attempts >= 0),
    constraint webhooks_timeout_s_check check (timeout_s >= 0),
    constraint webhooks_failure_count_check check (failure_count >= 0),
    constraint webhooks_last_status_code_check check (last_status_code >= 0)
);
create index webhooks_name_idx on admin.webhooks (organization_id, name, id);
create index webhooks_status_idx on admin.webhooks (organization_id, status);
select platform.tenant_table('admin.webhooks');

create table admin.webhook_deliveries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    webhook_id uuid not null,
    event text not null,
    payload jsonb not null,
    status text not null,
    attempts bigint not null,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    response_status bigint,
    duration_ms bigint,
    error_message text,
    constraint webhook_deliveries_pkey primary key (organization_id, id),
    constraint webhook_deliveries_webhook_id_fkey foreign key (organization_id, webhook_id)
        references admin.webhooks (organization_id, id),
    constraint webhook_deliveries_payload_check check (jsonb_typeof(payload) in ('object', 'array')),
    constraint webhook_deliveries_status_check check (status in ('pending', 'delivered', 'failed', 'dead')),
    constraint webhook_deliveries_attempts_check check (attempts >= 0),
    constraint webhook_deliveries_response_status_check check (response_status >= 0),
    constraint webhook_deliveries_duration_ms_check check (duration_ms >= 0)
);
-- What waits to be sent.
create index webhook_deliveries_next_attempt_at_idx on admin.webhook_deliveries (organization_id, next_attempt_at)
    where status in ('pending', 'failed');
create index webhook_deliveries_webhook_id_idx on admin.webhook_deliveries (organization_id, webhook_id);
create index webhook_deliveries_status_idx on admin.webhook_deliveries (organization_id, status);
select platform.tenant_table('admin.webhook_deliveries');

create table admin.email_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    key text not null,
    description text,
    category text not null,
    subject_en text not null,
    body_en text not null,
    subject_ar text not null,
    body_ar text not null,
    variables jsonb,
    is_active boolean not null,
    constraint email_templates_pkey primary key (organization_id, id),
    constraint email_templates_category_check check (
        category in (
            'account', 'fleet', 'hr', 'operations', 'support', 'billing', 'other'
        )
    ),
    constraint email_templates_variables_check check (jsonb_typeof(variables) = 'array')
);
create unique index email_templates_key_key on admin.email_templates (organization_id, key) where deleted_at is null;
create index email_templates_key_idx on admin.email_templates (organization_id, key, id);
select platform.tenant_table('admin.email_templates');

-- The row without a member holds the organization's defaults.
create table admin.user_preferences (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    display_name text,
    member uuid,
    language text not null,
    theme text not null,
    time_zone text,
    date_format text not null,
    digits text not null,
    calendar text not null,
    page_size bigint not null,
    dashboard_id uuid,
    notify_in_app boolean not null,
    notify_by_email boolean not null,
    notify_by_sms boolean not null,
    notify_by_push boolean not null,
    quiet_from text,
    quiet_until text,
    constraint user_preferences_pkey primary key (organization_id, id),
    constraint user_preferences_member_fkey foreign key (organization_id, member)
        references platform.members (organization_id, user_id),
    constraint user_preferences_dashboard_id_fkey foreign key (organization_id, dashboard_id)
        references analytics.dashboards (organization_id, id),
    constraint user_preferences_language_check check (language in ('en', 'ar')),
    constraint user_preferences_theme_check check (theme in ('system', 'light', 'dark')),
    constraint user_preferences_date_format_check check (date_format in ('iso', 'day_first', 'month_first')),
    constraint user_preferences_digits_check check (digits in ('latin', 'arabic')),
    constraint user_preferences_calendar_check check (calendar in ('gregorian', 'umalqura')),
    constraint user_preferences_page_size_check check (page_size >= 0)
);
create unique index user_preferences_member_key on admin.user_preferences (organization_id, member)
    where deleted_at is null;
create index user_preferences_dashboard_id_idx on admin.user_preferences (organization_id, dashboard_id);
select platform.tenant_table('admin.user_preferences');

create table admin.notifications (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    title text not null,
    body text,
    recipient uuid not null,
    category text not null,
    severity text not null,
    link text,
    subject_key text,
    status text not null,
    read_at timestamptz,
    constraint notifications_pkey primary key (organization_id, id),
    constraint notifications_recipient_fkey foreign key (organization_id, recipient)
        references platform.members (organization_id, user_id),
    constraint notifications_category_check check (
        category in (
            'system', 'fleet', 'hr', 'operations', 'accommodation', 'support', 'billing', 'report'
        )
    ),
    constraint notifications_severity_check check (severity in ('info', 'warning', 'critical')),
    constraint notifications_status_check check (status in ('unread', 'read', 'archived'))
);
create index notifications_subject_key_idx on admin.notifications (organization_id, subject_key);
create index notifications_recipient_idx on admin.notifications (organization_id, recipient);
create index notifications_status_idx on admin.notifications (organization_id, status);
select platform.tenant_table('admin.notifications');

create table admin.announcements (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    title_en text not null,
    body_en text,
    title_ar text not null,
    body_ar text,
    severity text not null,
    audience text not null,
    status text not null,
    publish_at timestamptz,
    expires_at timestamptz,
    is_pinned boolean not null,
    published_at timestamptz,
    published_by uuid,
    constraint announcements_pkey primary key (organization_id, id),
    constraint announcements_published_by_fkey foreign key (organization_id, published_by)
        references platform.members (organization_id, user_id),
    constraint announcements_severity_check check (severity in ('info', 'warning', 'critical')),
    constraint announcements_audience_check check (audience in ('everybody', 'members', 'couriers')),
    constraint announcements_status_check check (status in ('draft', 'published', 'archived'))
);
create index announcements_published_by_idx on admin.announcements (organization_id, published_by);
create index announcements_status_idx on admin.announcements (organization_id, status);
select platform.tenant_table('admin.announcements');
