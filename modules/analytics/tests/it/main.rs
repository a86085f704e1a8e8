//! Analytics against a real database.
#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod demo;
mod reports;
mod schedules;
mod world;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

#[tokio::test]
async fn every_hand_written_statement_is_good() {
    let target = &world::server().await.target;
    let mut connection = PgConnection::connect(&target.url(platform_database::Role::App))
        .await
        .unwrap();
    for statement in analytics::STATEMENTS {
        assert!(
            statement.contains("organization_id = $1") || statement.contains("(organization_id,"),
            "{statement}"
        );
        let prepared = connection.prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
}
