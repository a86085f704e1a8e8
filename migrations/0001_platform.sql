-- What every module shares: organizations, members, history, outbox, jobs, files, imports.

create schema if not exists platform;
comment on schema platform is 'Tables that every module shares.';

comment on table platform.migrations is
    'scope: global: which migrations this database has seen; written by the migrator alone';

-- Puts a table under tenant isolation: row security that also binds the owner, the one policy, and what the application
-- may do. Call it after CREATE TABLE, and again after ALTER TABLE ... ADD COLUMN so that the new column may be updated.
create function platform.tenant_table(tenant_table regclass) returns void
    language plpgsql
    security invoker
    set search_path = pg_catalog
as $$
declare
    schema_name name;
    updatable text;
begin
    select relnamespace::regnamespace into strict schema_name from pg_class where oid = tenant_table;
    select string_agg(quote_ident(attname), ', ' order by attnum)
    into updatable
    from pg_attribute
    where attrelid = tenant_table
        and attnum > 0
        and not attisdropped
        and attgenerated = ''
        and attname not in ('organization_id', 'id');

    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    if not exists (select from pg_policy where polrelid = tenant_table and polname = 'tenant_isolation') then
        execute format(
            'create policy tenant_isolation on %s as permissive for all to barq_app '
            'using (organization_id = nullif(current_setting(''barq.organization_id'', true), '''')::uuid) '
            'with check (organization_id = nullif(current_setting(''barq.organization_id'', true), '''')::uuid)',
            tenant_table
        );
    end if;

    execute format('revoke all on %s from public', tenant_table);
    execute format('revoke all on %s from barq_app', tenant_table);
    execute format('grant usage on schema %I to barq_app', schema_name);
    execute format('grant select, insert, delete on %s to barq_app', tenant_table);
    if updatable is not null then
        execute format('grant update (%s) on %s to barq_app', updatable, tenant_table);
    end if;
end
$$;
comment on function platform.tenant_table(regclass) is
    'Puts a table under tenant isolation; every CREATE TABLE of a tenant table is followed by a call.';
revoke execute on function platform.tenant_table(regclass) from public;

-- The row is the tenant: its key is the organization alone.
create table platform.organizations (
    organization_id uuid not null,
    name text not null,
    slug text,
    status text not null default 'trial',
    currency text not null default 'SAR',
    time_zone text not null default 'Asia/Riyadh',
    locale text not null default 'en',
    calendar text not null default 'gregorian',
    week_start text not null default 'sunday',
    -- Raised by every change of roles or permissions: compiled snapshots of an older version are dropped.
    policy_version bigint not null default 1,
    trial_ends_at timestamptz,
    plan text not null default 'free',
    max_users bigint,
    max_couriers bigint,
    max_vehicles bigint,
    settings jsonb not null default '{}',
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint organizations_pkey primary key (organization_id),
    constraint organizations_name_check check (char_length(name) between 1 and 200),
    constraint organizations_slug_check check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    constraint organizations_status_check check (status in ('trial', 'active', 'suspended', 'cancelled')),
    constraint organizations_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint organizations_locale_check check (locale in ('en', 'ar')),
    constraint organizations_calendar_check check (calendar in ('gregorian', 'umalqura')),
    constraint organizations_week_start_check check (week_start in ('saturday', 'sunday', 'monday')),
    constraint organizations_plan_check check (plan in ('free', 'basic', 'professional', 'enterprise')),
    constraint organizations_settings_check check (jsonb_typeof(settings) = 'object')
);
select platform.tenant_table('platform.organizations');
-- A company is cancelled, never deleted.
revoke delete on platform.organizations from barq_app;

create table platform.members (
    organization_id uuid not null,
    user_id uuid not null,
    membership text not null,
    -- Copies for display; the truth is identity.users, which the application cannot read.
    full_name text not null,
    email text not null,
    status text not null default 'active',
    -- Raised by every change of what is cached about the member: the next request reads it anew.
    access_version bigint not null default 1,
    -- Raised when everything handed out so far must die: tokens of an older version are refused.
    session_version bigint not null default 1,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint members_pkey primary key (organization_id, user_id),
    constraint members_organization_id_fkey foreign key (organization_id)
        references platform.organizations (organization_id),
    constraint members_membership_check check (membership in ('owner', 'admin', 'manager', 'viewer')),
    constraint members_full_name_check check (char_length(full_name) between 1 and 200),
    constraint members_email_check check (char_length(email) between 3 and 254),
    constraint members_status_check check (status in ('invited', 'active', 'suspended', 'removed'))
);
create unique index members_email_key on platform.members (organization_id, email) where status <> 'removed';
select platform.tenant_table('platform.members');

-- Built-in roles and roles of the organization's own, by name.
create table platform.member_roles (
    organization_id uuid not null,
    user_id uuid not null,
    role text not null,
    constraint member_roles_pkey primary key (organization_id, user_id, role),
    constraint member_roles_user_id_fkey foreign key (organization_id, user_id)
        references platform.members (organization_id, user_id),
    constraint member_roles_role_check check (role ~ '^[a-z][a-z0-9_]{0,62}$')
);
select platform.tenant_table('platform.member_roles');

