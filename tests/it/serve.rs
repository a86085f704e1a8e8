//! The program as it is run: the doctor, the refusal to serve unsafely, an end in the middle of work, an end when asked.

#[path = "../../platform/database/tests/it/faults.rs"]
mod faults;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use barq_tests::{Caller, Dice, Server, barq, program, run, unique};
use platform_database::testing::{Ephemeral, ephemeral};
use platform_database::{Target, create_database, prepare};
use serde_json::Value as Json;
use sqlx::{Connection, PgConnection};

use crate::report;

const SECRET: &str = "not-a-secret-tests-only";
const DEADLINE: Duration = Duration::from_mins(1);

/// Whether the program is there. Alone, `cargo test -p barq-tests` does not build it; the test command does.
fn is_built() -> Result<bool> {
    let in_ci = std::env::var_os("CI").is_some();
    match program() {
        Ok(_) => Ok(true),
        Err(error) if in_ci => Err(error),
        Err(error) => report(&format!("SKIPPED {error:#}")).map(|()| false),
    }
}

/// A server of its own: some faults lie in roles, which all databases of a server share.
async fn database() -> Result<(Ephemeral, Target)> {
    let cluster = ephemeral().await?;
    let target = Target::external(&cluster.admin_url("barq"), SECRET)?;
    prepare(&target).await?;
    Ok((cluster, target))
}

async fn plant(target: &Target, sql: &'static str) -> Result<()> {
    let mut connection = PgConnection::connect(&target.admin_url()).await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(sql).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(connection.close().await?)
}

fn doctor(target: &Target, data: &Path) -> Result<(Option<i32>, String)> {
    let mut command = barq(&target.admin_url(), SECRET, data)?;
    command.arg("doctor").arg("--data").arg(data).arg("--json");
    let output = run(command, DEADLINE)?;
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ))
}

#[tokio::test]
async fn the_doctor_finds_each_planted_fault() -> Result<()> {
    if !is_built()? {
        return Ok(());
    }
    let (_cluster, target) = database().await?;
    let data = tempfile::tempdir()?;
    let (code, text) = doctor(&target, data.path())?;
    let proof: Json = serde_json::from_str(&text).with_context(|| text.clone())?;
    ensure!(
        code == Some(0) && proof["findings"].as_array().is_some_and(Vec::is_empty),
        "a clean installation: {code:?} {text}"
    );

    // Some of the faults that stay within a database; the prover's own test tries all of them.
    let shared = [
        "role ",
        "barq_owner to",
        "barq_app to barq",
        "to barq_auth",
        "parameter",
    ];
    let local = faults::FAULTS
        .iter()
        .filter(|fault| !shared.iter().any(|word| fault.sql.contains(word)));
    let mut found = 0;
    let mut missed = Vec::new();
    for fault in local.step_by(2).take(24) {
        let broken = create_database(&target, &unique("broken_")).await?;
        plant(&broken, fault.sql).await.with_context(|| fault.name)?;
        let (code, text) = doctor(&broken, data.path())?;
        let proof: Json = serde_json::from_str(&text).with_context(|| text.clone())?;
        let mut findings = proof["findings"].as_array().into_iter().flatten();
        let named = findings.any(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            finding["rule"] == fault.rule && format!("{}: {}", text("object"), text("detail")).contains(fault.finding)
        });
        if code == Some(2) && named {
            found += 1;
        } else {
            missed.push(format!("{}: {code:?} {text}", fault.name));
        }
    }
    ensure!(
        missed.is_empty(),
        "{} faults are missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
    ensure!(found >= 20, "only {found} faults were planted");
    let (code, text) = doctor(&target, data.path())?;
    ensure!(code == Some(0), "the clean installation is no longer clean: {text}");
    report(&format!(
        "T16 doctor: 0 findings on a clean installation; {found}/{found} planted faults end it with status 2"
    ))
}

