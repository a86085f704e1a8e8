//! T08 and T09: what functions and roles may do. T16: what the connected role may do.

use super::{Check, catalogue};

pub(super) const CHECKS: &[Check] = &[
    Check::new("T08", SECURITY_DEFINER),
    Check::new("T08", FUNCTION_WITHOUT_PATH),
    Check::new("T08", FUNCTION_FOR_ALL),
    Check::new("T08", LEAKPROOF),
    Check::new("T08", FUNCTION_IN_POLICY),
    Check::new("T09", ROLE_ATTRIBUTES),
    Check::new("T09", OWNS),
    Check::new("T09", NOT_OWNED_BY_OWNER),
    Check::new("T09", MEMBER),
    Check::new("T09", STRANGER),
    Check::new("T09", PARAMETER),
    Check::new("T09", DATABASE),
    Check::new("T09", SCHEMA),
    Check::new("T09", TABLE),
    Check::new("T09", PUBLIC),
    Check::new("T09", MAY_PASS_ON),
    Check::new("T09", PARTITION),
    Check::new("T09", IMMUTABLE_COLUMNS),
    Check::new("T09", APPEND_ONLY),
    Check::new("T09", FOREIGN_ROLE),
    Check::new("T09", SEQUENCE),
    Check::new("T09", GLOBAL_WRITE),
    Check::new("T09", DEFAULT_RIGHTS),
    Check::new("T09", SETTINGS),
];

const SECURITY_DEFINER: &str = catalogue!(
    "select p.oid::regprocedure::text, 'runs with the rights of its owner (SECURITY DEFINER)'
    from pg_proc p
    join schemas s on s.oid = p.pronamespace
    where p.prosecdef and not exists (
        select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )"
);

const FUNCTION_WITHOUT_PATH: &str = catalogue!(
    "select p.oid::regprocedure::text, 'has no fixed search_path: names in it can be slipped in'
    from pg_proc p
    join schemas s on s.oid = p.pronamespace
    where not exists (select from unnest(p.proconfig) as setting where setting ~ '^search_path=')
        and not exists (
            select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )"
);

const FUNCTION_FOR_ALL: &str = catalogue!(
    "select p.oid::regprocedure::text, 'everybody may call it'
    from pg_proc p
    join schemas s on s.oid = p.pronamespace,
    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as acl
    where acl.grantee = 0 and not exists (
        select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )"
);

/// A function that is declared leakproof sees rows before the policy does.
const LEAKPROOF: &str = catalogue!(
    "select p.oid::regprocedure::text, 'is declared LEAKPROOF: it may see rows before the policy does'
    from pg_proc p
    join schemas s on s.oid = p.pronamespace
    where p.proleakproof"
);

const FUNCTION_IN_POLICY: &str = catalogue!(
    "select format('%s: %s', name, pol.polname), format('calls the function %s', d.refobjid::regprocedure)
    from tables
    join pg_policy pol on pol.polrelid = tables.oid
    join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = pol.oid and d.refclassid = 'pg_proc'::regclass"
);

const ROLE_ATTRIBUTES: &str = "
    select 'role ' || r.rolname, fault
    from pg_roles r,
    lateral (values
        (r.rolsuper, 'is a superuser'),
        (r.rolbypassrls and r.rolname <> 'barq_backup', 'bypasses row security'),
        (r.rolcreaterole, 'may make roles'),
        (r.rolcreatedb, 'may make databases'),
        (r.rolreplication, 'may replicate'),
        (r.rolcanlogin and r.rolname = 'barq_owner', 'may log in'),
        (r.rolinherit and r.rolname = 'barq_migrator', 'has the rights of the owner without SET ROLE')
    ) as faults (is_so, fault)
    where is_so
        and r.rolname in ('barq_owner', 'barq_migrator', 'barq_app', 'barq_auth', 'barq_dispatch', 'barq_backup')";

const OWNS: &str = catalogue!(
    "select 'role ' || role, format('owns %s', pg_describe_object(d.classid, d.objid, d.objsubid))
    from runtime
    join pg_shdepend d on d.refclassid = 'pg_authid'::regclass and d.refobjid = to_regrole(role) and d.deptype = 'o'
    where d.dbid in (0, (select oid from pg_database where datname = current_database()))"
);

const NOT_OWNED_BY_OWNER: &str = catalogue!(
    "select object, format('is owned by %s, not by barq_owner', pg_get_userbyid(owner))
    from (
        select name, relowner from relations where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select 'schema ' || nspname, nspowner from schemas where nspname <> 'public'
        union all
        select p.oid::regprocedure::text, p.proowner
        from pg_proc p
        join schemas s on s.oid = p.pronamespace
        where not exists (
            select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )
    ) as owned (object, owner)
    where owner <> to_regrole('barq_owner')"
);

