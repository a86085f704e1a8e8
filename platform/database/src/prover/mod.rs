//! Proves from the catalogue that no tenant can reach another's rows. It reads what is there, not what was meant: a
//! policy that a migration forgot, a right that somebody granted by hand, a key without the organization.
//!
//! Each rule is one query that answers a row per fault: the object and what is wrong with it. The numbers are those of
//! the project's list of isolation tests.

mod keys;
mod lint;
mod rights;
mod shapes;
mod tables;

use anyhow::{Context, Result};
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use std::fmt;

pub use lint::lint;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `T01` to `T13`, or `T16` for the connection itself.
    pub rule: &'static str,
    /// What it was found in: `fleet.vehicles`, `fleet.vehicles: vehicles_pkey`, `role barq_app`.
    pub object: String,
    pub detail: String,
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub tenant_tables: i64,
    pub global_tables: i64,
    pub policies: i64,
    pub checks: usize,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.rule, self.object, self.detail)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        write!(
            f,
            "Tenant isolation: {} checks of {} tenant tables, {} global tables and {} policies, {} findings",
            self.checks,
            self.tenant_tables,
            self.global_tables,
            self.policies,
            self.findings.len()
        )
    }
}

/// One question to the catalogue; each row of the answer is a fault.
pub(crate) struct Check {
    pub(crate) rule: &'static str,
    pub(crate) faults: &'static str,
}

impl Check {
    pub(crate) const fn new(rule: &'static str, faults: &'static str) -> Check {
        Check { rule, faults }
    }
}

/// What most checks start from: our relations, without those of extensions, and the tables among them. A table is a
/// tenant's unless its comment says otherwise.
macro_rules! catalogue {
    ($faults:literal) => {
        concat!(
            "with schemas as (
                select oid, nspname, nspacl, nspowner from pg_namespace
                where nspname !~ '^pg_' and nspname <> 'information_schema'
            ), relations as (
                select c.*, s.nspname, format('%I.%I', s.nspname, c.relname) as name,
                    coalesce(obj_description(c.oid, 'pg_class'), '') as comment
                from pg_class c
                join schemas s on s.oid = c.relnamespace
                where not exists (
                    select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
                )
            ), tables as (
                select *, comment ~ '^scope: global' as is_global from relations where relkind in ('r', 'p')
            ), runtime (role) as (
                values ('barq_app'), ('barq_auth'), ('barq_dispatch'), ('barq_backup')
            ) ",
            $faults
        )
    };
}
pub(crate) use catalogue;

const ROLES_ARE_THERE: &str = "
    select 'role ' || wanted.role, 'does not exist: the server was never bootstrapped'
    from unnest(array['barq_owner', 'barq_migrator', 'barq_app', 'barq_auth', 'barq_dispatch', 'barq_backup'])
        as wanted (role)
    where to_regrole(wanted.role) is null";

const COUNTS: &str = catalogue!(
    "select count(*) filter (where not is_global), count(*) filter (where is_global),
        (select count(*) from pg_policy)
    from tables"
);

/// Checks the whole catalogue and the text of the migrations. Any role may ask: the catalogue is open to all.
pub async fn prove(pool: &PgPool) -> Result<Report> {
    #[expect(clippy::disallowed_methods, reason = "the catalogue holds no tenant's rows")]
    let mut connection = pool.acquire().await.context("connecting to prove isolation")?;
    prove_on(&mut connection).await
}

/// [`prove`] on one connection, inside its transaction if it has one.
pub async fn prove_on(connection: &mut PgConnection) -> Result<Report> {
    let mut findings = ask(connection, &Check::new("T09", ROLES_ARE_THERE)).await?;
    let checks = || {
        [tables::CHECKS, keys::CHECKS, rights::CHECKS, shapes::CHECKS]
            .into_iter()
            .flatten()
    };
    // The questions about rights need the roles to be there.
    if findings.is_empty() {
        for check in checks() {
            findings.extend(ask(connection, check).await?);
        }
    }
    for migration in crate::migrations() {
        findings.extend(lint(migration.name, migration.sql));
    }
    let (tenant_tables, global_tables, policies) = sqlx::query_as(COUNTS).fetch_one(&mut *connection).await?;
    // The presence of the roles and the text of the migrations are checks too.
    Ok(Report {
        tenant_tables,
        global_tables,
        policies,
        checks: checks().count() + 2,
        findings,
    })
}

/// Whether the connection is one that row security binds: its role is no superuser, bypasses nothing, owns nothing.
pub async fn connected_role_is_safe(pool: &PgPool) -> Result<Vec<Finding>> {
    #[expect(clippy::disallowed_methods, reason = "the catalogue holds no tenant's rows")]
    let mut connection = pool.acquire().await.context("connecting to look at the role")?;
    ask(&mut connection, &Check::new("T16", rights::CONNECTED_ROLE)).await
}

/// What a server does before it answers anybody: proves isolation and looks at its own role, and says no if either fails.
pub async fn refuse_unless_safe(application: &PgPool) -> Result<Report> {
    let mut report = prove(application).await?;
    report.findings.extend(connected_role_is_safe(application).await?);
    anyhow::ensure!(
        report.is_clean(),
        "this database does not keep organizations apart:\n{report}"
    );
    Ok(report)
}

async fn ask(connection: &mut PgConnection, check: &Check) -> Result<Vec<Finding>> {
    let rows: Vec<(String, String)> = sqlx::query_as(check.faults)
        .fetch_all(connection)
        .await
        .with_context(|| format!("checking {}", check.rule))?;
    Ok(rows
        .into_iter()
        .map(|(object, detail)| Finding {
            rule: check.rule,
            object,
            detail,
        })
        .collect())
}