#[tokio::test]
async fn it_refuses_to_serve_what_is_not_safe() -> Result<()> {
    if !is_built()? {
        return Ok(());
    }
    let (cluster, target) = database().await?;
    let data = tempfile::tempdir()?;
    // A hosted server's administrator is no superuser, so his start does not put such roles right by itself.
    plant(
        &target,
        "create role renter login createdb createrole; grant barq_owner to renter with admin option;
        grant barq_migrator, barq_app, barq_auth, barq_dispatch, barq_backup to renter with admin option",
    )
    .await?;
    let hosted = |database: &str| Target::external(&cluster.url("renter", database), SECRET);
    let sabotaged: [(&str, bool, &str, &str); 5] = [
        (
            "no policy",
            false,
            "drop policy tenant_isolation on platform.members",
            "",
        ),
        (
            "the application owns a table",
            false,
            "alter table platform.files owner to barq_app",
            "",
        ),
        (
            "the application is a member of the owner",
            false,
            "grant barq_owner to barq_app",
            "revoke barq_owner from barq_app",
        ),
        (
            "the application bypasses row security",
            true,
            "alter role barq_app bypassrls",
            "alter role barq_app nobypassrls",
        ),
        (
            "the application is a superuser",
            true,
            "alter role barq_app superuser",
            "alter role barq_app nosuperuser",
        ),
    ];
    let mut refused = 0;
    for (name, is_hosted, sql, back) in sabotaged {
        let broken = create_database(&target, &unique("broken_")).await?;
        plant(&broken, sql).await.with_context(|| name)?;
        let served = if is_hosted { hosted(broken.database())? } else { broken };
        let mut command = barq(&served.admin_url(), SECRET, data.path())?;
        command.args(["serve", "--port", "0", "--data"]).arg(data.path());
        let output = run(command, DEADLINE).with_context(|| name)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            !output.status.success() && !said.contains("BARQ is open"),
            "{name}: it serves\n{said}"
        );
        ensure!(
            said.contains("barq_app") || said.contains("members") || said.contains("superuser"),
            "{name}: it does not say why\n{said}"
        );
        refused += 1;
        if !back.is_empty() {
            plant(&target, back).await?;
        }
    }
    // The same start with nothing wrong.
    let server = Server::start(&target.admin_url(), SECRET, data.path()).await?;
    server.kill().await?;
    let figure =
        format!("{refused}/{refused} sabotaged starts end with a failure, and it starts when they are put right");
    crate::check("T16", true, &figure)
}

const ROWS: usize = 2_000;
const ROUNDS: usize = 4;

