-- Plugins of an organization: what it installed and granted, their secrets and memory, and what their runs brought.

create schema integrations;
comment on schema integrations is 'Plugins that organizations installed, and their runs.';

create table integrations.installations (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    plugin text not null,
    plugin_version text not null,
    -- SHA-256 of the component that ran last, in hexadecimal.
    component_digest text not null,
    status text not null,
    -- A code with words in both languages, and the names that it is about.
    status_reason text,
    status_detail text,
    grants jsonb not null,
    -- What the grants come to with these settings: [{"declared", "host", "required", "granted"}].
    hosts jsonb not null,
    settings jsonb not null,
    -- Names only.
    secrets_set jsonb not null,
    secrets_changed_at timestamptz,
    last_run_at timestamptz,
    last_run_status text,
    -- When a page was stored last: how far the cursor of the next run has come.
    cursor_moved_at timestamptz,
    constraint installations_pkey primary key (organization_id, id),
    constraint installations_status_check check (
        status in ('needs_settings', 'active', 'needs_attention', 'disabled')
    ),
    constraint installations_component_digest_check check (component_digest ~ '^[0-9a-f]{64}$'),
    constraint installations_grants_check check (jsonb_typeof(grants) = 'object'),
    constraint installations_hosts_check check (jsonb_typeof(hosts) = 'array'),
    constraint installations_settings_check check (jsonb_typeof(settings) = 'object'),
    constraint installations_secrets_set_check check (jsonb_typeof(secrets_set) = 'array'),
    constraint installations_last_run_status_check check (
        last_run_status in ('queued', 'running', 'succeeded', 'failed', 'interrupted')
    )
);
create unique index installations_plugin_key on integrations.installations (organization_id, plugin)
    where deleted_at is null;
select platform.tenant_table('integrations.installations');

-- The key under which an organization's secrets are sealed; itself sealed by the key file of the data folder.
create table integrations.data_keys (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    sealed_key bytea not null,
    constraint data_keys_pkey primary key (organization_id, id)
);
-- One that is in use: whoever comes second takes the first one's.
create unique index data_keys_organization_id_key on integrations.data_keys (organization_id)
    where deleted_at is null;
select platform.tenant_table('integrations.data_keys');

create table integrations.secrets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    name text not null,
    ciphertext bytea not null,
    key_id uuid not null,
    set_at timestamptz not null,
    constraint secrets_pkey primary key (organization_id, id),
    constraint secrets_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint secrets_key_id_fkey foreign key (organization_id, key_id)
        references integrations.data_keys (organization_id, id)
);
create unique index secrets_name_key on integrations.secrets (organization_id, installation_id, name)
    where deleted_at is null;
create index secrets_key_id_idx on integrations.secrets (organization_id, key_id);
select platform.tenant_table('integrations.secrets');

-- What a plugin keeps for itself between calls.
create table integrations.plugin_kv (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    key text not null,
    value bytea not null,
    expires_at timestamptz,
    constraint plugin_kv_pkey primary key (organization_id, id),
    constraint plugin_kv_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_kv_key_check check (octet_length(key) between 1 and 256),
    constraint plugin_kv_value_check check (octet_length(value) <= 65536)
);
create unique index plugin_kv_key_key on integrations.plugin_kv (organization_id, installation_id, key);
select platform.tenant_table('integrations.plugin_kv');

-- How far each handler has come; it moves in the transaction that stores the page before it.
create table integrations.cursors (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    handler text not null,
    cursor text,
    -- The earliest moment that the organization wants records from.
    since timestamptz not null,
    constraint cursors_pkey primary key (organization_id, id),
    constraint cursors_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint cursors_cursor_check check (octet_length(cursor) <= 4096)
);
create unique index cursors_handler_key on integrations.cursors (organization_id, installation_id, handler);
select platform.tenant_table('integrations.cursors');

create table integrations.runs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    plugin text not null,
    status text not null,
    requested_by text,
    started_at timestamptz,
    finished_at timestamptz,
    -- How often it was taken up: 2 and more when a process ended in the middle.
    attempts bigint not null,
    pages bigint not null,
    received bigint not null,
    -- Records that the checks refused, and records that a page held twice.
    refused bigint not null,
    repeated bigint not null,
    created bigint not null,
    unchanged bigint not null,
    updated bigint not null,
    matched bigint not null,
    doubtful bigint not null,
    unmatched bigint not null,
    problem_code text,
    problem_detail text,
    constraint runs_pkey primary key (organization_id, id),
    constraint runs_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint runs_status_check check (status in ('queued', 'running', 'succeeded', 'failed', 'interrupted')),
    constraint runs_finished_at_check check ((finished_at is null) = (status in ('queued', 'running')))
);
-- One at a time, whatever two requests at once try.
create unique index runs_installation_id_key on integrations.runs (organization_id, installation_id)
    where status in ('queued', 'running');
create index runs_started_at_idx on integrations.runs (organization_id, installation_id, started_at);
select platform.tenant_table('integrations.runs');

create table integrations.run_logs (
    organization_id uuid not null,
    id uuid not null,
    run_id uuid not null,
    seq bigint not null,
    at timestamptz not null,
    level text not null,
    message text not null,
    constraint run_logs_pkey primary key (organization_id, id),
    constraint run_logs_run_id_fkey foreign key (organization_id, run_id)
        references integrations.runs (organization_id, id),
    constraint run_logs_level_check check (level in ('debug', 'info', 'warn', 'error'))
);
create unique index run_logs_seq_key on integrations.run_logs (organization_id, run_id, seq);
select platform.tenant_table('integrations.run_logs');
