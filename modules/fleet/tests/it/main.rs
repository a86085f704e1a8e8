//! Fleet against a real database.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod assignments;
mod clock;
mod demo;
mod effects;
mod figures;
mod fuel;
mod heard;
mod sink;
mod world;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

#[tokio::test]
async fn every_hand_written_statement_is_good() {
    let target = &world::server().await.target;
    let mut connection = PgConnection::connect(&target.url(platform_database::Role::App))
        .await
        .unwrap();
    for statement in fleet::STATEMENTS {
        let is_bound =
            statement.contains("organization_id = $1") || statement.contains("(organization_id, id, heard_at)");
        assert!(is_bound, "{statement}");
        let prepared = connection.prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
}