/// Each role stands alone: it is a member of nothing, and nobody is a member of it. Administrators could make themselves
/// one at any time, so they are not counted.
const MEMBER: &str = catalogue!(
    "select 'role ' || m.member::regrole, format('is a member of %s', m.roleid::regrole)
    from pg_auth_members m
    join pg_roles member on member.oid = m.member
    where not (m.member = to_regrole('barq_migrator') and m.roleid = to_regrole('barq_owner'))
        and (
            m.member in (select to_regrole(role) from runtime)
            or m.member in (to_regrole('barq_owner'), to_regrole('barq_migrator'))
            or m.roleid in (select to_regrole(role) from runtime)
            or m.roleid in (to_regrole('barq_owner'), to_regrole('barq_migrator'))
        )
        and not member.rolsuper and not member.rolcreaterole
    union all
    select 'role ' || m.member::regrole, format('is a member of %s and may make roles', m.roleid::regrole)
    from pg_auth_members m
    join pg_roles member on member.oid = m.member
    where m.member in (select to_regrole(role) from runtime) and (member.rolsuper or member.rolcreaterole)"
);

const STRANGER: &str = catalogue!(
    "select name, format('%s, a role of somebody else, has rights on it', acl.grantee::regrole)
    from relations, aclexplode(relacl) as acl
    where acl.grantee <> 0 and acl.grantee <> relowner and acl.grantee not in (select to_regrole(role) from runtime)"
);

/// Settings that only a superuser changes, unless somebody was given the right to.
const PARAMETER: &str = catalogue!(
    "select 'setting ' || p.parname, format('%s may change it', case acl.grantee when 0 then 'everybody' else role end)
    from pg_parameter_acl p, aclexplode(p.paracl) as acl
    join runtime on acl.grantee in (0, to_regrole(role))"
);

const DATABASE: &str = catalogue!(
    "select 'role ' || role, format('may do %s in the database', privilege)
    from (select role from runtime union all select 'public') as roles, unnest(array['CREATE', 'TEMPORARY']) as privilege
    where has_database_privilege(role, current_database(), privilege)
    union all
    select 'database ' || current_database(), 'everybody may connect'
    where has_database_privilege('public', current_database(), 'CONNECT')"
);

const SCHEMA: &str = catalogue!(
    "select 'schema ' || nspname, format('%s may create in it', role)
    from schemas, (select role from runtime union all select 'public') as roles
    where has_schema_privilege(role, schemas.oid, 'CREATE')
    union all
    select 'schema ' || nspname, format('%s may look into it', role)
    from schemas, (values ('barq_app'), ('barq_dispatch')) as roles (role)
    where nspname = 'identity' and has_schema_privilege(role, schemas.oid, 'USAGE')
    union all
    select 'schema ' || nspname, 'barq_auth may look into it'
    from schemas
    where nspname <> 'identity' and has_schema_privilege('barq_auth', schemas.oid, 'USAGE')"
);

const TABLE: &str = catalogue!(
    "select name, format('%s may %s it', role, privilege)
    from tables, runtime, unnest(array['TRUNCATE', 'TRIGGER']) as privilege
    where has_table_privilege(role, tables.oid, privilege)
    union all
    select name, format('%s may point at it (REFERENCES)', role)
    from tables, runtime
    where has_any_column_privilege(role, tables.oid, 'REFERENCES')"
);

const PUBLIC: &str = catalogue!(
    "select name, format('everybody may %s it', acl.privilege_type)
    from relations, aclexplode(relacl) as acl
    where acl.grantee = 0
    union all
    select format('%s.%I', name, a.attname), format('everybody may %s it', acl.privilege_type)
    from relations
    join pg_attribute a on a.attrelid = relations.oid, aclexplode(a.attacl) as acl
    where acl.grantee = 0
    union all
    select 'schema ' || nspname, format('everybody has %s', acl.privilege_type)
    from schemas, aclexplode(nspacl) as acl
    where acl.grantee = 0"
);

const MAY_PASS_ON: &str = catalogue!(
    "select name, format('%s may grant %s to others', acl.grantee::regrole, acl.privilege_type)
    from relations, aclexplode(relacl) as acl
    where acl.is_grantable and acl.grantee <> relowner"
);

