-- Calls of plugins as they were, and what they used.

create table integrations.plugin_calls (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    task_id uuid,
    run_id uuid,
    plugin text not null,
    plugin_version text not null,
    component_digest text not null,
    handler text not null,
    attempt bigint not null,
    outcome text not null,
    problem_code text,
    problem_detail text,
    started_at timestamptz not null,
    wall_us bigint not null,
    guest_us bigint not null,
    fuel_used bigint,
    memory_peak_bytes bigint not null,
    host_calls bigint not null,
    http_calls bigint not null,
    records bigint not null,
    output_digest text,
    replayed_at timestamptz,
    replay_equal boolean,
    constraint plugin_calls_pkey primary key (organization_id, id),
    constraint plugin_calls_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_calls_task_id_fkey foreign key (organization_id, task_id)
        references integrations.plugin_tasks (organization_id, id),
    constraint plugin_calls_run_id_fkey foreign key (organization_id, run_id)
        references integrations.runs (organization_id, id),
    constraint plugin_calls_component_digest_check check (component_digest ~ '^[0-9a-f]{64}$'),
    constraint plugin_calls_output_digest_check check (output_digest ~ '^[0-9a-f]{64}$'),
    constraint plugin_calls_outcome_check check (outcome in ('ok', 'failure', 'fault')),
    constraint plugin_calls_attempt_check check (attempt >= 0),
    constraint plugin_calls_wall_us_check check (wall_us >= 0),
    constraint plugin_calls_guest_us_check check (guest_us >= 0),
    constraint plugin_calls_fuel_used_check check (fuel_used >= 0),
    constraint plugin_calls_memory_peak_bytes_check check (memory_peak_bytes >= 0),
    constraint plugin_calls_host_calls_check check (host_calls >= 0),
    constraint plugin_calls_http_calls_check check (http_calls >= 0),
    constraint plugin_calls_records_check check (records >= 0)
);
create index plugin_calls_installation_id_idx on integrations.plugin_calls (organization_id, installation_id, id);
create index plugin_calls_task_id_idx on integrations.plugin_calls (organization_id, task_id);
create index plugin_calls_run_id_idx on integrations.plugin_calls (organization_id, run_id);
select platform.tenant_table('integrations.plugin_calls');

-- What went in, what was asked of the host and answered, what came out: sealed with the organization's key, because the
-- records of customers are in it. The lines are what the plugin wrote for people.
create table integrations.plugin_recordings (
    organization_id uuid not null,
    id uuid not null,
    created_at timestamptz not null,
    call_id uuid not null,
    key_id uuid not null,
    sealed bytea not null,
    constraint plugin_recordings_pkey primary key (organization_id, id),
    constraint plugin_recordings_call_id_fkey foreign key (organization_id, call_id)
        references integrations.plugin_calls (organization_id, id),
    constraint plugin_recordings_key_id_fkey foreign key (organization_id, key_id)
        references integrations.data_keys (organization_id, id)
);
create unique index plugin_recordings_call_id_key on integrations.plugin_recordings (organization_id, call_id);
create index plugin_recordings_key_id_idx on integrations.plugin_recordings (organization_id, key_id);
select platform.tenant_table('integrations.plugin_recordings');

-- A day of the organization's own.
create table integrations.plugin_usage_days (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    used_on date not null,
    calls bigint not null,
    failures bigint not null,
    throttled bigint not null,
    guest_us bigint not null,
    wall_us bigint not null,
    http_calls bigint not null,
    records bigint not null,
    constraint plugin_usage_days_pkey primary key (organization_id, id),
    constraint plugin_usage_days_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_usage_days_calls_check check (calls >= 0),
    constraint plugin_usage_days_failures_check check (failures >= 0),
    constraint plugin_usage_days_throttled_check check (throttled >= 0),
    constraint plugin_usage_days_guest_us_check check (guest_us >= 0),
    constraint plugin_usage_days_wall_us_check check (wall_us >= 0),
    constraint plugin_usage_days_http_calls_check check (http_calls >= 0),
    constraint plugin_usage_days_records_check check (records >= 0)
);
create unique index plugin_usage_days_used_on_key on integrations.plugin_usage_days (organization_id, installation_id, used_on);
select platform.tenant_table('integrations.plugin_usage_days');
