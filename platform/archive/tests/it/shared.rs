//! A database in which every table of every module has rows, whatever its checks ask for: they are dropped, so that one way of
//! filling fits tables that do not exist yet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use platform_archive::{Table, tables};
use platform_core::{Clock, Cx, Gate, GateOptions, Mode, Owner, Platform, Registry, ids};
use platform_database::{Role, Target};
use serde_json::json;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection, Executor, PgConnection, Row};
use uuid::Uuid;

/// Rows of a table.
pub const ROWS: u128 = 3;
/// Filled as the application fills them.
const NATURAL: [&str; 6] = [
    "platform.organizations",
    "platform.history",
    "platform.audit_chain",
    "platform.audit_heads",
    "platform.organization_keys",
    "platform.record_keys",
];

pub const DROP_CHECKS: &str = "do $$
    declare checked record;
    begin
        for checked in select c.conname, c.conrelid::regclass as name from pg_constraint c
            join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
            where c.contype = 'c' and n.nspname !~ '^(pg_|information_schema)'
        loop
            execute format('alter table %s drop constraint %I', checked.name, checked.conname);
        end loop;
    end $$";

pub fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// A process on a database with a data folder of its own.
pub struct World {
    pub target: Target,
    pub platform: Arc<Platform>,
    pub auth: PgPool,
}

impl World {
    pub fn new(target: Target, data: &Path) -> Self {
        let registry = Registry::new(vec![platform_archive::module(), platform_audit::module()]).unwrap();
        let gate = Gate::new(target.url(Role::App).parse().unwrap(), &GateOptions::default());
        let platform = Platform::new(gate, Clock::fixed(noon()), registry, data.to_owned()).unwrap();
        let auth = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(&target.url(Role::Auth))
            .unwrap();
        Self {
            platform: Arc::new(platform),
            auth,
            target,
        }
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.target.admin_url()).await.unwrap()
    }

    pub fn migrator(&self) -> String {
        self.target.url(Role::Migrator)
    }
}

pub async fn run(connection: &mut PgConnection, sql: &str) {
    let outcome = connection.execute(safe(sql)).await;
    assert!(outcome.is_ok(), "{sql}: {outcome:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test fills whatever the catalogue shows")]
pub fn safe(sql: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(sql.to_owned())
}

/// The column that a value comes from in the end.
type Place = (String, String);

async fn origins(connection: &mut PgConnection) -> BTreeMap<Place, Place> {
    let sql = "SELECT n.nspname || '.' || c.relname, a.attname::text, rn.nspname || '.' || r.relname, b.attname::text
        FROM pg_constraint f, unnest(f.conkey, f.confkey) AS pair (here, there), pg_attribute a, pg_attribute b,
            pg_class c, pg_namespace n, pg_class r, pg_namespace rn
        WHERE f.contype = 'f' AND a.attrelid = f.conrelid AND a.attnum = pair.here AND b.attrelid = f.confrelid
            AND b.attnum = pair.there AND c.oid = f.conrelid AND n.oid = c.relnamespace AND r.oid = f.confrelid
            AND rn.oid = r.relnamespace AND a.attname <> 'organization_id'";
    let rows = connection.fetch_all(sql).await.unwrap();
    let text = |row: &sqlx::postgres::PgRow, place: usize| row.get::<String, _>(place);
    let pair = |row: &sqlx::postgres::PgRow| ((text(row, 0), text(row, 1)), (text(row, 2), text(row, 3)));
    rows.iter().map(pair).filter(|(here, there)| here != there).collect()
}

fn origin(origins: &BTreeMap<Place, Place>, place: Place) -> Place {
    let mut place = place;
    for _ in 0..10 {
        match origins.get(&place) {
            Some(next) => place.clone_from(next),
            None => break,
        }
    }
    place
}

/// A uuid that is the same for the same place and row.
fn uuid_of(organization: Uuid, (table, column): &Place, row: u128) -> Uuid {
    let text = format!("{organization}{table}{column}");
    let sum = text
        .bytes()
        .fold(7_u128, |sum, byte| sum.wrapping_mul(1_000_003) ^ u128::from(byte));
    Uuid::from_u128((sum << 8) | row)
}

/// The id of a member.
pub fn member(organization: Uuid, row: u128) -> Uuid {
    uuid_of(organization, &("platform.members".into(), "user_id".into()), row)
}

pub fn member_email(canary: &str, row: u128) -> String {
    format!("{canary} platform.members email {row}")
}

fn value(kind: &str, organization: Uuid, canary: &str, place: &Place, row: u128) -> String {
    let (table, column) = place;
    match kind {
        "uuid" => format!("'{}'", uuid_of(organization, place, row)),
        "text" if table == "platform.jobs" && column == "kind" => format!("'{canary}.kind'"),
        "text" => format!("'{canary} {table} {column} {row}'"),
        "bigint" | "integer" | "smallint" => row.to_string(),
        "boolean" => row.is_multiple_of(2).to_string(),
        "date" => format!("'2026-01-{:02}'", row + 1),
        "timestamp with time zone" => format!("'2026-01-{:02} 10:11:12.123456+03'", row + 1),
        "jsonb" => format!("'{{\"{canary}\": [1.50, \"{table}\", {{\"row\": {row}}}]}}'"),
        "bytea" => format!("sha256('{canary}{table}{column}{row}')"),
        "text[]" => format!("array['{canary} {row}', '', 'a \"quoted\" one, with a comma']"),
        "uuid[]" => format!("array['{}'::uuid]", uuid_of(organization, place, row)),
        "timestamp with time zone[]" => format!("array['2026-01-{:02} 10:11:12.123456+03'::timestamptz]", row + 1),
        "double precision" => format!("{row}.1"),
        "interval" => format!("'{row} hours'"),
        "inet" => format!("'10.0.0.{row}'"),
        numeric if numeric.starts_with("numeric") => format!("{row}.5"),
        other => panic!("{table}.{column} is of the type {other}, which this test does not fill yet"),
    }
}

