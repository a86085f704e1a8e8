//! T01 to T03: every table is a tenant's or says why not, row security binds everybody, and the one policy is the one.

use super::{Check, catalogue};

pub(super) const CHECKS: &[Check] = &[
    Check::new("T01", ORGANIZATION_ID),
    Check::new("T01", GLOBAL_WITHOUT_REASON),
    Check::new("T01", GLOBAL_BUT_OPEN),
    Check::new("T02", NOT_ENABLED),
    Check::new("T02", NOT_FORCED),
    Check::new("T03", NO_POLICY),
    Check::new("T03", EXTRA_POLICY),
    Check::new("T03", POLICY_SHAPE),
    Check::new("T03", POLICY_TEXT),
    Check::new("T03", DISPATCH_POLICY),
];

const ORGANIZATION_ID: &str = catalogue!(
    "select name, case
        when a.attname is null then 'has no column organization_id and no comment that starts with scope: global'
        when a.atttypid <> 'uuid'::regtype then 'organization_id is not a uuid'
        else 'organization_id may be null'
    end
    from tables t
    left join pg_attribute a on a.attrelid = t.oid and a.attname = 'organization_id' and not a.attisdropped
    where not is_global and (a.attname is null or a.atttypid <> 'uuid'::regtype or not a.attnotnull)"
);

const GLOBAL_WITHOUT_REASON: &str = catalogue!(
    "select name, 'is global and its comment gives no reason after scope: global:'
    from tables
    where is_global and comment !~ '^scope: global: \\S.{9,}'"
);

/// A comment alone must not take a table out of row security: what the application can reach is a tenant's.
const GLOBAL_BUT_OPEN: &str = catalogue!(
    "select name, format('is global and %s has rights on it', role)
    from tables, (values ('barq_app'), ('barq_dispatch')) as roles (role)
    where is_global and (
        has_any_column_privilege(role, tables.oid, 'select, insert, update, references')
        or has_table_privilege(role, tables.oid, 'delete, truncate, trigger')
    )"
);

const NOT_ENABLED: &str = catalogue!(
    "select name, 'row level security is not enabled' from tables where not is_global and not relrowsecurity"
);

const NOT_FORCED: &str = catalogue!(
    "select name, 'row level security does not bind the owner (FORCE)'
    from tables
    where not is_global and not relforcerowsecurity"
);

const NO_POLICY: &str = catalogue!(
    "select name, 'has no policy tenant_isolation'
    from tables
    where not is_global
        and not exists (select from pg_policy p where p.polrelid = tables.oid and p.polname = 'tenant_isolation')"
);

/// Policies add up: one more is one too many, whatever it says. The dispatcher's is the one exception.
const EXTRA_POLICY: &str = catalogue!(
    "select format('%s: %s', name, polname), 'is a second policy'
    from tables
    join pg_policy p on p.polrelid = tables.oid
    where p.polname <> 'tenant_isolation' and not (name = 'platform.jobs' and p.polname = 'dispatch_due')"
);

const POLICY_SHAPE: &str = catalogue!(
    "select format('%s: %s', name, polname), 'is not a permissive policy for all commands to barq_app alone'
    from tables
    join pg_policy p on p.polrelid = tables.oid
    where p.polname = 'tenant_isolation'
        and not (p.polpermissive and p.polcmd = '*' and p.polroles = array[to_regrole('barq_app')::oid])"
);

/// As PostgreSQL prints it back; a look-alike from another schema prints with that schema's name.
const POLICY_TEXT: &str = catalogue!(
    "select format('%s: %s', name, polname), format('%s is %s', part, coalesce(expression, 'absent'))
    from tables
    join pg_policy p on p.polrelid = tables.oid,
    lateral (
        values ('USING', pg_get_expr(polqual, polrelid)), ('WITH CHECK', pg_get_expr(polwithcheck, polrelid))
    ) as parts (part, expression)
    where p.polname = 'tenant_isolation' and expression is distinct from
        '(organization_id = (NULLIF(current_setting(''barq.organization_id''::text, true), ''''::text))::uuid)'"
);

const DISPATCH_POLICY: &str = catalogue!(
    "select format('%s: %s', name, polname), 'shows the dispatcher more than the due jobs, or shows them to others'
    from tables
    join pg_policy p on p.polrelid = tables.oid
    where name = 'platform.jobs' and p.polname = 'dispatch_due' and not (
        p.polpermissive and p.polcmd = 'r' and p.polroles = array[to_regrole('barq_dispatch')::oid]
        and pg_get_expr(p.polqual, p.polrelid)
            = '(state = ANY (ARRAY[''queued''::text, ''running''::text]))'
    )"
);
