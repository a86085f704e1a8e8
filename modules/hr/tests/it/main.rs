//! HR against a real database.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod attendance;
mod clocking;
mod figures;
mod leave;
mod leave_ledger;
mod loans;
mod outputs;
mod pay;
mod roster;
mod runs;
mod runs_large;
mod runs_real;
mod settlements;
mod world;

use platform_resource::{Kind, Resource};
use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

#[tokio::test]
async fn every_hand_written_statement_is_good() {
    let target = &world::server().await.target;
    let mut connection = PgConnection::connect(&target.url(platform_database::Role::App))
        .await
        .unwrap();
    for statement in hr::STATEMENTS {
        assert!(statement.contains("organization_id = $1"), "{statement}");
        let prepared = connection.prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
}

/// Columns of the table, with their types, are the declared fields and nothing else.
#[tokio::test]
async fn tables_are_as_declared() {
    const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
        WHERE attrelid = $1::text::regclass AND attnum > 6 AND NOT attisdropped ORDER BY attnum";
    let mut admin = PgConnection::connect(&world::server().await.target.admin_url())
        .await
        .unwrap();
    for resource in hr::module().resources {
        let mut columns: Vec<(String, String, bool)> = sqlx::query_as(COLUMNS)
            .bind(resource.full_name())
            .fetch_all(&mut admin)
            .await
            .unwrap();
        columns.sort();
        assert_eq!(columns, declared(resource), "{}", resource.full_name());
    }
}

fn declared(resource: &Resource) -> Vec<(String, String, bool)> {
    let of = |kind: Kind| kind.column_type();
    let fields = resource.fields.iter();
    let mut columns: Vec<_> = fields
        .map(|field| (field.name.to_owned(), of(field.kind), field.required))
        .collect();
    columns.sort();
    columns
}
