//! The prover against a clean schema and against planted faults: each fault has to be found by its rule.

use crate::faults::{FAULTS, Fault};
use crate::shared::{connect_as_admin, database};
use platform_database::testing::ephemeral;
use platform_database::{Role, Target, connected_role_is_safe, prepare, prove, prove_on, refuse_unless_safe};
use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;
use std::time::Instant;

async fn pool(url: &str) -> sqlx::PgPool {
    PgPoolOptions::new().max_connections(1).connect(url).await.unwrap()
}

#[tokio::test]
async fn finds_nothing_in_a_clean_schema_whoever_asks() {
    let target = database().await;
    for url in [target.admin_url(), target.url(Role::App)] {
        let report = prove(&pool(&url).await).await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!(
            report.tenant_tables >= 11 && report.policies > report.tenant_tables,
            "{report}"
        );
    }
}

#[tokio::test]
async fn finds_every_planted_fault() {
    // On a server of its own: some faults are in roles, which all databases of a server share.
    let cluster = ephemeral().await.unwrap();
    let target = Target::private(&cluster);
    prepare(&target).await.unwrap();
    let mut connection = connect_as_admin(&target).await;
    let mut missed = Vec::new();
    let started = Instant::now();
    for (number, fault) in (1..).zip(FAULTS) {
        let mut transaction = connection.begin().await.unwrap();
        sqlx::raw_sql(fault.sql)
            .execute(&mut *transaction)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", fault.name));
        let report = prove_on(&mut transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        let hit = report
            .findings
            .iter()
            .find(|f| f.rule == fault.rule && f.to_string().contains(fault.finding));
        match hit {
            Some(finding) => println!("{number:2} {}: {finding}", fault.name),
            None => missed.push(format!("{number} {} ({}): found {report}", fault.name, fault.rule)),
        }
    }
    println!(
        "{} of {} found in {:?}",
        FAULTS.len() - missed.len(),
        FAULTS.len(),
        started.elapsed()
    );
    let report = prove_on(&mut connection).await.unwrap();
    for rule in (1..=11).map(|number| format!("T{number:02}")) {
        let of_rule = |fault: &&Fault| fault.rule == rule;
        let planted = FAULTS.iter().filter(of_rule).count();
        let unseen = missed.iter().filter(|line| line.contains(&format!("({rule})"))).count();
        let findings = report.findings.iter().filter(|finding| finding.rule == rule).count();
        let verdict = if findings == 0 && unseen == 0 { "pass" } else { "fail" };
        println!(
            "CHECK {rule} {verdict} {findings} findings in {} tenant and {} global tables; {}/{planted} planted faults found",
            report.tenant_tables,
            report.global_tables,
            planted - unseen
        );
    }
    let (found, clean) = (FAULTS.len() - missed.len(), report.findings.len());
    let verdict = if missed.is_empty() && clean == 0 {
        "pass"
    } else {
        "fail"
    };
    println!(
        "CHECK T12 {verdict} {found}/{} planted faults found, {clean} findings in the clean schema",
        FAULTS.len()
    );
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
    assert!(report.is_clean(), "the faults left something behind: {report}");
}

#[tokio::test]
async fn takes_no_time_with_the_tables_of_the_whole_product() {
    let target = database().await;
    let mut connection = connect_as_admin(&target).await;
    let mut transaction = connection.begin().await.unwrap();
    sqlx::raw_sql(
        "set local role barq_owner;
         do $$ begin
            for number in 1..150 loop
                execute format('create table platform.t%s (organization_id uuid not null, id uuid not null,
                    parent_id uuid, label text not null, cost bigint, at timestamptz, on_day date,
                    primary key (organization_id, id),
                    foreign key (organization_id, parent_id) references platform.t%s (organization_id, id))', number, number);
                execute format('create index on platform.t%s (organization_id, at, cost)', number);
                execute format('create unique index on platform.t%s (organization_id, label, on_day)', number);
                perform platform.tenant_table(format('platform.t%s', number)::regclass);
            end loop;
         end $$",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    let started = Instant::now();
    let report = prove_on(&mut transaction).await.unwrap();
    println!("{report}, in {:?}", started.elapsed());
    assert!(report.is_clean() && report.tenant_tables > 150, "{report}");
}

#[tokio::test]
async fn every_rule_has_a_planted_fault() {
    for rule in [
        "T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T13",
    ] {
        assert!(FAULTS.iter().any(|fault| fault.rule == rule), "{rule} is not tried");
    }
    assert!(FAULTS.len() >= 43);
}

#[tokio::test]
async fn refuses_to_serve_as_anybody_but_the_application() {
    let target = database().await;
    let app = pool(&target.url(Role::App)).await;
    assert_eq!(connected_role_is_safe(&app).await.unwrap(), []);
    refuse_unless_safe(&app).await.unwrap();
    let unsafe_urls = [
        (target.admin_url(), "superuser"),
        (target.url(Role::Migrator), "member of the owner"),
        (target.url(Role::Backup), "bypasses"),
    ];
    for (url, reason) in unsafe_urls {
        let error = refuse_unless_safe(&pool(&url).await).await.unwrap_err().to_string();
        assert!(error.contains("T16") && error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn says_so_when_the_roles_are_missing() {
    let cluster = ephemeral().await.unwrap();
    let report = prove(&pool(&cluster.admin_url("postgres")).await).await;
    assert!(
        report
            .unwrap()
            .findings
            .iter()
            .any(|finding| finding.detail.contains("never bootstrapped"))
    );
}