/// Named directly, a partition does not ask the policy of its parent.
const PARTITION: &str = catalogue!(
    "select name, format('%s has rights on a partition', role)
    from tables, (values ('barq_app'), ('barq_auth'), ('barq_dispatch')) as roles (role)
    where relispartition and (
        has_any_column_privilege(role, tables.oid, 'select, insert, update, references')
        or has_table_privilege(role, tables.oid, 'delete, truncate, trigger')
    )"
);

const IMMUTABLE_COLUMNS: &str = catalogue!(
    "select format('%s.%I', name, a.attname), 'barq_app may change it'
    from tables
    join pg_attribute a on a.attrelid = tables.oid and a.attname in ('organization_id', 'id') and not a.attisdropped
    where not is_global and has_column_privilege('barq_app', tables.oid, a.attnum, 'UPDATE')"
);

const APPEND_ONLY: &str = catalogue!(
    "select name, 'is for adding only, and barq_app may change or delete'
    from tables
    where name = 'platform.history' and (
        has_any_column_privilege('barq_app', tables.oid, 'UPDATE')
        or has_table_privilege('barq_app', tables.oid, 'DELETE')
    )"
);

/// The application alone works with tenants' rows; the dispatcher sees four columns of one table, the backup reads.
const FOREIGN_ROLE: &str = catalogue!(
    "select name, 'barq_auth has rights on a table of tenants'
    from tables
    where not is_global and (
        has_any_column_privilege('barq_auth', tables.oid, 'select, insert, update')
        or has_table_privilege('barq_auth', tables.oid, 'delete')
    )
    union all
    select format('%s.%I', name, a.attname), 'barq_dispatch may read it'
    from tables
    join pg_attribute a on a.attrelid = tables.oid and a.attnum > 0 and not a.attisdropped
    where has_column_privilege('barq_dispatch', tables.oid, a.attnum, 'select') and not (
        name = 'platform.jobs' and a.attname in ('organization_id', 'run_at', 'state', 'lease_until')
    )
    union all
    select name, format('%s may write it', role)
    from tables, (values ('barq_dispatch'), ('barq_backup')) as roles (role)
    where has_any_column_privilege(role, tables.oid, 'insert, update')
        or has_table_privilege(role, tables.oid, 'delete')"
);

/// A counter that tenants share tells one how busy the others are.
const SEQUENCE: &str = catalogue!(
    "select name, 'is a sequence that tenants share'
    from relations
    where relkind = 'S' and (
        has_sequence_privilege('barq_app', relations.oid, 'usage, select, update')
        or exists (
            select from pg_depend d
            join tables t on t.oid = d.refobjid
            where d.classid = 'pg_class'::regclass and d.objid = relations.oid
                and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and not t.is_global
        )
    )"
);

const GLOBAL_WRITE: &str = catalogue!(
    "select name, 'is global and barq_app may write it'
    from tables
    where is_global and (
        has_any_column_privilege('barq_app', tables.oid, 'insert, update')
        or has_table_privilege('barq_app', tables.oid, 'delete')
    )"
);

const DEFAULT_RIGHTS: &str = "
    select 'default rights of ' || d.defaclrole::regrole,
        format('future objects are open to %s', case acl.grantee when 0 then 'everybody' else acl.grantee::regrole::text end)
    from pg_default_acl d, aclexplode(d.defaclacl) as acl
    where acl.grantee in (0, to_regrole('barq_app'), to_regrole('barq_auth'), to_regrole('barq_dispatch'))";

/// Rights come from the transaction that sets the organization; a setting of the role or the database would stand in
/// for a transaction that forgot to.
const SETTINGS: &str = "
    select case when s.setrole = 0 then 'database ' || current_database() else 'role ' || s.setrole::regrole end,
        format('starts every session with %s', setting)
    from pg_db_role_setting s, unnest(s.setconfig) as setting
    where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        and setting ~* '^(barq\\.|row_security=|session_replication_role=|role=)'";

pub(super) const CONNECTED_ROLE: &str = "
    select 'role ' || current_user, fault
    from pg_roles r,
    lateral (values
        (r.rolsuper, 'the server is connected as a superuser'),
        (r.rolbypassrls, 'the server is connected as a role that bypasses row security'),
        (r.rolname <> session_user, 'the connection has changed its role'),
        (r.rolname <> 'barq_app', 'the server is not connected as barq_app'),
        (pg_has_role(r.oid, 'barq_owner', 'member'), 'the server is connected as a member of the owner'),
        (exists (select from pg_class where relowner = r.oid), 'the server is connected as the owner of a table'),
        (current_setting('session_replication_role') <> 'origin', 'checks of references are switched off')
    ) as faults (is_so, fault)
    where r.rolname = current_user and is_so";