/// Gives an organization rows in every table; each text holds `canary`.
pub async fn fill(world: &World, organization: Uuid, canary: &str) {
    let mut admin = world.admin().await;
    let made = format!(
        "insert into platform.organizations (organization_id, name, created_at, updated_at) \
        values ('{organization}', '{canary} company', now(), now())"
    );
    run(&mut admin, &made).await;
    let origins = origins(&mut admin).await;
    for table in tables(&mut admin).await.unwrap() {
        if !NATURAL.contains(&&*table.full_name()) {
            fill_table(&mut admin, &origins, &table, organization, canary).await;
        }
    }
    histories(world, organization, canary).await;
    let folder = world.platform.data.join("files").join(organization.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for row in 1..ROWS {
        let id = uuid_of(organization, &("platform.files".into(), "id".into()), row);
        std::fs::write(
            folder.join(id.to_string()),
            format!("{canary} in a file {row}").repeat(50_000),
        )
        .unwrap();
    }
    people(&mut admin, organization, canary).await;
}

async fn fill_table(
    admin: &mut PgConnection,
    origins: &BTreeMap<Place, Place>,
    table: &Table,
    organization: Uuid,
    canary: &str,
) {
    let name = table.full_name();
    let kinds = format!(
        "select attname::text, format_type(atttypid, null) from pg_attribute where attrelid = '{name}'::regclass \
        and attnum > 0 and not attisdropped and attgenerated = ''"
    );
    let kinds = admin.fetch_all(safe(&kinds)).await.unwrap();
    // A table with one row for each organization.
    let most = if table.key.len() == 1 { 1 } else { ROWS };
    for row in 1..=most {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for kind in &kinds {
            let (column, kind): (String, String) = (kind.get(0), kind.get(1));
            let place = origin(origins, (name.clone(), column.clone()));
            values.push(match column.as_str() {
                "organization_id" => format!("'{organization}'"),
                _ => value(&kind, organization, canary, &place, row),
            });
            columns.push(format!("\"{column}\""));
        }
        let sql = format!(
            "insert into {name} ({}) values ({})",
            columns.join(", "),
            values.join(", ")
        );
        run(admin, &sql).await;
    }
}

/// As the application writes them: some values sealed, all of them in the chain.
async fn histories(world: &World, organization: Uuid, canary: &str) {
    for number in 0..5 {
        let mut cx = Cx::begin_job(&world.platform, organization, "a test", Mode::Write)
            .await
            .unwrap();
        let record = ids::new_id();
        let changes = [json!({"full_name": {"after": format!("{canary} person {number}")}, "note": {"after": canary}})];
        let sealed = |name: &str| name == "full_name";
        let owner = if number % 2 == 0 {
            Owner::Record
        } else {
            Owner::Organization
        };
        let kept = cx
            .protect_fields(owner, &[record], &changes, &sealed)
            .await
            .unwrap()
            .unwrap();
        let sql =
            "INSERT INTO platform.history (organization_id, id, resource, record_id, verb, actor_name, at, changes)
            VALUES ($1, $2, 'a.people', $3, 'create', $4, $5, $6)";
        sqlx::query(sql)
            .bind(organization)
            .bind(ids::new_id())
            .bind(record)
            .bind(format!("{canary} actor"))
            .bind(noon())
            .bind(&kept[0])
            .execute(cx.db())
            .await
            .unwrap();
        cx.commit().await.unwrap();
    }
}

async fn people(admin: &mut PgConnection, organization: Uuid, canary: &str) {
    let made = format!(
        "insert into identity.organizations (id, name, created_at) values ('{organization}', '{canary} company', now())"
    );
    run(admin, &made).await;
    for row in 1..=ROWS {
        let (id, email) = (member(organization, row), member_email(canary, row));
        for sql in [
            format!(
                "insert into identity.users (id, email, full_name, created_at, updated_at) \
                values ('{id}', '{email}', '{canary} person', now(), now())"
            ),
            format!(
                "insert into identity.directory (user_id, organization_id, offered_at) values ('{id}', '{organization}', now())"
            ),
            format!(
                "insert into identity.credentials (user_id, password_hash, changed_at) values ('{id}', '{canary}', now())"
            ),
            format!(
                "insert into identity.sessions (id, user_id, organization_id, family_hash, refresh_hash, rotated_at, created_at, \
                last_used_at, expires_at, user_agent) values (gen_random_uuid(), '{id}', '{organization}', sha256('{id}'), '', now(), \
                now(), now(), now(), '{canary}')"
            ),
        ] {
            run(admin, &sql).await;
        }
    }
}

/// Rows of the whole database in which a text stands, by table.
pub async fn found(admin: &mut PgConnection, text: &str) -> BTreeMap<String, i64> {
    let sql = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' order by 1";
    let mut found = BTreeMap::new();
    for row in admin.fetch_all(sql).await.unwrap() {
        let name: String = row.get(0);
        let sql = format!("select count(*) from {name} t where strpos(to_jsonb(t)::text, '{text}') > 0");
        let count: i64 = admin.fetch_one(safe(&sql)).await.unwrap().get(0);
        if count > 0 {
            found.insert(name, count);
        }
    }
    found
}
