-- The library of procedures, settings by key, and who hears of what.

create table operations.operations_documents (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    doc_number text not null,
    doc_name text not null,
    category text not null,
    status text not null,
    -- As printed on the paper; `version` counts changes of the row.
    document_version text not null,
    file_id uuid,
    content text,
    description text,
    is_public boolean not null,
    department text,
    tags text,
    effective_on date,
    expires_on date,
    approved_by uuid,
    approved_at timestamptz,
    view_count bigint not null,
    download_count bigint not null,
    constraint operations_documents_pkey primary key (organization_id, id),
    constraint operations_documents_category_check check (
        category in (
            'procedures', 'policies', 'training', 'reports', 'templates', 'guidelines', 'other'
        )
    ),
    constraint operations_documents_status_check check (status in ('draft', 'approved', 'expired', 'archived')),
    constraint operations_documents_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint operations_documents_expires_on_check check (expires_on >= effective_on),
    constraint operations_documents_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint operations_documents_view_count_check check (view_count >= 0),
    constraint operations_documents_download_count_check check (download_count >= 0)
);
create unique index operations_documents_doc_number_key
    on operations.operations_documents (organization_id, doc_number) where deleted_at is null;
create index operations_documents_file_id_idx on operations.operations_documents (organization_id, file_id);
create index operations_documents_approved_by_idx on operations.operations_documents (organization_id, approved_by);
select platform.tenant_table('operations.operations_documents');

create table operations.operations_settings (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    setting_key text not null,
    setting_name text not null,
    setting_group text not null,
    description text,
    value_type text not null,
    string_value text,
    number_value numeric(18, 4),
    boolean_value boolean,
    json_value jsonb,
    min_value numeric(18, 4),
    max_value numeric(18, 4),
    allowed_values jsonb,
    is_active boolean not null,
    is_system boolean not null,
    is_readonly boolean not null,
    constraint operations_settings_pkey primary key (organization_id, id),
    constraint operations_settings_value_type_check check (value_type in ('string', 'number', 'boolean', 'json')),
    constraint operations_settings_json_value_check check (jsonb_typeof(json_value) in ('object', 'array')),
    constraint operations_settings_allowed_values_check check (jsonb_typeof(allowed_values) = 'array')
);
create unique index operations_settings_setting_key_key
    on operations.operations_settings (organization_id, setting_key) where deleted_at is null;
select platform.tenant_table('operations.operations_settings');

create table operations.notification_settings (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    setting_code text not null,
    setting_name text not null,
    event_type text not null,
    notify_email boolean not null,
    notify_sms boolean not null,
    notify_push boolean not null,
    notify_in_app boolean not null,
    notify_webhook boolean not null,
    notify_roles jsonb,
    notify_members jsonb,
    webhook_url text,
    cooldown_minutes bigint not null,
    batch_delay_minutes bigint not null,
    email_template text,
    sms_template text,
    is_active boolean not null,
    constraint notification_settings_pkey primary key (organization_id, id),
    constraint notification_settings_notify_roles_check check (jsonb_typeof(notify_roles) in ('object', 'array')),
    constraint notification_settings_notify_members_check check (jsonb_typeof(notify_members) in ('object', 'array')),
    constraint notification_settings_cooldown_minutes_check check (cooldown_minutes between 0 and 1440),
    constraint notification_settings_batch_delay_minutes_check check (batch_delay_minutes between 0 and 60)
);
create unique index notification_settings_setting_code_key
    on operations.notification_settings (organization_id, setting_code) where deleted_at is null;
select platform.tenant_table('operations.notification_settings');
