-- The roles of a server. Safe to repeat. Needs a superuser, or a user who may create roles.
-- Roles are shared by all databases of a server: whoever makes them waits for whoever is making them.
do $$
declare
    is_superuser constant boolean := (select rolsuper from pg_roles where rolname = current_user);
    wanted record;
begin
    perform pg_advisory_xact_lock(hashtext('barq.roles'));

    for wanted in
        select *
        from (values
            ('barq_owner', false, false),
            ('barq_migrator', true, false),
            ('barq_app', true, false),
            ('barq_auth', true, false),
            ('barq_dispatch', true, false),
            ('barq_backup', true, true)
        ) as roles (name, may_log_in, bypasses)
    loop
        if not exists (select from pg_roles where rolname = wanted.name) then
            execute format('create role %I', wanted.name);
        end if;
        -- The owner inherits what PostgreSQL gives the owner of a database, such as the schema public.
        execute format(
            'alter role %I %s %s nocreatedb nocreaterole',
            wanted.name,
            case when wanted.may_log_in then 'login' else 'nologin' end,
            case when wanted.name = 'barq_owner' then 'inherit' else 'noinherit' end
        );
        -- Even saying "no" to these takes a superuser; a new role has none of them.
        if is_superuser then
            execute format(
                'alter role %I nosuperuser noreplication %s',
                wanted.name,
                case when wanted.bypasses then 'bypassrls' else 'nobypassrls' end
            );
        elsif wanted.bypasses and not (select rolbypassrls from pg_roles where rolname = wanted.name) then
            raise warning 'Role % reads no tenant rows until a superuser runs: ALTER ROLE % BYPASSRLS',
                wanted.name, wanted.name;
        end if;
    end loop;

    -- The only way to the owner: the migrator, and it has to say so with SET ROLE.
    if not pg_has_role('barq_migrator', 'barq_owner', 'member') then
        grant barq_owner to barq_migrator;
    end if;
    if not is_superuser and not pg_has_role('barq_owner', 'usage') then
        execute format('grant barq_owner to %I', current_user);
    end if;

    -- Every name in our SQL says its schema: nothing can be slipped in front of it.
    alter role barq_migrator set search_path = pg_catalog;
    alter role barq_app set search_path = pg_catalog;
    alter role barq_auth set search_path = pg_catalog;
    alter role barq_dispatch set search_path = pg_catalog;

    -- A request is answered in seconds or not at all; a transaction that waits for its client holds nobody up.
    alter role barq_app set statement_timeout = '5s';
    alter role barq_app set lock_timeout = '1s';
    alter role barq_app set idle_in_transaction_session_timeout = '10s';
    alter role barq_auth set statement_timeout = '5s';
    alter role barq_auth set lock_timeout = '1s';
    alter role barq_auth set idle_in_transaction_session_timeout = '10s';
    alter role barq_dispatch set statement_timeout = '5s';
    alter role barq_dispatch set lock_timeout = '1s';
    alter role barq_dispatch set idle_in_transaction_session_timeout = '10s';
    alter role barq_dispatch set default_transaction_read_only = on;
    -- A migration may work for long but may not queue everybody else behind its wait for a lock.
    alter role barq_migrator set lock_timeout = '10s';
    alter role barq_backup set default_transaction_read_only = on;
end
$$;
