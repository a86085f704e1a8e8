//! Declarations against tables, words and statements: what is declared is stored, named in both languages, and bound to an
//! organization.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use barq_tests::Harness;
use platform_database::{Role, lint};
use platform_resource::{Field, Kind, Resource};
use sqlx::{Connection, Executor, PgConnection, Row, SqlSafeStr};

use crate::{check, report};

const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped";
const CONSTRAINTS: &str = "SELECT conname::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = $1::text::regclass";
const INDEXES: &str = "SELECT c.relname::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::text::regclass AND i.indisunique";
const GUARDED: &str = "SELECT c.relrowsecurity AND c.relforcerowsecurity
    AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation')
    FROM pg_class c WHERE c.oid = $1::text::regclass";

/// Columns of every resource's table: type, and whether it must have a value.
const STANDARD: [(&str, &str, bool); 6] = [
    ("organization_id", "uuid", true),
    ("id", "uuid", true),
    ("version", "bigint", true),
    ("created_at", "timestamp with time zone", true),
    ("updated_at", "timestamp with time zone", true),
    ("deleted_at", "timestamp with time zone", false),
];

/// The engine's limit in lines.
const ENGINE_LINES: usize = 3_000;

#[tokio::test]
async fn declarations_tables_words_and_statements_agree() -> Result<()> {
    let harness = Harness::start().await?;
    let registry = &harness.app.platform.registry;
    let mut admin = harness.admin().await?;
    let mut findings = Vec::new();
    let (mut resources, mut fields) = (0, 0);
    for resource in registry.resources() {
        let mut table = Table::read(&mut admin, resource).await?;
        table.compare(resource);
        findings.append(&mut table.findings);
        resources += 1;
        fields += resource.fields.len();
    }
    let words = words::words(&harness, &mut findings);
    let statements = statements(&harness, &mut findings).await?;
    let texts = portable(&mut findings)?;
    let codes = words::codes(&harness, &mut findings)?;
    ensure!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
    check("T13", true, &format!("{texts} migrations and statements, 0 findings"))?;
    check(
        "T14",
        true,
        &format!(
            "{statements} of {statements} statements bind the organization or are the sign-in's own; 3 of 3 loose ones found"
        ),
    )?;
    report(&format!(
        "Schema: {resources} resources, {fields} fields, {words} words in each language, {codes} problem codes, \
         {statements} statements prepared: 0 findings"
    ))?;

    // The comparison can fail: one table is compared with another one's declaration.
    let mut other = registry.resources().collect::<Vec<_>>();
    other.rotate_left(1);
    for (resource, wrong) in registry.resources().zip(other) {
        let mut table = Table::read(&mut admin, wrong).await?;
        table.compare(resource);
        ensure!(
            !table.findings.is_empty(),
            "{} passes for {}",
            wrong.full_name(),
            resource.full_name()
        );
    }
    Ok(())
}

/// A table as the database describes it.
struct Table {
    name: String,
    columns: BTreeMap<String, (String, bool)>,
    /// By name: kind and definition.
    constraints: BTreeMap<String, (String, String)>,
    unique: BTreeMap<String, String>,
    guarded: bool,
    findings: Vec<String>,
}

impl Table {
    async fn read(admin: &mut PgConnection, resource: &Resource) -> Result<Self> {
        let name = resource.full_name();
        let columns = sqlx::query(COLUMNS).bind(&name).fetch_all(&mut *admin).await?;
        let constraints = sqlx::query(CONSTRAINTS).bind(&name).fetch_all(&mut *admin).await?;
        let unique = sqlx::query(INDEXES).bind(&name).fetch_all(&mut *admin).await?;
        let guarded = sqlx::query_scalar(GUARDED).bind(&name).fetch_one(&mut *admin).await?;
        let columns = columns
            .iter()
            .map(|row| (row.get(0), (row.get(1), row.get(2))))
            .collect();
        let constraints = constraints
            .iter()
            .map(|row| (row.get(0), (row.get(1), row.get(2))))
            .collect();
        let unique = unique.iter().map(|row| (row.get(0), row.get(1))).collect();
        Ok(Self {
            name,
            columns,
            constraints,
            unique,
            guarded,
            findings: Vec::new(),
        })
    }

    fn find(&mut self, is_wrong: bool, what: &str) {
        if is_wrong {
            self.findings.push(format!("{}: {what}", self.name));
        }
    }