-- Sessions that were ended while access tokens of theirs may still be young enough to be taken for good.
create table platform.ended_sessions (
    organization_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    ended_at timestamptz not null,
    constraint ended_sessions_pkey primary key (organization_id, id)
);
create index ended_sessions_user_id_idx on platform.ended_sessions (organization_id, user_id, ended_at);
select platform.tenant_table('platform.ended_sessions');

create table platform.history (
    organization_id uuid not null,
    id uuid not null,
    resource text not null,
    record_id uuid not null,
    verb text not null,
    actor_id uuid,
    actor_name text,
    on_behalf_of uuid,
    request_id text,
    at timestamptz not null,
    -- {"field": {"before": …, "after": …}}
    changes jsonb not null default '{}',
    constraint history_pkey primary key (organization_id, id),
    constraint history_changes_check check (jsonb_typeof(changes) = 'object')
);
create index history_record_idx on platform.history (organization_id, resource, record_id, id);
select platform.tenant_table('platform.history');
-- What happened stays as it was written.
revoke update, delete on platform.history from barq_app;

create table platform.outbox (
    organization_id uuid not null,
    id uuid not null,
    -- '<module>.<resource>.<verb, past tense>', as in 'fleet.vehicles.created'
    name text not null,
    subject uuid not null,
    data jsonb not null default '{}',
    occurred_at timestamptz not null,
    delivered_at timestamptz,
    constraint outbox_pkey primary key (organization_id, id),
    constraint outbox_name_check check (name ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}$')
);
create index outbox_undelivered_idx on platform.outbox (organization_id, id) where delivered_at is null;
select platform.tenant_table('platform.outbox');

create table platform.idempotency_keys (
    organization_id uuid not null,
    key text not null,
    user_id uuid not null,
    request_hash text not null,
    -- Null until the request has been answered.
    status integer,
    response bytea,
    etag text,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (organization_id, key),
    constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);
create index idempotency_keys_created_at_idx on platform.idempotency_keys (organization_id, created_at);
select platform.tenant_table('platform.idempotency_keys');

create table platform.jobs (
    organization_id uuid not null,
    id uuid not null,
    kind text not null,
    dedupe_key text,
    payload jsonb not null default '{}',
    state text not null default 'queued',
    run_at timestamptz not null,
    attempt integer not null default 0,
    max_attempts integer not null default 5,
    lease_until timestamptz,
    -- Drawn anew by each claim: an effect of a claim that was lost in the meantime is refused.
    token uuid,
    last_error text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint jobs_pkey primary key (organization_id, id),
    constraint jobs_state_check check (state in ('queued', 'running', 'done', 'dead')),
    constraint jobs_attempt_check check (attempt >= 0 and max_attempts >= 1),
    constraint jobs_lease_check check (state <> 'running' or (lease_until is not null and token is not null))
);
create unique index jobs_dedupe_key_key on platform.jobs (organization_id, dedupe_key)
    where state in ('queued', 'running');
create index jobs_due_idx on platform.jobs (organization_id, run_at) include (state, lease_until)
    where state in ('queued', 'running');
select platform.tenant_table('platform.jobs');
-- The one look across tenants: a dispatcher learns which organization has work, and nothing about the work.
create policy dispatch_due on platform.jobs as permissive for select to barq_dispatch
    using (state in ('queued', 'running'));
grant usage on schema platform to barq_dispatch;
grant select (organization_id, run_at, state, lease_until) on platform.jobs to barq_dispatch;

create table platform.files (
    organization_id uuid not null,
    id uuid not null,
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    -- In hexadecimal.
    sha256 text not null,
    created_by uuid,
    created_at timestamptz not null,
    constraint files_pkey primary key (organization_id, id),
    constraint files_name_check check (char_length(name) between 1 and 255),
    constraint files_size_bytes_check check (size_bytes >= 0),
    constraint files_sha256_check check (sha256 ~ '^[0-9a-f]{64}$')
);
select platform.tenant_table('platform.files');

create table platform.imports (
    organization_id uuid not null,
    id uuid not null,
    resource text not null,
    file_name text not null,
    content bytea not null,
    encoding text not null default 'utf-8',
    columns jsonb not null,
    mapping jsonb not null default '{}',
    -- A hash of the header line: files with the same headers get the mapping that was used last.
    header_key text not null,
    state text not null default 'uploaded',
    result jsonb,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint imports_pkey primary key (organization_id, id),
    constraint imports_state_check check (state in ('uploaded', 'checked', 'committed')),
    constraint imports_encoding_check check (encoding in ('utf-8', 'windows-1256'))
);
create index imports_resource_idx on platform.imports (organization_id, resource, id);
select platform.tenant_table('platform.imports');

create table platform.import_mappings (
    organization_id uuid not null,
    resource text not null,
    header_key text not null,
    mapping jsonb not null,
    updated_at timestamptz not null,
    constraint import_mappings_pkey primary key (organization_id, resource, header_key)
);
select platform.tenant_table('platform.import_mappings');

-- Numbers per organization (a shared sequence would tell one company how busy the others are).
create table platform.counters (
    organization_id uuid not null,
    kind text not null,
    day date not null,
    last bigint not null default 0,
    constraint counters_pkey primary key (organization_id, kind, day)
);
select platform.tenant_table('platform.counters');
