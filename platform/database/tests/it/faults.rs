//! What can be wrong with a schema, one fault at a time. Each is planted in a migrated database and rolled back.

pub struct Fault {
    /// The rule that has to find it.
    pub rule: &'static str,
    pub name: &'static str,
    /// Part of what the finding has to say.
    pub finding: &'static str,
    pub sql: &'static str,
}

const fn fault(rule: &'static str, name: &'static str, finding: &'static str, sql: &'static str) -> Fault {
    Fault {
        rule,
        name,
        finding,
        sql,
    }
}

/// A tenant table of its own for faults that a table of ours would refuse (it holds references, or a state).
macro_rules! with_table {
    ($sql:literal) => {
        concat!(
            "set local role barq_owner;
             create table platform.planted (
                organization_id uuid not null, id uuid not null, label text, litres numeric(10, 2), details jsonb,
                primary key (organization_id, id));
             select platform.tenant_table('platform.planted');
             reset role; ",
            $sql
        )
    };
}

pub const FAULTS: &[Fault] = &[
    fault("T01", "table without organization", "planted", "create table platform.planted (id uuid primary key)"),
    fault(
        "T01",
        "organization may be null",
        "planted: organization_id may be null",
        with_table!("alter table platform.planted drop constraint planted_pkey, alter organization_id drop not null"),
    ),
    fault(
        "T01",
        "organization is a text",
        "planted: organization_id is not a uuid",
        "create table platform.planted (organization_id text not null, id uuid, primary key (organization_id, id))",
    ),
    fault("T01", "global without a reason", "planted", with_table!("comment on table platform.planted is 'scope: global'")),
    fault(
        "T01",
        "tenant table declared global",
        "planted: is global and barq_app has rights",
        with_table!("comment on table platform.planted is 'scope: global: everybody may see the planted rows'"),
    ),
    fault("T02", "row security switched off", "members", "alter table platform.members disable row level security"),
    fault("T02", "owner not bound", "members", "alter table platform.members no force row level security"),
    fault(
        "T02",
        "partition without row security",
        "planted_2026",
        "create table platform.planted (organization_id uuid not null, id uuid not null, year int,
            primary key (organization_id, id, year)) partition by list (year);
         select platform.tenant_table('platform.planted');
         create table platform.planted_2026 partition of platform.planted for values in (2026)",
    ),
    fault("T03", "no policy", "members", "drop policy tenant_isolation on platform.members"),
    fault(
        "T03",
        "second policy that lets all through",
        "members: open",
        "create policy open on platform.members for select to barq_app using (true)",
    ),
    fault(
        "T03",
        "second policy for the dispatcher",
        "files: dispatch_due",
        "create policy dispatch_due on platform.files for select to barq_dispatch using (true)",
    ),
    fault("T03", "policy for everybody", "members: tenant_isolation: is not a permissive", "alter policy tenant_isolation on platform.members to public"),
    fault(
        "T03",
        "policy for the backup too",
        "members: tenant_isolation: is not a permissive",
        "alter policy tenant_isolation on platform.members to barq_app, barq_backup",
    ),
    fault(
        "T03",
        "policy for reading only",
        "planted: tenant_isolation: is not a permissive policy for all commands",
        with_table!(
            "drop policy tenant_isolation on platform.planted;
             create policy tenant_isolation on platform.planted for select to barq_app
                using (organization_id = nullif(current_setting('barq.organization_id', true), '')::uuid)"
        ),
    ),
    fault(
        "T03",
        "restrictive policy",
        "planted: tenant_isolation: is not a permissive policy for all commands",
        with_table!(
            "drop policy tenant_isolation on platform.planted;
             create policy tenant_isolation on platform.planted as restrictive to barq_app
                using (organization_id = nullif(current_setting('barq.organization_id', true), '')::uuid)
                with check (organization_id = nullif(current_setting('barq.organization_id', true), '')::uuid)"
        ),
    ),
    fault(
        "T03",
        "policy that is true",
        "members",
        "alter policy tenant_isolation on platform.members using (true)",
    ),
    fault(
        "T03",
        "policy with a way around",
        "members",
        "alter policy tenant_isolation on platform.members using
            (organization_id = nullif(current_setting('barq.organization_id', true), '')::uuid or status = 'removed')",
    ),
    fault(
        "T03",
        "policy that reads another setting",
        "members",
        "alter policy tenant_isolation on platform.members using
            (organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)",
    ),
    fault(
        "T03",
        "policy with a sub-select",
        "members",
        "alter policy tenant_isolation on platform.members using
            (organization_id = (select nullif(current_setting('barq.organization_id', true), '')::uuid))",
    ),
    fault(
        "T03",
        "policy that does not check writes",
        "members: tenant_isolation: WITH CHECK",
        "alter policy tenant_isolation on platform.members with check (true)",
    ),
    fault(
        "T03",
        "dispatcher sees every job",
        "jobs: dispatch_due",
        "alter policy dispatch_due on platform.jobs using (true)",
    ),
    fault(
        "T03",
        "the application gets the dispatcher's policy",
        "jobs: dispatch_due",
        "alter policy dispatch_due on platform.jobs to barq_dispatch, barq_app",
    ),
    fault(
        "T04",
        "primary key without organization",
        "planted",
        with_table!("alter table platform.planted drop constraint planted_pkey, add primary key (id)"),
    ),
    fault(
        "T04",
        "primary key the wrong way round",
        "planted",
        with_table!("alter table platform.planted drop constraint planted_pkey, add primary key (id, organization_id)"),
    ),
    fault("T04", "no primary key", "planted", with_table!("alter table platform.planted drop constraint planted_pkey")),
    fault("T05", "unique over all tenants", "planted_label_key", with_table!("alter table platform.planted add unique (label)")),
    fault(
        "T05",
        "unique index over all tenants",
        "by_label",
        with_table!("create unique index by_label on platform.planted (lower(label)) where label is not null"),
    ),
    fault(
        "T05",
        "organization only carried along",
        "by_label",
        with_table!("create unique index by_label on platform.planted (label) include (organization_id)"),
    ),
    fault(
        "T06",
        "reference without organization",
        "planted",
        with_table!(
            "alter table platform.planted add constraint one unique (id), add parent_id uuid references platform.planted (id)"
        ),
    ),
    fault(
        "T06",
        "reference with the organization crosswise",
        "planted",
        with_table!("alter table platform.planted add foreign key (id, organization_id) references platform.planted"),
    ),
    fault(
        "T06",
        "reference from a global table",
        "directory",
        "alter table identity.directory add foreign key (organization_id) references platform.organizations",
    ),
    fault(
        "T06",
        "reference that sets null",
        "planted",
        with_table!(
            "alter table platform.planted add parent_id uuid, add foreign key (organization_id, parent_id)
                references platform.planted on delete set null (parent_id)"
        ),
    ),
    fault(
        "T06",
        "reference that deletes",
        "planted",
        with_table!(
            "alter table platform.planted add parent_id uuid, add foreign key (organization_id, parent_id)
                references platform.planted on delete cascade"
        ),
    ),
    fault("T07", "view of its owner", "planted", "create view platform.planted as select * from platform.members"),
    fault(
        "T07",
        "view that lost its option",
        "planted",
        "create view platform.planted with (security_invoker = true) as select * from platform.members;
         alter view platform.planted set (security_invoker = false)",
    ),
    fault(
        "T07",
        "materialized view",
        "planted",
        "create materialized view platform.planted as select * from platform.members",
    ),
    fault(
        "T07",
        "rule",
        "members: planted",
        "create rule planted as on delete to platform.members do instead nothing",
    ),
    fault(
        "T07",
        "foreign table",
        "planted",
        "create foreign data wrapper w; create server s foreign data wrapper w;
         create foreign table platform.planted (organization_id uuid) server s",
    ),
    fault("T07", "inheritance", "planted", "create table platform.planted () inherits (platform.members)"),
    fault(
        "T08",
        "function with its owner's rights",
        "planted(): runs with the rights of its owner",
        "create function platform.planted() returns bigint language sql security definer set search_path = pg_catalog
            as 'select count(*) from platform.members'",
    ),
    fault(
        "T08",
        "function without a search path",
        "planted(): has no fixed search_path",
        "create function platform.planted() returns int language sql as 'select 1'",
    ),
    fault(
        "T08",
        "function for everybody",
        "tenant_table",
        "grant execute on function platform.tenant_table(regclass) to public",
    ),
    fault(
        "T08",
        "function that claims to be leakproof",
        "LEAKPROOF",
        "create function platform.planted(text) returns boolean language sql leakproof set search_path = pg_catalog
            as 'select true'",
    ),
    fault(
        "T08",
        "policy that calls a function",
        "members: tenant_isolation: calls the function",
        "create function platform.planted(uuid) returns boolean language sql set search_path = pg_catalog as 'select true';
         alter policy tenant_isolation on platform.members using (platform.planted(organization_id))",
    ),
    fault("T09", "application is a superuser", "barq_app", "alter role barq_app superuser"),
    fault("T09", "application bypasses row security", "barq_app", "alter role barq_app bypassrls"),
    fault("T09", "application may make roles", "barq_app", "alter role barq_app createrole"),
    fault("T09", "dispatcher may replicate", "barq_dispatch", "alter role barq_dispatch replication"),
    fault("T09", "owner may log in", "barq_owner", "alter role barq_owner login"),
    fault("T09", "migrator inherits the owner", "barq_migrator", "alter role barq_migrator inherit"),
    fault("T09", "application owns a table", "barq_app", with_table!("alter table platform.planted owner to barq_app")),
    fault("T09", "superuser owns a table", "members: is owned by postgres", "alter table platform.members owner to current_user"),
    fault("T09", "application is the owner", "barq_app: is a member of barq_owner", "grant barq_owner to barq_app"),
    fault("T09", "sign-in reads everything", "barq_auth", "grant pg_read_all_data to barq_auth"),
    fault(
        "T09",
        "temporary tables",
        "barq_app",
        "do $$ begin execute format('grant temporary on database %I to barq_app', current_database()); end $$",
    ),
    fault("T09", "application may make tables", "schema platform", "grant create on schema platform to barq_app"),
    fault("T09", "everybody may make tables", "schema public", "grant create on schema public to public"),
    fault("T09", "application looks into identity", "schema identity", "grant usage on schema identity to barq_app"),
    fault("T09", "sign-in looks into platform", "schema platform", "grant usage on schema platform to barq_auth"),
    fault("T09", "truncate", "members", "grant truncate on platform.members to barq_app"),
    fault("T09", "trigger right", "members", "grant trigger on platform.members to barq_app"),
    fault("T09", "references right", "members", "grant references (user_id) on platform.members to barq_app"),
    fault("T09", "everybody reads a table", "members", "grant select on platform.members to public"),
    fault("T09", "everybody reads a column", "members.email", "grant select (email) on platform.members to public"),
    fault(
        "T09",
        "application passes rights on",
        "members",
        "grant select on platform.members to barq_app with grant option",
    ),
    fault(
        "T09",
        "rights on a partition",
        "barq_app has rights on a partition",
        "create table platform.planted (organization_id uuid not null, id uuid not null, year int,
            primary key (organization_id, id, year)) partition by list (year);
         select platform.tenant_table('platform.planted');
         create table platform.planted_2026 partition of platform.planted for values in (2026);
         select platform.tenant_table('platform.planted_2026')",
    ),
    fault("T09", "row moves to another tenant", "members.organization_id", "grant update on platform.members to barq_app"),
    fault("T09", "id changes", "files.id", "grant update (id) on platform.files to barq_app"),
    fault("T09", "history is rewritten", "history", "grant update (changes) on platform.history to barq_app"),
    fault("T09", "sign-in reads members", "members", "grant select on platform.members to barq_auth"),
    fault(
        "T09",
        "dispatcher reads the work",
        "jobs.payload",
        "grant select (payload) on platform.jobs to barq_dispatch",
    ),
    fault("T09", "backup writes", "files", "grant insert on platform.files to barq_backup"),
    fault(
        "T09",
        "shared numbers",
        "planted_number_seq",
        with_table!("alter table platform.planted add number bigint generated always as identity"),
    ),
    fault(
        "T09",
        "shared sequence",
        "planted: is a sequence that tenants share",
        "create sequence platform.planted; grant usage on sequence platform.planted to barq_app",
    ),
    fault("T09", "application writes a global table", "users", "grant insert on identity.users to barq_app"),
    fault(
        "T09",
        "future tables are open",
        "default rights",
        "alter default privileges for role barq_owner grant select on tables to barq_app",
    ),
    fault(
        "T09",
        "an organization for everybody",
        "barq_app",
        "alter role barq_app set barq.organization_id = '00000000-0000-0000-0000-000000000001'",
    ),
    fault("T09", "references not checked", "session_replication_role", "alter role barq_app set session_replication_role = replica"),
    fault(
        "T10",
        "index without organization",
        "by_label",
        with_table!("create index by_label on platform.planted (label)"),
    ),
    fault("T10", "hash index", "by_hash: is a hash index", with_table!("create index by_hash on platform.planted using hash (organization_id)")),
    fault("T10", "GIN index", "by_details: is a gin index", with_table!("create index by_details on platform.planted using gin (details)")),
    fault(
        "T10",
        "index on a numeric",
        "by_litres: comparing litres is not leakproof",
        with_table!("create index by_litres on platform.planted (organization_id, litres)"),
    ),
    fault(
        "T10",
        "index over an expression",
        "by_upper: is over an expression",
        with_table!("create index by_upper on platform.planted (organization_id, upper(label))"),
    ),
    fault("T11", "publication of a table", "publication planted", "create publication planted for table platform.members"),
    fault("T11", "publication of everything", "publication planted", "create publication planted for all tables"),
    fault(
        "T11",
        "publication of a schema",
        "publication planted",
        "create publication planted for tables in schema platform",
    ),
    fault(
        "T13",
        "trigger",
        "members: planted",
        "create trigger planted before update on platform.members for each row
            execute function suppress_redundant_updates_trigger()",
    ),
    fault(
        "T13",
        "event trigger",
        "planted",
        "create function platform.planted() returns event_trigger language plpgsql set search_path = pg_catalog
            as 'begin end';
         create event trigger planted on ddl_command_end execute function platform.planted()",
    ),
    fault(
        "T13",
        "exclude",
        "one: is an EXCLUDE constraint",
        with_table!("alter table platform.planted add constraint one exclude using btree (organization_id with =, label with =)"),
    ),
    fault("T13", "enum", "planted", "create type platform.planted as enum ('a', 'b')"),
    fault(
        "T13",
        "function that changes a setting",
        "planted",
        "create function platform.planted() returns text language sql set search_path = pg_catalog
            as $$ select set_config('barq.organization_id', '', true) $$",
    ),
    fault(
        "T13",
        "function that notifies",
        "planted",
        "create function platform.planted() returns void language plpgsql set search_path = pg_catalog
            as 'begin notify changed; end'",
    ),
    fault(
        "T06",
        "reference that was never checked",
        "planted: one: was never checked",
        with_table!(
            "alter table platform.planted add constraint one foreign key (organization_id)
                references platform.organizations not valid"
        ),
    ),
    fault("T06", "references switched off", "members_organization_id_fkey: is switched off",
        "alter table platform.members disable trigger all"),
    fault("T07", "foreign data wrapper", "foreign data wrapper planted", "create foreign data wrapper planted"),
    fault("T09", "everybody may connect", "everybody may connect",
        "do $$ begin execute format('grant connect on database %I to public', current_database()); end $$"),
    fault("T09", "everybody looks into a schema", "schema platform: everybody has USAGE", "grant usage on schema platform to public"),
    fault("T09", "a stranger reads credentials", "credentials: planted, a role of somebody else",
        "create role planted login; grant select on identity.credentials to planted"),
    fault("T09", "a stranger is the application", "role planted: is a member of barq_app",
        "create role planted login; grant barq_app to planted"),
    fault("T09", "a stranger becomes the owner", "role planted: is a member of barq_owner",
        "create role planted login; grant barq_owner to planted"),
    fault("T09", "sign-in is the application", "role barq_auth: is a member of barq_app", "grant barq_app to barq_auth"),
    fault("T09", "application switches checks off", "setting session_replication_role: barq_app may change it",
        "grant set on parameter session_replication_role to barq_app"),
    fault("T09", "application owns a schema", "role barq_app: owns schema planted", "create schema planted authorization barq_app"),
    fault("T09", "superuser owns a schema", "schema planted: is owned by postgres", "create schema planted"),
    fault("T09", "superuser owns a function", "tenant_table(regclass): is owned by postgres",
        "alter function platform.tenant_table(regclass) owner to current_user"),
    fault("T09", "an organization for the whole database", "starts every session with barq.organization_id",
        "do $$ begin execute format('alter database %I set barq.organization_id = ''x''', current_database()); end $$"),
];
