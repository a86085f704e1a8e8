//! Workflows against a real database.
#![expect(clippy::large_futures, reason = "each test has a thread of its own")]
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod approvals;
mod demo;
mod desk;
mod events;
mod silence;
mod world;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

#[tokio::test]
async fn every_hand_written_statement_is_good() {
    let target = &world::server().await.target;
    let mut connection = PgConnection::connect(&target.url(platform_database::Role::App))
        .await
        .unwrap();
    for statement in workflow::STATEMENTS {
        assert!(statement.contains("organization_id = $1"), "{statement}");
        let prepared = connection.prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
}
