-- Settings as typed values, connections to services outside, records of backups. Secrets have no column here.

create schema admin;
comment on schema admin is 'Settings, connections, webhooks, backups, notifications and the subscription.';

create table admin.system_settings (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    key text not null,
    name text not null,
    description text,
    category text not null,
    setting_type text not null,
    value text,
    default_value text,
    json_value jsonb,
    is_sensitive boolean not null,
    is_editable boolean not null,
    is_public boolean not null,
    allowed_values jsonb,
    min_value text,
    max_value text,
    help_text text,
    example_value text,
    constraint system_settings_pkey primary key (organization_id, id),
    constraint system_settings_category_check check (
        category in (
            'general', 'security', 'email', 'sms', 'payment', 'notifications', 'integration', 'backup',
            'performance', 'compliance', 'operations'
        )
    ),
    constraint system_settings_setting_type_check check (
        setting_type in (
            'string', 'integer', 'float', 'boolean', 'json', 'text'
        )
    ),
    constraint system_settings_json_value_check check (jsonb_typeof(json_value) in ('object', 'array')),
    constraint system_settings_allowed_values_check check (jsonb_typeof(allowed_values) = 'array')
);
create unique index system_settings_key_key on admin.system_settings (organization_id, key) where deleted_at is null;
create index system_settings_key_idx on admin.system_settings (organization_id, key, id);
select platform.tenant_table('admin.system_settings');

create table admin.connections (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    display_name text not null,
    description text,
    connection_type text not null,
    status text not null,
    config jsonb not null,
    base_url text,
    callback_url text,
    oauth_client_id text,
    token_expires_at timestamptz,
    last_checked_at timestamptz,
    last_error text,
    last_error_at timestamptz,
    error_count bigint not null,
    success_count bigint not null,
    rate_limit_per_minute bigint,
    rate_limit_per_hour bigint,
    rate_limit_per_day bigint,
    api_version text,
    constraint connections_pkey primary key (organization_id, id),
    constraint connections_connection_type_check check (
        connection_type in (
            'payment_gateway', 'sms_provider', 'email_provider', 'mapping_service', 'cloud_storage', 'analytics',
            'crm', 'erp', 'webhook', 'oauth_provider', 'custom'
        )
    ),
    constraint connections_status_check check (status in ('inactive', 'testing', 'active', 'error')),
    constraint connections_config_check check (jsonb_typeof(config) = 'object'),
    constraint connections_error_count_check check (error_count >= 0),
    constraint connections_success_count_check check (success_count >= 0),
    constraint connections_rate_limit_per_minute_check check (rate_limit_per_minute >= 0),
    constraint connections_rate_limit_per_hour_check check (rate_limit_per_hour >= 0),
    constraint connections_rate_limit_per_day_check check (rate_limit_per_day >= 0)
);
create unique index connections_name_key on admin.connections (organization_id, name) where deleted_at is null;
create index connections_name_idx on admin.connections (organization_id, name, id);
create index connections_status_idx on admin.connections (organization_id, status);
select platform.tenant_table('admin.connections');

create table admin.backups (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    backup_type text not null,
    status text not null,
    error_message text,
    created_by uuid,
    started_at timestamptz,
    completed_at timestamptz,
    size_bytes bigint,
    compressed_size_bytes bigint,
    compression_percent numeric(18, 2),
    record_count bigint,
    table_count bigint,
    storage_type text not null,
    storage_bucket text,
    storage_key text,
    is_compressed boolean not null,
    compression_algorithm text,
    is_encrypted boolean not null,
    encryption_algorithm text,
    checksum text,
    checksum_algorithm text not null,
    verified_at timestamptz,
    is_pinned boolean not null,
    expires_at timestamptz,
    restoration_count bigint not null,
    last_restored_at timestamptz,
    last_restored_by uuid,
    database_version text,
    application_version text,
    environment text,
    schedule_name text,
    is_scheduled boolean not null,
    tags text,
    constraint backups_pkey primary key (organization_id, id),
    constraint backups_created_by_fkey foreign key (organization_id, created_by)
        references platform.members (organization_id, user_id),
    constraint backups_last_restored_by_fkey foreign key (organization_id, last_restored_by)
        references platform.members (organization_id, user_id),
    constraint backups_backup_type_check check (backup_type in ('full', 'incremental', 'differential')),
    constraint backups_status_check check (
        status in (
            'pending', 'in_progress', 'completed', 'verified', 'failed', 'corrupted'
        )
    ),
    constraint backups_size_bytes_check check (size_bytes >= 0),
    constraint backups_compressed_size_bytes_check check (compressed_size_bytes >= 0),
    constraint backups_record_count_check check (record_count >= 0),
    constraint backups_table_count_check check (table_count >= 0),
    constraint backups_storage_type_check check (storage_type in ('local', 's3', 'gcs', 'azure', 'ftp', 'sftp')),
    constraint backups_checksum_algorithm_check check (checksum_algorithm in ('sha256', 'sha512')),
    constraint backups_restoration_count_check check (restoration_count >= 0)
);
create index backups_expires_at_idx on admin.backups (organization_id, expires_at);
create index backups_created_by_idx on admin.backups (organization_id, created_by);
create index backups_last_restored_by_idx on admin.backups (organization_id, last_restored_by);
create index backups_status_idx on admin.backups (organization_id, status);
select platform.tenant_table('admin.backups');
