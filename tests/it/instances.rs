//! Two instances of one installation: what changes at one acts at the other with the next request, with Redis and without; and
//! what it costs to ask whether somebody may.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use barq::app::{App, Config};
use barq_tests::{Person, Redis, own_database};
use platform_core::{Authority, Clock, Cx, GateOptions, Identity, Member, Mode};
use platform_database::Target;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{check, report};

const VEHICLES: &str = "/api/v1/fleet/vehicles";
const EVERYTHING: &str = "/api/v1/auth/me";

async fn instance(target: &Target, data: &std::path::Path, redis: Option<&Redis>) -> Result<App> {
    let config = Config {
        clock: Clock::System,
        gate: GateOptions {
            connections: 4,
            ..GateOptions::default()
        },
        // Rates that nobody here reaches, and slow enough for every call to be remembered where instances count together.
        limits: "address=60/min:1000,user=60/min:1000,organization=60/min:1000"
            .parse()
            .map_err(|error: String| anyhow::anyhow!(error))?,
        redis_url: redis.map(Redis::url),
        ..Config::new(data.to_owned())
    };
    App::assemble(target, config).await
}

/// Changes roles at one instance and asks at the other, by turns; how many changes acted on the very next request.
async fn changes(owner: [&Person; 2], member: [&Person; 2]) -> Result<(usize, usize)> {
    let (mut acted, mut tried) = (0, 0);
    let place = format!("/api/v1/tenancy/members/{}/roles", member[0].user_id);
    for (here, there) in [(0, 1), (1, 0), (0, 0), (1, 1)] {
        for (membership, expected) in [("manager", 422), ("viewer", 403)] {
            let change = json!({"membership": membership});
            owner[here].post(&place, &change).await?.expect(200)?;
            let answer = member[there].post(VEHICLES, &json!({})).await?;
            tried += 1;
            acted += usize::from(answer.status == expected);
        }
    }
    Ok((acted, tried))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_hear_of_a_change_with_the_next_request() -> Result<()> {
    // A second call would change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (target, _cluster) = own_database().await?;
    let data = tempfile::tempdir()?;
    let mut redis = Redis::start().await?;
    let first = instance(&target, data.path(), Some(&redis)).await?;
    let second = instance(&target, data.path(), Some(&redis)).await?;
    let routers = [barq::router(&first, None), barq::router(&second, None)];
    let owner = Person::register(&routers[0]).await?;
    let other = Person::register(&routers[1]).await?;
    let member = owner.colleague("viewer", &[]).await?;
    let removed = owner.colleague("viewer", &[]).await?;
    let owners = [owner.through(&routers[0]), owner.through(&routers[1])];
    let members = [member.through(&routers[0]), member.through(&routers[1])];
    let leavers = [removed.through(&routers[0]), removed.through(&routers[1])];
    for person in members.iter().chain(&leavers) {
        person.get(EVERYTHING).await?.expect(200)?;
    }
    other.get(VEHICLES).await?.expect(200)?;
    let with = changes([&owners[0], &owners[1]], [&members[0], &members[1]]).await?;

    for _ in 0..5 {
        other.get(VEHICLES).await?.expect(200)?;
        owner.get(VEHICLES).await?.expect(200)?;
    }
    // Everything in Redis says whose it is, by id alone.
    let keys = redis.say(&["--scan"])?;
    let keys: Vec<&str> = keys.lines().filter(|line| !line.is_empty()).collect();
    let unowned: Vec<&&str> = keys.iter().filter(|key| !key.starts_with('{')).collect();
    let of_both = [&owner, &other].map(|person| format!("{{{}}}:", person.organization_id));
    let both = of_both.iter().all(|own| keys.iter().any(|key| key.starts_with(own)));
    let named = keys
        .iter()
        .filter(|key| key.contains(&owner.email) || key.contains("Org "))
        .count();
    check(
        "F6",
        unowned.is_empty() && both && named == 0,
        &format!(
            "{} keys in Redis, {} without {{organization}} or {{subject}} before them",
            keys.len(),
            unowned.len()
        ),
    )?;
    ensure!(unowned.is_empty() && both && named == 0, "keys of Redis: {keys:?}");

    redis.kill()?;
    let without = changes([&owners[0], &owners[1]], [&members[0], &members[1]]).await?;
    let place = format!("/api/v1/tenancy/members/{}/remove", removed.user_id);
    owners[0].post(&place, &json!({})).await?.expect(200)?;
    let mut refused = 0;
    for person in &leavers {
        refused += usize::from(person.get(EVERYTHING).await?.status == 401);
    }
    let passed = with.0 == with.1 && without.0 == without.1 && refused == 2;
    check(
        "A4",
        passed,
        &format!(
            "two instances: {}/{} role changes act on the next request with Redis, {}/{} with Redis killed; a removed member is \
             refused by {refused} of 2",
            with.0, with.1, without.0, without.1
        ),
    )?;
    ensure!(passed, "with Redis {with:?}, without {without:?}, refused by {refused}");
    Ok(())
}

/// Organizations, and rules that each has of its own.
const ORGANIZATIONS: i32 = 1_000;
const RULES: i32 = 500;
const ROLES: i32 = 10;
const MICROSECONDS: f64 = 5.0;

/// Organizations with one member each, who has ten roles of the organization's own.
const PEOPLE: [&str; 5] = [
    "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at)
        SELECT md5('organization' || n)::uuid, 'Organization ' || n, now(), now() FROM generate_series(1, $1) n",
    "INSERT INTO platform.members (organization_id, user_id, membership, full_name, email, created_at, updated_at)
        SELECT md5('organization' || n)::uuid, md5('member' || n)::uuid, 'viewer', 'Member', 'member@example.test', now(), now()
        FROM generate_series(1, $1) n",
    "INSERT INTO platform.roles (organization_id, id, created_at, updated_at, name)
        SELECT md5('organization' || n)::uuid, md5('role' || n || '-' || r)::uuid, now(), now(), 'Role ' || r
        FROM generate_series(1, $1) n, generate_series(1, $2) r",
    "INSERT INTO platform.role_permissions (organization_id, role_id, permission, scope)
        SELECT md5('organization' || n)::uuid, md5('role' || n || '-' || (1 + (p.place - 1) % $2))::uuid, p.name, 'all'
        FROM generate_series(1, $1) n, unnest($3::text[]) WITH ORDINALITY AS p (name, place)",
    "INSERT INTO platform.member_roles (organization_id, user_id, role, role_id)
        SELECT md5('organization' || n)::uuid, md5('member' || n)::uuid, md5('role' || n || '-' || r)::uuid::text,
            md5('role' || n || '-' || r)::uuid
        FROM generate_series(1, $1) n, generate_series(1, $2) r",
];
const IDS: &str = "SELECT md5('organization' || n)::uuid, md5('member' || n)::uuid FROM generate_series(1, $1) n";

fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("a figure")?.parse()?)
}

