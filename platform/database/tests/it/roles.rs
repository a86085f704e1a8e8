//! What each role is, and what it may not do.

use crate::shared::{connect, database, server};
use platform_database::testing::ephemeral_with;
use platform_database::{Options, Role, Target, bootstrap, migrate, migrations, prepare, refuse_unless_safe};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;

#[tokio::test]
async fn can_be_prepared_again_and_at_the_same_time() {
    let target = database().await;
    let (one, two, three) = tokio::join!(prepare(&target), prepare(&target), prepare(&target));
    one.and(two).and(three).unwrap();
    let mut connection = crate::shared::connect_as_admin(&target).await;
    let applied: i64 = sqlx::query_scalar("select count(*) from platform.migrations where success")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(usize::try_from(applied).unwrap(), migrations().count());
    let strangers: i64 = sqlx::query_scalar(
        "select count(*) from pg_class join pg_namespace n on n.oid = relnamespace \
         where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and relowner <> 'barq_owner'::regrole",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(strangers, 0, "something is not owned by barq_owner");
}

#[tokio::test]
async fn refuses_a_database_whose_migrations_were_changed() {
    let target = database().await;
    let mut connection = crate::shared::connect_as_admin(&target).await;
    sqlx::raw_sql("update platform.migrations set checksum = 'other' where version = 1")
        .execute(&mut connection)
        .await
        .unwrap();
    let error = format!("{:#}", migrate(&target).await.unwrap_err());
    assert!(error.contains("modified"), "{error}");
}

#[tokio::test]
async fn roles_have_the_attributes_of_the_architecture() {
    let (_, target) = server().await;
    let mut connection = connect(target, Role::App).await;
    let rows: Vec<(String, bool, bool, bool, bool)> = sqlx::query_as(
        "select rolname::text, rolcanlogin, rolbypassrls, rolsuper or rolcreatedb or rolcreaterole or rolreplication, \
         rolinherit from pg_roles where rolname like 'barq\\_%'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let roles: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| (row.0, (row.1, row.2, row.3, row.4)))
        .collect();
    let expected = [
        ("barq_app", (true, false, false, false)),
        ("barq_auth", (true, false, false, false)),
        ("barq_backup", (true, true, false, false)),
        ("barq_dispatch", (true, false, false, false)),
        ("barq_migrator", (true, false, false, false)),
        ("barq_owner", (false, false, false, true)),
    ];
    assert_eq!(
        roles,
        expected.map(|(name, attributes)| (name.to_owned(), attributes)).into()
    );
}

#[tokio::test]
async fn bootstrap_takes_back_what_was_loosened() {
    // On a server of its own: roles are shared by all databases of one.
    let cluster = platform_database::testing::ephemeral().await.unwrap();
    let target = platform_database::Target::private(&cluster);
    bootstrap(&target).await.unwrap();
    let mut admin = crate::shared::connect_as_admin(&target).await;
    sqlx::raw_sql("alter role barq_app bypassrls createdb; grant temp on database barq to barq_app")
        .execute(&mut admin)
        .await
        .unwrap();
    bootstrap(&target).await.unwrap();
    let loose: bool = sqlx::query_scalar(
        "select rolbypassrls or rolcreatedb or has_database_privilege('barq_app', 'barq', 'temp') \
         from pg_roles where rolname = 'barq_app'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(!loose);
}

#[tokio::test]
async fn no_role_may_do_what_is_not_its_work() {
    let target = database().await;
    let refusals: [(Role, &'static str); 17] = [
        (Role::App, "create temporary table t (x int)"),
        (Role::App, "create table platform.t (x int)"),
        (Role::App, "create table public.t (x int)"),
        (Role::App, "create schema s"),
        (Role::App, "truncate platform.jobs"),
        (
            Role::App,
            "update platform.members set organization_id = organization_id",
        ),
        (Role::App, "update platform.files set id = id"),
        (Role::App, "update platform.history set verb = 'x'"),
        (Role::App, "delete from platform.history"),
        (Role::App, "select * from identity.users"),
        (Role::App, "set role barq_owner"),
        (Role::Auth, "select * from platform.members"),
        (Role::Auth, "create temporary table t (x int)"),
        (Role::Dispatch, "select payload from platform.jobs"),
        (Role::Dispatch, "select * from platform.members"),
        (Role::Backup, "delete from platform.members"),
        (Role::Migrator, "select * from platform.members"),
    ];
    for (role, sql) in refusals {
        let mut connection = connect(&target, role).await;
        let error = sqlx::raw_sql(sql).execute(&mut connection).await.expect_err(sql);
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap_or_default();
        assert!(
            matches!(&*code, "42501" | "25006"),
            "{} was refused {sql:?} with {error}",
            role.name()
        );
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_application_sees_one_organization_and_the_dispatcher_only_when_work_is_due() {
    let target = database().await;
    let mut app = connect(&target, Role::App).await;
    for number in 1..=2_u128 {
        let organization = uuid::Uuid::from_u128(number);
        let mut transaction = app.begin().await.unwrap();
        sqlx::query("select set_config('barq.organization_id', $1, true)")
            .bind(organization.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query(
            "insert into platform.jobs (organization_id, id, kind, run_at, created_at, updated_at) \
             values ($1, $1, 'test', now(), now(), now())",
        )
        .bind(organization)
        .execute(&mut *transaction)
        .await
        .unwrap();
        let seen: i64 = sqlx::query_scalar("select count(*) from platform.jobs")
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(seen, 1);
        transaction.commit().await.unwrap();
    }
    let unscoped: i64 = sqlx::query_scalar("select count(*) from platform.jobs")
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert_eq!(unscoped, 0);

    let mut dispatch = connect(&target, Role::Dispatch).await;
    let due: i64 =
        sqlx::query_scalar("select count(distinct organization_id) from platform.jobs where run_at <= now()")
            .fetch_one(&mut dispatch)
            .await
            .unwrap();
    assert_eq!(due, 2);
    let mut backup = connect(&target, Role::Backup).await;
    let all: i64 = sqlx::query_scalar("select count(*) from platform.jobs")
        .fetch_one(&mut backup)
        .await
        .unwrap();
    assert_eq!(all, 2);
}

/// A hosted server: passwords, and an administrator who is no superuser.
#[tokio::test]
async fn prepares_a_server_that_somebody_else_runs() {
    const SECRET: &str = "the secret of one installation";
    let hba = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(hba.path(), "local all postgres trust\nlocal all all scram-sha-256\n").unwrap();
    std::fs::set_permissions(hba.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let options = Options {
        durable: false,
        settings: vec![("hba_file".into(), hba.path().to_str().unwrap().into())],
        ..Options::default()
    };
    let cluster = ephemeral_with(options).await.unwrap();
    let mut superuser = PgConnection::connect(&cluster.admin_url("postgres")).await.unwrap();
    sqlx::raw_sql("create role renter login createdb createrole password 'rent'")
        .execute(&mut superuser)
        .await
        .unwrap();
    let address = cluster
        .url("renter", "fleet_company")
        .replacen("renter@", "renter:rent@", 1);
    let target = Target::external(&address, SECRET).unwrap();

    prepare(&target).await.unwrap();
    prepare(&target).await.unwrap();

    let app = sqlx::PgPool::connect(&target.url(Role::App)).await.unwrap();
    let report = refuse_unless_safe(&app).await.unwrap();
    assert!(report.is_clean(), "{report}");
    let other = Target::external(&address, "the secret of another one").unwrap();
    assert!(
        PgConnection::connect(&other.url(Role::App)).await.is_err(),
        "any password opens the database"
    );
}

#[tokio::test]
async fn a_new_column_may_be_updated_after_a_second_call() {
    let target = database().await;
    let mut admin = crate::shared::connect_as_admin(&target).await;
    sqlx::raw_sql(
        "set role barq_owner;
         alter table platform.files add title text;
         select platform.tenant_table('platform.files')",
    )
    .execute(&mut admin)
    .await
    .unwrap();
    let mut app = connect(&target, Role::App).await;
    sqlx::raw_sql("update platform.files set title = 'x'")
        .execute(&mut app)
        .await
        .unwrap();
    let report = platform_database::prove_on(&mut app).await.unwrap();
    assert!(report.is_clean(), "{report}");
}