fn couriers(stem: &str) -> String {
    let rows = (0..ROWS).map(|number| format!("{stem}-{number},Courier {number},Riyadh"));
    let lines: Vec<String> = std::iter::once("barq_id,full_name,city".to_owned())
        .chain(rows)
        .collect();
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_an_import_nothing_is_lost_or_doubled() -> Result<()> {
    if !is_built()? {
        return Ok(());
    }
    let (_cluster, target) = database().await?;
    let data = tempfile::tempdir()?;
    let mut dice = Dice::seeded();
    let seed = dice.seed;
    let (mut interrupted, mut stored_before) = (0, 0);
    let mut server = Server::start(&target.admin_url(), SECRET, data.path()).await?;
    for round in 0..ROUNDS {
        let owner = Caller::register(&server).await?;
        for number in 0..10 {
            let body = format!("{{\"barq_id\": \"before-{number}\", \"full_name\": \"Before\"}}");
            owner.post(&server, "/fleet/couriers", body).await?;
        }
        let uploaded = owner
            .post(
                &server,
                "/fleet/couriers/imports?file_name=x.csv",
                couriers(&format!("K{round}")),
            )
            .await?;
        let one = format!("/fleet/couriers/imports/{}", uploaded["id"].as_str().context("an id")?);
        let mapping = serde_json::json!({"mapping": uploaded["mapping"]}).to_string();
        let checked = owner.post(&server, &format!("{one}/check"), mapping).await?;
        ensure!(checked["ready"] == ROWS, "{checked}");
        let (caller, path, base) = (owner.clone(), format!("{one}/commit"), server.base.clone());
        let commit = tokio::spawn(async move { caller.post_to(&base, &path, "{}".to_owned()).await });
        // Killed once the import is seen at work in the database: at once in the first round, a moment later in the others.
        at_work(&target).await?;
        let moment = Duration::from_millis(dice.below(1 + 300 * round).try_into()?);
        let _ = tokio::time::timeout(moment, std::future::pending::<()>()).await;
        server.kill().await?;
        interrupted += usize::from(commit.await?.is_err());

        server = Server::start(&target.admin_url(), SECRET, data.path()).await?;
        let total =
            async || anyhow::Ok(owner.get(&server, "/fleet/couriers?total=true&limit=1").await?["total"].as_u64());
        let found = total().await?;
        let all = Some(u64::try_from(ROWS)? + 10);
        ensure!(
            found == Some(10) || found == all,
            "seed {seed}: {found:?} couriers after the kill: a part of an import is stored"
        );
        stored_before += usize::from(found == all);
        let first = owner.post(&server, &format!("{one}/commit"), "{}".into()).await?;
        let second = owner.post(&server, &format!("{one}/commit"), "{}".into()).await?;
        ensure!(
            first["created"] == ROWS && first == second,
            "seed {seed}: {first} {second}"
        );
        ensure!(
            total().await? == all,
            "seed {seed}: {:?} couriers at the end",
            total().await?
        );
        for number in [0, 9] {
            let kept = owner
                .get(&server, &format!("/fleet/couriers?barq_id=before-{number}&total=true"))
                .await?;
            ensure!(kept["total"] == 1, "seed {seed}: an acknowledged courier is lost");
        }
    }
    server.kill().await?;
    ensure!(interrupted > 0, "seed {seed}: no import was interrupted");
    report(&format!(
        "C1 kill -9: {interrupted} of {ROUNDS} imports of {ROWS} rows interrupted ({stored_before} of {ROUNDS} had been stored whole): \
         0 acknowledged rows lost, 0 doubled (seed {seed})"
    ))
}

const AT_WORK: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'barq_app'
    AND xact_start IS NOT NULL";

/// Waits until the application is in a transaction.
async fn at_work(target: &Target) -> Result<()> {
    let mut admin = PgConnection::connect(&target.admin_url()).await?;
    let deadline = tokio::time::Instant::now() + DEADLINE;
    let mut every = tokio::time::interval(Duration::from_millis(2));
    while sqlx::query_scalar::<_, i64>(AT_WORK).fetch_one(&mut admin).await? == 0 {
        ensure!(tokio::time::Instant::now() < deadline, "the application does nothing");
        every.tick().await;
    }
    Ok(admin.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_end_it_finishes_what_it_began() -> Result<()> {
    if !is_built()? {
        return Ok(());
    }
    let (_cluster, target) = database().await?;
    let data = tempfile::tempdir()?;
    let server = Server::start(&target.admin_url(), SECRET, data.path()).await?;
    let owner = Caller::register(&server).await?;
    let uploaded = owner
        .post(&server, "/fleet/couriers/imports?file_name=x.csv", couriers("T"))
        .await?;
    let one = format!("/fleet/couriers/imports/{}", uploaded["id"].as_str().context("an id")?);
    let mapping = serde_json::json!({"mapping": uploaded["mapping"]}).to_string();
    owner.post(&server, &format!("{one}/check"), mapping).await?;
    let (caller, path, base) = (owner.clone(), format!("{one}/commit"), server.base.clone());
    let commit = tokio::spawn(async move { caller.post_to(&base, &path, "{}".to_owned()).await });
    at_work(&target).await?;
    let base = server.base.clone();
    let (took, well) = server.terminate().await?;
    let finished = commit.await?.context("a request that was under way is cut off")?;
    ensure!(finished["created"] == ROWS, "{finished}");
    ensure!(well, "it ended with a failure");
    ensure!(took < Duration::from_secs(25), "it took {took:?}");
    ensure!(owner.get_from(&base, "/livez").await.is_err(), "it still answers");
    report(&format!(
        "C10 SIGTERM: the import under way was finished; ended after {} ms",
        took.as_millis()
    ))
}