    fn compare(&mut self, resource: &Resource) {
        self.find(
            !self.guarded,
            "has no forced row security with the policy tenant_isolation",
        );
        for (name, kind, required) in STANDARD {
            let fits = self
                .columns
                .get(name)
                .is_some_and(|column| *column == (kind.to_owned(), required));
            self.find(!fits, &format!("{name} is not {kind} with the right not null"));
        }
        let undeclared: Vec<String> = self
            .columns
            .keys()
            .filter(|name| resource.field(name).is_none() && !STANDARD.iter().any(|(standard, ..)| standard == name))
            .cloned()
            .collect();
        self.find(
            !undeclared.is_empty(),
            &format!("columns that nobody declares: {undeclared:?}"),
        );
        for field in resource.fields {
            self.compare_field(resource, field);
        }
        // Every constraint's name leads to a field: a broken one is a refusal of that field and no failure of ours.
        let own = |name: &str, suffix: &str| {
            let column = name
                .strip_prefix(resource.name)
                .and_then(|rest| rest.strip_prefix('_')?.strip_suffix(suffix));
            column.is_some_and(|column| resource.field(column).is_some())
        };
        let mut lost: Vec<String> = Vec::new();
        for (name, (kind, _)) in &self.constraints {
            let suffix = match kind.as_str() {
                "c" => "_check",
                "f" => "_fkey",
                _ => continue,
            };
            if !own(name, suffix) {
                lost.push(name.clone());
            }
        }
        let keys = self
            .unique
            .keys()
            .filter(|name| !name.ends_with("_pkey") && !own(name, "_key"));
        lost.extend(keys.cloned());
        self.find(
            !lost.is_empty(),
            &format!("constraints whose names lead to no field: {lost:?}"),
        );
    }

    fn compare_field(&mut self, resource: &Resource, field: &Field) {
        let Some((kind, required)) = self.columns.get(field.name).cloned() else {
            return self.find(true, &format!("has no column {}", field.name));
        };
        let name = field.name;
        self.find(
            kind != field.kind.column_type(),
            &format!("{name} is {kind}, not {}", field.kind.column_type()),
        );
        self.find(
            required != field.required,
            &format!("{name}: not null is {required}, required is {}", field.required),
        );
        match field.kind {
            Kind::Choice { values } => {
                let check = self.constraints.get(&format!("{}_{name}_check", resource.name));
                let stored: BTreeSet<&str> = check.map(|(_, definition)| quoted(definition)).unwrap_or_default();
                let declared: BTreeSet<&str> = values.iter().copied().collect();
                let differs = stored != declared;
                let both = format!("{name} is checked against {stored:?}, declared are {declared:?}");
                self.find(differs, &both);
            }
            Kind::Reference { to } => self.compare_reference(resource, name, to, "id"),
            Kind::File => self.compare_reference(resource, name, "platform.files", "id"),
            Kind::Member => self.compare_reference(resource, name, "platform.members", "user_id"),
            _ => {}
        }
        if field.unique {
            let index = self
                .unique
                .get(&format!("{}_{name}_key", resource.name))
                .cloned()
                .unwrap_or_default();
            let good = index.contains(&format!("(organization_id, {name})")) && index.contains("deleted_at IS NULL");
            self.find(!good, &format!("{name} is unique, its index is {index:?}"));
        }
    }

    fn compare_reference(&mut self, resource: &Resource, name: &str, to: &str, id: &str) {
        let wanted = format!("FOREIGN KEY (organization_id, {name}) REFERENCES {to}(organization_id, {id})");
        let key = self.constraints.get(&format!("{}_{name}_fkey", resource.name));
        let found = key.map(|(_, definition)| definition.clone()).unwrap_or_default();
        self.find(
            found != wanted,
            &format!("{name} points at {to}, its foreign key is {found:?}"),
        );
    }
}

/// The quoted words of a definition.
fn quoted(definition: &str) -> BTreeSet<&str> {
    definition.split('\'').skip(1).step_by(2).collect()
}

/// Every hand-written statement on tenants' tables.
pub fn of_tenants() -> Vec<&'static str> {
    [
        platform_core::STATEMENTS,
        platform_engine::statements().as_slice(),
        platform_import::STATEMENTS,
        platform_jobs::STATEMENTS,
        tenancy::STATEMENTS,
        accommodation::STATEMENTS,
        admin::STATEMENTS,
        analytics::STATEMENTS,
        barq::files::STATEMENTS,
        fleet::STATEMENTS,
        hr::STATEMENTS,
        integrations::STATEMENTS,
        operations::STATEMENTS,
        support::STATEMENTS,
        workflow::STATEMENTS,
    ]
    .concat()
}

