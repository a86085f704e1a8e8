//! Every hand-written statement fits the tables, for the role that runs it; both languages have the same words.

use platform_database::Role;
use serde_json::Value as Json;
use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

use crate::shared::target;

#[tokio::test]
async fn every_statement_can_be_prepared_by_the_role_that_runs_it() {
    let target = target().await;
    for (role, statements) in [
        (Role::App, tenancy::STATEMENTS),
        (Role::Auth, tenancy::IDENTITY_STATEMENTS),
    ] {
        let mut connection = PgConnection::connect(&target.url(role)).await.unwrap();
        for statement in statements {
            let prepared = connection.prepare((*statement).into_sql_str()).await;
            assert!(prepared.is_ok(), "{role:?} {statement}: {:?}", prepared.err());
        }
    }
}

#[tokio::test]
async fn neither_role_reaches_the_others_tables() {
    let target = target().await;
    for (role, statement) in [
        (Role::App, "SELECT count(*) FROM identity.users"),
        (Role::App, "SELECT count(*) FROM identity.signing_keys"),
        (Role::Auth, "SELECT count(*) FROM platform.members"),
        (Role::Auth, "SELECT count(*) FROM platform.organizations"),
    ] {
        let mut connection = PgConnection::connect(&target.url(role)).await.unwrap();
        let refused = connection.execute(statement).await.unwrap_err();
        assert_eq!(
            refused.as_database_error().unwrap().code().as_deref(),
            Some("42501"),
            "{role:?} {statement}"
        );
    }
}

#[test]
fn both_languages_have_the_same_words() {
    let (en, ar) = tenancy::module().locales;
    let paths = |text: &str| {
        let json: Json = serde_json::from_str(text).unwrap();
        let sections = json.as_object().unwrap().clone();
        let mut paths = Vec::new();
        for (section, words) in sections {
            let keys = words
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| format!("{section}.{key}"));
            paths.extend(keys);
        }
        paths.sort();
        paths
    };
    assert_eq!(paths(en), paths(ar));
    for name in tenancy::MEMBERSHIPS
        .iter()
        .map(|name| format!("membership.{name}"))
        .chain(tenancy::ROLES.iter().map(|name| format!("role.{name}")))
    {
        assert!(paths(en).contains(&name), "{name}");
    }
    for name in tenancy::module().permissions {
        assert!(paths(en).contains(&format!("permission.{name}")), "{name}");
    }
}