/// Median and 99th percentile.
fn middle_and_end(figures: &mut [f64]) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    (figures[figures.len() / 2], figures[figures.len() * 99 / 100])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_check_costs_next_to_nothing() -> Result<()> {
    let harness = barq_tests::Harness::alone(|_| {}).await?;
    let mut admin: PgConnection = PgConnection::connect(&harness.target.admin_url()).await?;
    let names = harness.app.platform.registry.permissions();
    let names: Vec<String> = names.into_iter().collect();
    let rules: Vec<String> = names.iter().take(RULES.try_into()?).cloned().collect();
    ensure!(
        rules.len() == usize::try_from(RULES)?,
        "only {} permissions",
        rules.len()
    );
    let number = if crate::is_long() { ORGANIZATIONS } else { 100 };
    for sql in PEOPLE {
        let statement = sqlx::query(sql).bind(number);
        let statement = if sql.contains("$2") {
            statement.bind(ROLES)
        } else {
            statement
        };
        let statement = if sql.contains("$3") {
            statement.bind(&rules)
        } else {
            statement
        };
        statement.execute(&mut admin).await?;
    }
    let ids: Vec<(Uuid, Uuid)> = sqlx::query_as(IDS).bind(number).fetch_all(&mut admin).await?;
    let platform = &harness.app.platform;
    let before_kib = resident_kib()?;
    let mut members: Vec<(Identity, Arc<Member>)> = Vec::new();
    let compiling = Instant::now();
    for (organization_id, user_id) in ids {
        let identity = Identity {
            user_id,
            organization_id,
            session_id: Uuid::nil(),
            session_version: 1,
            support: None,
        };
        let cx = Cx::begin(platform, identity.clone(), Mode::Read).await;
        let cx = cx.map_err(|problem| anyhow::anyhow!("{problem}"))?;
        members.push((identity, cx.member()?.1.clone()));
        cx.rollback().await?;
    }
    let compiled_ms = compiling.elapsed().as_millis() / u128::from(number.unsigned_abs());
    let grown_kib = resident_kib()?.saturating_sub(before_kib) / u64::from(number.unsigned_abs());
    // What is held is what the rules say: the check is not fast because it says nothing.
    let (held, beyond) = (
        &rules[7],
        names
            .iter()
            .rfind(|name| !rules.contains(name) && name.split('.').next_back() != Some("read")),
    );
    let beyond = beyond.context("a permission that no rule gives")?;
    ensure!(
        members
            .iter()
            .all(|(_, member)| member.permissions.contains(held) && !member.permissions.contains(beyond)),
        "the members do not hold what their roles give"
    );

    let mut figures = Vec::new();
    let mut allowed = 0;
    for at in 0..200_000 {
        let (_, member) = &members[at * 7919 % members.len()];
        let name = &names[at * 31 % names.len()];
        let began = Instant::now();
        let may = member.permissions.contains(name);
        figures.push(began.elapsed().as_secs_f64() * 1e6);
        allowed += usize::from(may);
    }
    let (median, p99) = middle_and_end(&mut figures);
    // With the way to the member, as each request goes it: from the cache, by the version that its transaction has read.
    let mut cx = Cx::begin_job(platform, Uuid::nil(), "look", Mode::Read).await?;
    let tenancy = platform.service::<tenancy::Tenancy>();
    let mut figures = Vec::new();
    for at in 0..20_000 {
        let (identity, _) = &members[at * 7919 % members.len()];
        let began = Instant::now();
        let member = tenancy.member(cx.db(), identity, 2).await?;
        let may = member.permissions.contains(&names[at * 31 % names.len()]);
        figures.push(began.elapsed().as_secs_f64() * 1e6);
        allowed += usize::from(may);
    }
    let (with_member, with_member_p99) = middle_and_end(&mut figures);
    cx.rollback().await?;
    ensure!(allowed > 1_000, "only {allowed} checks said yes");
    report(&format!(
        "L6 a permission check, {number} organizations with {RULES} rules each: median {median:.2} µs, p99 {p99:.2} µs (limit \
         {MICROSECONDS} µs); with the member's snapshot from the cache {with_member:.2} µs, p99 {with_member_p99:.2} µs; {grown_kib} \
         KiB and {compiled_ms} ms for an organization{}",
        if cfg!(debug_assertions) {
            "; built without optimization"
        } else {
            ""
        }
    ))?;
    ensure!(p99 < MICROSECONDS, "p99 {p99:.2} µs");
    Ok(())
}
