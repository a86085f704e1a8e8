//! T10, T11 and T13: indexes that row security lets be used, and nothing that a distributed server does not have.

use super::{Check, catalogue};

pub(super) const CHECKS: &[Check] = &[
    Check::new("T10", INDEX_WITHOUT_ORGANIZATION),
    Check::new("T10", INDEX_METHOD),
    Check::new("T10", INDEX_NOT_LEAKPROOF),
    Check::new("T10", INDEX_EXPRESSION),
    Check::new("T11", PUBLICATION),
    Check::new("T13", TRIGGER),
    Check::new("T13", EVENT_TRIGGER),
    Check::new("T13", EXCLUDE),
    Check::new("T13", ENUM),
    Check::new("T13", FUNCTION_TEXT),
];

const INDEX_WITHOUT_ORGANIZATION: &str = catalogue!(
    "select format('%s: %s', name, i.indexrelid::regclass), 'does not start with organization_id'
    from tables t
    join pg_index i on i.indrelid = t.oid
    left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
    where not is_global and a.attname is distinct from 'organization_id'"
);

const INDEX_METHOD: &str = catalogue!(
    "select format('%s: %s', name, i.indexrelid::regclass), format('is a %s index: row security does not let it be used', am.amname)
    from tables t
    join pg_index i on i.indrelid = t.oid
    join pg_class c on c.oid = i.indexrelid
    join pg_am am on am.oid = c.relam
    where not is_global and am.amname <> 'btree'"
);

/// An operator that is not leakproof runs after the policy, on every row of the tenant: the index is not used for it.
const INDEX_NOT_LEAKPROOF: &str = catalogue!(
    ", keys as materialized (
        select t.name, i.indexrelid, a.attname, i.indclass[place] as class
        from tables t
        join pg_index i on i.indrelid = t.oid
        cross join lateral generate_series(0, i.indnkeyatts - 1) as place
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[place]
        where not is_global
    ), classes as materialized (
        select oc.oid, oc.opcfamily, oc.opcintype
        from pg_opclass oc
        where oc.oid in (select class from keys)
    ), leaking as materialized (
        select distinct c.oid
        from classes c
        join pg_amop ao on ao.amopfamily = c.opcfamily and ao.amoplefttype = c.opcintype
            and ao.amoprighttype = c.opcintype and ao.amopstrategy in (1, 3)
        join pg_operator o on o.oid = ao.amopopr
        join pg_proc p on p.oid = o.oprcode
        where not p.proleakproof
    )
    select format('%s: %s', name, indexrelid::regclass),
        format('comparing %s is not leakproof: row security does not let the index be used', attname)
    from keys
    where class in (select oid from leaking)"
);

/// A unique index over an expression still keeps values apart; one made for finding rows does not find them.
const INDEX_EXPRESSION: &str = catalogue!(
    "select format('%s: %s', name, i.indexrelid::regclass),
        'is over an expression: make it a column, or row security does not let the index be used'
    from tables t
    join pg_index i on i.indrelid = t.oid
    where not is_global and i.indexprs is not null and not i.indisunique"
);

const PUBLICATION: &str = catalogue!(
    "select 'publication ' || p.pubname, format('sends out rows of %s', p.schemaname || '.' || p.tablename)
    from pg_publication_tables p
    join tables t on t.nspname = p.schemaname and t.relname = p.tablename
    where not t.is_global"
);

const TRIGGER: &str = catalogue!(
    "select format('%s: %s', name, t.tgname), 'is a trigger'
    from relations
    join pg_trigger t on t.tgrelid = relations.oid
    where not t.tgisinternal"
);

const EVENT_TRIGGER: &str = "select 'event trigger ' || evtname, 'is an event trigger' from pg_event_trigger";

const EXCLUDE: &str = catalogue!(
    "select format('%s: %s', name, c.conname), 'is an EXCLUDE constraint'
    from tables
    join pg_constraint c on c.conrelid = tables.oid
    where c.contype = 'x'"
);

const ENUM: &str = catalogue!(
    "select format('%I.%I', s.nspname, t.typname), 'is an enum type: use text and a check'
    from pg_type t
    join schemas s on s.oid = t.typnamespace
    where t.typtype = 'e'"
);

const FUNCTION_TEXT: &str = catalogue!(
    "select p.oid::regprocedure::text, format('uses %s', lower(found[1]))
    from pg_proc p
    join schemas s on s.oid = p.pronamespace,
    regexp_matches(p.prosrc, '\\m(set_config|pg_notify|notify|listen|pg_(?:try_)?advisory_lock(?:_shared)?)\\M', 'i') as found
    where not exists (
        select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )"
);
