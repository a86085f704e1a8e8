-- Work for plugins: what starts it, what it is, how often it was tried; addresses at which others knock.

-- What of a plugin can be called, when it is due, and whether it fails so often that it is left alone for a while.
create table integrations.plugin_handlers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    handler text not null,
    kind text not null,
    is_enabled boolean not null,
    runs text,
    next_at timestamptz,
    last_at timestamptz,
    last_outcome text,
    circuit text not null,
    failures bigint not null,
    openings bigint not null,
    open_until timestamptz,
    constraint plugin_handlers_pkey primary key (organization_id, id),
    constraint plugin_handlers_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_handlers_kind_check check (
        kind in (
            'pull', 'event', 'schedule', 'job', 'webhook', 'send', 'manual'
        )
    ),
    constraint plugin_handlers_last_outcome_check check (last_outcome in ('ok', 'failure', 'fault')),
    constraint plugin_handlers_circuit_check check (circuit in ('closed', 'open', 'probing')),
    constraint plugin_handlers_failures_check check (failures >= 0),
    constraint plugin_handlers_openings_check check (openings >= 0)
);
create unique index plugin_handlers_handler_key on integrations.plugin_handlers (organization_id, installation_id, handler)
    where deleted_at is null;
-- Who hears an event.
create index plugin_handlers_handler_idx on integrations.plugin_handlers (organization_id, handler) where kind = 'event' and deleted_at is null;
-- What is due by the clock.
create index plugin_handlers_next_at_idx on integrations.plugin_handlers (organization_id, next_at) where deleted_at is null;
select platform.tenant_table('integrations.plugin_handlers');

-- Addresses that an installation has in the outside world. The address itself is computed from the row and a key file.
create table integrations.plugin_endpoints (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    name text not null,
    status text not null,
    rotation bigint not null,
    last_received_at timestamptz,
    constraint plugin_endpoints_pkey primary key (organization_id, id),
    constraint plugin_endpoints_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_endpoints_status_check check (status in ('open', 'closed')),
    constraint plugin_endpoints_rotation_check check (rotation >= 0)
);
create unique index plugin_endpoints_name_key on integrations.plugin_endpoints (organization_id, installation_id, name)
    where deleted_at is null;
select platform.tenant_table('integrations.plugin_endpoints');

-- One piece of work for a plugin. That it is done is written in the transaction that stores what came of it.
create table integrations.plugin_tasks (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    plugin text not null,
    handler text not null,
    task_key text not null,
    status text not null,
    origin text not null,
    endpoint_id uuid,
    subject text,
    attempts bigint not null,
    throttled bigint not null,
    next_at timestamptz,
    finished_at timestamptz,
    problem_code text,
    problem_detail text,
    constraint plugin_tasks_pkey primary key (organization_id, id),
    constraint plugin_tasks_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint plugin_tasks_endpoint_id_fkey foreign key (organization_id, endpoint_id)
        references integrations.plugin_endpoints (organization_id, id),
    constraint plugin_tasks_status_check check (status in ('queued', 'running', 'done', 'dead', 'discarded')),
    constraint plugin_tasks_origin_check check (
        origin in (
            'event', 'schedule', 'job', 'webhook', 'message', 'payout', 'order', 'manual'
        )
    ),
    constraint plugin_tasks_attempts_check check (attempts >= 0),
    constraint plugin_tasks_throttled_check check (throttled >= 0)
);
-- The same message, event or job twice is one piece of work.
create unique index plugin_tasks_task_key_key on integrations.plugin_tasks (organization_id, installation_id, handler, task_key)
    where deleted_at is null;
create index plugin_tasks_status_idx on integrations.plugin_tasks (organization_id, status, id);
create index plugin_tasks_endpoint_id_idx on integrations.plugin_tasks (organization_id, endpoint_id);
select platform.tenant_table('integrations.plugin_tasks');

-- What a piece of work is called with: a request as it came, byte for byte, or an event.
create table integrations.plugin_inputs (
    organization_id uuid not null,
    id uuid not null,
    created_at timestamptz not null,
    task_id uuid not null,
    meta jsonb not null,
    body bytea not null,
    -- What the plugin said to a sender that waits for it.
    reply jsonb,
    constraint plugin_inputs_pkey primary key (organization_id, id),
    constraint plugin_inputs_task_id_fkey foreign key (organization_id, task_id)
        references integrations.plugin_tasks (organization_id, id),
    constraint plugin_inputs_meta_check check (jsonb_typeof(meta) = 'object'),
    constraint plugin_inputs_body_check check (octet_length(body) <= 1048576),
    constraint plugin_inputs_reply_check check (jsonb_typeof(reply) = 'object')
);
create unique index plugin_inputs_task_id_key on integrations.plugin_inputs (organization_id, task_id);
select platform.tenant_table('integrations.plugin_inputs');
