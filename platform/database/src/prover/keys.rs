//! T04 to T07: keys that carry the organization, and nothing beside tables that row security does not bind.

use super::{Check, catalogue};

pub(super) const CHECKS: &[Check] = &[
    Check::new("T04", PRIMARY_KEY),
    Check::new("T05", UNIQUE),
    Check::new("T06", UNPAIRED_REFERENCE),
    Check::new("T06", REFERENCE_FROM_GLOBAL),
    Check::new("T06", REFERENCE_THAT_WRITES),
    Check::new("T06", REFERENCE_NOT_CHECKED),
    Check::new("T07", VIEW_OF_ITS_OWNER),
    Check::new("T07", OTHER_RELATION),
    Check::new("T07", WAY_OUT),
    Check::new("T07", RULE),
    Check::new("T07", INHERITANCE),
];

const PRIMARY_KEY: &str = catalogue!(
    "select name, case when i.indexrelid is null then 'has no primary key'
        else 'the primary key does not start with organization_id' end
    from tables t
    left join pg_index i on i.indrelid = t.oid and i.indisprimary
    left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
    where not is_global and a.attname is distinct from 'organization_id'"
);

/// A key over all tenants tells one tenant that another has the value.
const UNIQUE: &str = catalogue!(
    "select format('%s: %s', name, i.indexrelid::regclass), 'is unique over all organizations'
    from tables t
    join pg_index i on i.indrelid = t.oid and i.indisunique
    where not is_global and not exists (
        select from generate_series(0, i.indnkeyatts - 1) as place
        join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[place]
        where a.attname = 'organization_id'
    )"
);

/// Checks of references do not see row security: without the organization a tenant could point at another's row.
const UNPAIRED_REFERENCE: &str = catalogue!(
    "select format('%s: %s', f.name, c.conname), 'does not pair organization_id with organization_id'
    from pg_constraint c
    join tables f on f.oid = c.conrelid
    join tables t on t.oid = c.confrelid
    where c.contype = 'f' and not f.is_global and not t.is_global and not exists (
        select from unnest(c.conkey, c.confkey) as pair (here, there)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = pair.here and a.attname = 'organization_id'
        join pg_attribute b on b.attrelid = c.confrelid and b.attnum = pair.there and b.attname = 'organization_id'
    )"
);

const REFERENCE_FROM_GLOBAL: &str = catalogue!(
    "select format('%s: %s', f.name, c.conname), format('a global table points into %s', t.name)
    from pg_constraint c
    join tables f on f.oid = c.conrelid
    join tables t on t.oid = c.confrelid
    where c.contype = 'f' and f.is_global and not t.is_global"
);

const REFERENCE_THAT_WRITES: &str = catalogue!(
    "select format('%s: %s', f.name, c.conname), 'changes rows by itself: only NO ACTION and RESTRICT are used'
    from pg_constraint c
    join tables f on f.oid = c.conrelid
    where c.contype = 'f' and not f.is_global
        and (c.confdeltype not in ('a', 'r') or c.confupdtype not in ('a', 'r'))"
);

const REFERENCE_NOT_CHECKED: &str = catalogue!(
    "select format('%s: %s', t.name, c.conname), 'was never checked against the rows that were there (NOT VALID)'
    from pg_constraint c
    join tables t on t.oid = c.conrelid
    where c.contype = 'f' and not c.convalidated
    union
    select format('%s: %s', t.name, c.conname), 'is switched off'
    from pg_trigger g
    join pg_constraint c on c.oid = g.tgconstraint
    join tables t on t.oid = g.tgrelid
    where g.tgisinternal and g.tgenabled <> 'O'"
);

/// Such a view reads as its owner, whom no policy lets see anything today and anything tomorrow.
const VIEW_OF_ITS_OWNER: &str = catalogue!(
    "select name, 'is a view without security_invoker'
    from relations
    where relkind = 'v' and not coalesce(
        (select option_value::boolean from pg_options_to_table(reloptions) where option_name = 'security_invoker'),
        false
    )"
);

const OTHER_RELATION: &str = catalogue!(
    "select name, case relkind when 'm' then 'is a materialized view: row security does not reach it'
        else 'is a foreign table: row security does not reach it' end
    from relations
    where relkind in ('m', 'f')"
);

const WAY_OUT: &str = "
    select 'foreign data wrapper ' || fdwname, 'leads out of the database' from pg_foreign_data_wrapper
    union all
    select 'extension ' || extname, 'connects back as somebody else' from pg_extension where extname = 'dblink'
    union all
    select 'language ' || lanname, 'lets functions do what the server may do'
    from pg_language where not lanpltrusted and lanname not in ('internal', 'c')";

const RULE: &str = catalogue!(
    "select format('%s: %s', name, r.rulename), 'is a rule that rewrites statements'
    from relations
    join pg_rewrite r on r.ev_class = relations.oid
    where not (relkind in ('v', 'm') and r.rulename = '_RETURN')"
);

const INHERITANCE: &str = catalogue!(
    "select name, format('inherits from %s', i.inhparent::regclass)
    from relations
    join pg_inherits i on i.inhrelid = relations.oid
    where relkind in ('r', 'f') and not relispartition"
);
