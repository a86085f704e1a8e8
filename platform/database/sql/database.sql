-- Who may do what in one database, before any table exists. Safe to repeat.
do $$
begin
    perform pg_advisory_xact_lock(hashtext('barq.database'));

    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'the database % is encoded in %, not in UTF8', current_database(), current_setting('server_encoding');
    end if;

    execute format('alter database %I owner to barq_owner', current_database());
    execute format('revoke all on database %I from public', current_database());
    execute format('revoke all on database %I from barq_migrator, barq_app, barq_auth, barq_dispatch, barq_backup', current_database());
    execute format('grant connect on database %I to barq_migrator, barq_app, barq_auth, barq_dispatch, barq_backup', current_database());

    if to_regnamespace('public') is not null then
        revoke all on schema public from public;
    end if;

    -- PostgreSQL lets everybody call a new function; ours are called by whom they are granted to.
    alter default privileges for role barq_owner revoke execute on functions from public;
    -- The backup reads whatever migrations will make.
    alter default privileges for role barq_owner grant usage on schemas to barq_backup;
    alter default privileges for role barq_owner grant select on tables to barq_backup;
    alter default privileges for role barq_owner grant select on sequences to barq_backup;
end
$$;
