-- What is done by the clock, and what became of it; what else the outbox has to remember about an event that was refused.

create table platform.schedules (
    organization_id uuid not null,
    -- '<module>.<what>', as the module declares it.
    name text not null,
    is_enabled boolean not null default true,
    next_run_at timestamptz not null,
    -- When it last began and ended well.
    last_run_at timestamptz,
    -- Runs in a row that failed, and why the last of them did.
    failures bigint not null default 0,
    last_error text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint schedules_pkey primary key (organization_id, name),
    constraint schedules_organization_id_fkey foreign key (organization_id)
        references platform.organizations (organization_id),
    constraint schedules_name_check check (name ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'),
    constraint schedules_failures_check check (failures >= 0)
);
create index schedules_next_run_at_idx on platform.schedules (organization_id, next_run_at);
select platform.tenant_table('platform.schedules');

-- A refused event waits: nobody tries it before, and later events of the same row wait behind it.
alter table platform.outbox
    add column attempts bigint not null default 0,
    add column next_try_at timestamptz,
    add column last_error text,
    add constraint outbox_attempts_check check (attempts >= 0);
select platform.tenant_table('platform.outbox');
create index outbox_waiting_idx on platform.outbox (organization_id, subject, id) where delivered_at is null;