/// Prepares every hand-written statement as the role that runs it, and looks for the organization in it.
async fn statements(harness: &Harness, findings: &mut Vec<String>) -> Result<usize> {
    let of_tenants = of_tenants();
    for (role, list) in [
        (Role::App, of_tenants.as_slice()),
        (Role::Auth, tenancy::IDENTITY_STATEMENTS),
        (Role::Dispatch, &[platform_jobs::DUE, platform_jobs::LATE]),
    ] {
        let mut connection = PgConnection::connect(&harness.target.url(role)).await?;
        for sql in list.iter().copied() {
            if let Err(error) = (&mut connection).prepare(sql.into_sql_str()).await {
                findings.push(format!("{error}: {sql}"));
            }
        }
    }
    for sql in &of_tenants {
        if let Some(reason) = unbound(sql) {
            findings.push(format!("{reason}: {sql}"));
        }
    }
    for loose in [
        "SELECT id FROM fleet.vehicles WHERE id = $1",
        "SELECT v.id FROM fleet.vehicles v JOIN fleet.couriers c ON c.id = v.id WHERE v.organization_id = $1",
        "INSERT INTO fleet.vehicles (id) VALUES ($1)",
    ] {
        ensure!(unbound(loose).is_some(), "not found to be loose: {loose}");
    }
    Ok(of_tenants.len() + tenancy::IDENTITY_STATEMENTS.len() + 2)
}

/// Why a statement is not bound to one organization: each table that it names needs its own condition.
pub fn unbound(sql: &str) -> Option<&'static str> {
    let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = text.split(' ').collect();
    let is_table = |word: &str| word.contains('.') && !word.contains('(') && !word.starts_with('\'');
    let (mut tables, mut inserts) = (0, 0);
    for (place, pair) in words.windows(2).enumerate() {
        // `extract(epoch FROM a.b)` and `IS DISTINCT FROM a.b` name values, not tables.
        if place > 0 && (words[place - 1].contains("extract(") || words[place - 1].eq_ignore_ascii_case("distinct")) {
            continue;
        }
        match pair[0].trim_start_matches('(').to_lowercase().as_str() {
            "from" | "join" | "update" if is_table(pair[1]) => tables += 1,
            "into" => inserts += 1,
            _ => {}
        }
    }
    if tables + inserts == 0 {
        return Some("names no table");
    }
    let conditions = text.matches("organization_id = $1").count()
        + text
            .matches(".organization_id = ")
            .count()
            .saturating_sub(text.matches(".organization_id = $1").count());
    if conditions < tables {
        return Some("binds fewer organizations than it names tables");
    }
    let inserted = text.matches("(organization_id,").count();
    if inserted < inserts {
        return Some("inserts without an organization");
    }
    (!text.contains("$1")).then_some("binds nothing")
}

/// T13 on every text: migrations, and statements of the code.
fn portable(findings: &mut Vec<String>) -> Result<usize> {
    let migrations = platform_database::migrations();
    let texts = migrations.map(|migration| (migration.name, migration.sql));
    let statements = of_tenants()
        .into_iter()
        .chain(tenancy::IDENTITY_STATEMENTS.iter().copied());
    let texts: Vec<_> = texts.chain(statements.map(|sql| ("a statement", sql))).collect();
    for (name, sql) in &texts {
        findings.extend(lint(name, sql).iter().map(ToString::to_string));
    }
    ensure!(
        !lint("a planted one", "select set_config('a', 'b', false)").is_empty(),
        "the lint finds nothing"
    );
    Ok(texts.len())
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// A file that holds tests and nothing else.
fn is_test(file: &Path) -> bool {
    let inside = file.strip_prefix(root()).unwrap_or(file).to_string_lossy().into_owned();
    inside.contains("tests")
}

/// Every Rust file of a folder.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// A file without its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn sql_is_built_in_one_place_and_the_engine_stays_small() -> Result<()> {
    let mut files = Vec::new();
    for folder in ["platform", "tenancy", "modules", "xtask"] {
        sources(&root().join(folder), &mut files)?;
    }
    let word = ["Assert", "SqlSafe"].concat();
    let mut users = Vec::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        if std::fs::read_to_string(file)?.contains(&word) {
            users.push(file.strip_prefix(root())?.display().to_string());
        }
    }
    users.sort();
    // Names of tables of an export, names of databases and the typed ids of the first message of a transaction cannot be bound.
    ensure!(
        users
            == [
                "platform/archive/src/sql.rs",
                "platform/core/src/cx.rs",
                "platform/database/src/bootstrap.rs",
                "platform/engine/src/sql.rs"
            ],
        "SQL text is built in {users:?}"
    );
    let mut engine = Vec::new();
    sources(&root().join("platform/engine/src"), &mut engine)?;
    let mut lines = 0;
    for file in engine.iter().filter(|file| !is_test(file)) {
        lines += without_tests(&std::fs::read_to_string(file)?).lines().count();
    }
    ensure!(lines > 500, "only {lines} lines of the engine were found");
    ensure!(
        lines < ENGINE_LINES,
        "the engine has {lines} lines, the limit is {ENGINE_LINES}"
    );
    report(&format!(
        "Engine: {lines} of {ENGINE_LINES} lines; built SQL in {} places",
        users.len()
    ))
}
