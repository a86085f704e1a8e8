//! What an operator does, through the built program: an organization of the demonstration goes out, is erased, and comes in
//! elsewhere; chains are verified; letters, events and staff are looked after.
#![expect(clippy::print_stdout, reason = "figures are a report to read")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use barq::app::{App, Config};
use chrono::{DateTime, Utc};
use platform_core::{Clock, Locale};
use platform_database::testing::{Ephemeral, ephemeral};
use platform_database::{Target, create_database, prepare};
use serde_json::Value as Json;
use sqlx::{Connection, PgConnection, Row};
use tenancy::{Letter, Tenancy};
use uuid::Uuid;

const SECRET: &str = "not-a-secret-tests-only";
/// In an uploaded file of the organization that goes.
pub const IN_A_FILE: &str = "canary of the uploaded file";

fn now() -> DateTime<Utc> {
    Clock::System.now()
}

/// An installation as the program finds it.
pub struct Place {
    target: Target,
    pub data: tempfile::TempDir,
}

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    fn new(target: Target) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { target, data }
    }

    fn barq(&self, args: &[&str]) -> Said {
        self.answering(args, "")
    }

    /// Runs the program with something to read.
    pub fn answering(&self, args: &[&str], answer: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_barq"))
            .args(args)
            .env("BARQ_DATABASE_URL", self.target.admin_url())
            .env("BARQ_DATABASE_SECRET", SECRET)
            .env("BARQ_DATA", self.data.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What the program says when all is well.
    pub fn well(&self, args: &[&str]) -> String {
        let said = self.barq(args);
        assert_eq!(said.code, 0, "{args:?}\n{}\n{}", said.out, said.err);
        said.out
    }

    fn json(&self, args: &[&str]) -> Json {
        serde_json::from_str(&self.well(args)).unwrap()
    }

    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.target.admin_url()).await.unwrap()
    }

    async fn app(&self) -> App {
        prepare(&self.target).await.unwrap();
        App::assemble(&self.target, Config::new(self.data.path().to_owned()))
            .await
            .unwrap()
    }

    /// The whole database as text.
    fn dump(&self) -> String {
        let output = Command::new(pg_dump()).arg(self.target.admin_url()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Names and content of every file of the data folder.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut found, mut folders) = (Vec::new(), vec![self.data.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    found.push((path, bytes));
                }
            }
        }
        found
    }
}

/// Of the newest server that is installed: an older one does not dump from it.
fn pg_dump() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin/pg_dump"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pg_dump"))
}

async fn server() -> (Ephemeral, Target) {
    // A second call would change nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = ephemeral().await.unwrap();
    let target = Target::external(&cluster.admin_url("barq"), SECRET).unwrap();
    prepare(&target).await.unwrap();
    (cluster, target)
}

pub fn sql(text: String) -> sqlx::AssertSqlSafe<String> {
    #[expect(clippy::disallowed_methods, reason = "a test reads whatever the catalogue shows")]
    sqlx::AssertSqlSafe(text)
}

/// Every table of tenants with the count and a hash of the organization's rows, read past the program.
pub async fn rows_of(place: &Place, id: Uuid) -> BTreeMap<String, (i64, String)> {
    let tables = "select table_schema || '.' || table_name from information_schema.columns
        join information_schema.tables using (table_schema, table_name)
        where column_name = 'organization_id' and table_type = 'BASE TABLE' and table_schema <> 'identity'";
    let mut admin = place.admin().await;
    let mut all = BTreeMap::new();
    for name in sqlx::query_scalar::<_, String>(tables)
        .fetch_all(&mut admin)
        .await
        .unwrap()
    {
        let text = format!(
            "select count(*), coalesce(md5(string_agg(line, '|' order by line collate \"C\")), '') \
            from (select to_jsonb(t)::text as line from {name} t where organization_id = '{id}') as lines"
        );
        let row = sqlx::query(sql(text)).fetch_one(&mut admin).await.unwrap();
        all.insert(name, (row.get(0), row.get(1)));
    }
    all
}

/// What says something about the organization or its people and nothing about anybody else.
async fn canaries(place: &Place, id: Uuid) -> BTreeSet<String> {
    let text = "select value from (
            select organization_id, unnest(array[full_name, mobile_number, email, iqama_number, national_id, iban]) as value
            from fleet.couriers
            union all select organization_id, unnest(array[full_name, email]) from platform.members
            union all select organization_id, name from platform.organizations
        ) as said
        where value is not null group by value having bool_and(organization_id = $1) and length(value) > 8";
    let mut admin = place.admin().await;
    let found = sqlx::query_scalar(text).bind(id).fetch_all(&mut admin).await.unwrap();
    found.into_iter().chain([IN_A_FILE.to_owned()]).collect()
}

/// How many of the canaries stand in the database's dump or in the data folder.
pub fn alive(place: &Place, canaries: &BTreeSet<String>) -> BTreeSet<String> {
    let dump = place.dump();
    let files = place.files();
    let holds = |bytes: &[u8], canary: &str| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    let lives = |canary: &&String| {
        dump.contains(canary.as_str())
            || files
                .iter()
                .any(|(path, bytes)| holds(bytes, canary) || path.to_string_lossy().contains(canary.as_str()))
    };
    canaries.iter().filter(lives).cloned().collect()
}

/// An uploaded file, as the server would have stored it.
pub async fn upload(place: &Place, organization: Uuid) {
    let mut admin = place.admin().await;
    let file = Uuid::from_u128(77);
    sqlx::query(
        "insert into platform.files (organization_id, id, name, media_type, size_bytes, sha256, created_by, created_at) \
        select $1, $2, 'contract.pdf', 'application/pdf', $3, encode(sha256($4), 'hex'), user_id, now() from platform.members \
        where organization_id = $1 limit 1",
    )
    .bind(organization)
    .bind(file)
    .bind(i64::try_from(IN_A_FILE.len()).unwrap())
    .bind(IN_A_FILE.as_bytes())
    .execute(&mut admin)
    .await
    .unwrap();
    let folder = place.data.path().join("files").join(organization.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file.to_string()), IN_A_FILE).unwrap();
}

fn named<'a>(list: &'a Json, name: &str) -> &'a Json {
    list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_of_the_demonstration_goes_out_is_erased_and_comes_in_elsewhere() {
    let (_cluster, target) = server().await;
    let elsewhere = create_database(&target, "elsewhere").await.unwrap();
    let (here, fresh) = (Place::new(target), Place::new(elsewhere));
    let app = here.app().await;
    barq::seed_demo(&app.platform, here.data.path(), "http://localhost")
        .await
        .unwrap();
    drop(app);
    let listed = here.json(&["organization", "list", "--json"]);
    let (ours, other) = (named(&listed, "Najd Express"), named(&listed, "Red Sea Couriers"));
    let id: Uuid = serde_json::from_value(ours["id"].clone()).unwrap();
    let other: Uuid = serde_json::from_value(other["id"].clone()).unwrap();
    upload(&here, id).await;
    let text = id.to_string();
    crate::person::a_courier_is_told_and_forgotten(&here, other).await;

    // Out.
    let outside = tempfile::tempdir().unwrap();
    let (file, again) = (outside.path().join("najd.zip"), outside.path().join("again.zip"));
    let (file, again) = (file.to_str().unwrap(), again.to_str().unwrap());
    let said = here.barq(&["organization", "export", "Najd Express", file]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("fleet.couriers: "), "progress: {}", said.err);
    let twice = here.barq(&["organization", "export", "Najd Express", file]);
    assert!(
        twice.code == 1 && twice.err.contains("is there already"),
        "{}",
        twice.err
    );
    let before = rows_of(&here, id).await;
    let others = rows_of(&here, other).await;
    let canaries = canaries(&here, id).await;
    assert!(canaries.len() > 60, "{canaries:?}");
    assert_eq!(alive(&here, &canaries), canaries, "each can be found while it is there");

    // Gone.
    let refused = here.answering(&["organization", "erase", &text], "Red Sea Couriers\n");
    assert!(
        refused.code == 1 && refused.err.contains("nothing was erased"),
        "{}",
        refused.err
    );
    assert_eq!(rows_of(&here, id).await, before);
    let erased = here.answering(&["organization", "erase", &text], "Najd Express\n");
    assert_eq!(erased.code, 0, "{}", erased.err);
    let left: Vec<_> = rows_of(&here, id)
        .await
        .into_iter()
        .filter(|(_, (count, _))| *count > 0)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        left,
        ["platform.audit_chain", "platform.audit_heads"],
        "the key is gone as well"
    );
    assert_eq!(alive(&here, &canaries), BTreeSet::new());
    assert_eq!(
        rows_of(&here, other).await,
        others,
        "the other organization is as it was"
    );
    let verified = here.json(&["audit", "verify", "--json"]);
    let report = verified
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["organization_id"] == text);
    let entries = report.unwrap()["entries"].as_i64().unwrap();
    assert!(entries > 1 && report.unwrap()["erased_at"].is_string(), "{verified}");
    let gone = here.barq(&["organization", "erase", &text, "--yes"]);
    assert!(
        gone.code == 1 && gone.err.contains("there is no organization"),
        "{}",
        gone.err
    );

    // In, elsewhere.
    let refused = here.barq(&["organization", "import", file]);
    assert!(
        refused.code == 1 && refused.err.contains("was erased here"),
        "{}",
        refused.err
    );
    let imported = fresh.well(&["organization", "import", file]);
    let mut after = rows_of(&fresh, id).await;
    let mut wanted = before;
    // Sealed with the key file of each installation.
    let keys = "platform.organization_keys";
    assert_eq!((wanted.remove(keys).unwrap().0, after.remove(keys).unwrap().0), (1, 1));
    assert_eq!(after, wanted, "equal row for row");
    let rows: i64 = wanted.values().map(|(count, _)| count).sum();
    let filled = wanted.values().filter(|(count, _)| *count > 0).count();
    assert!(imported.contains(&format!("{rows} rows")), "{imported}");
    fresh.well(&["organization", "export", &text, again]);
    let (first, second) = (manifest(file), manifest(again));
    assert_eq!(
        (&first["tables"], &first["files"]),
        (&second["tables"], &second["files"])
    );
    assert_eq!(first["files"].as_array().unwrap().len(), 1);
    fresh.well(&["audit", "verify", "--organization", &text]);
    println!(
        "CHECK A20 pass organization of the demonstration: {} canaries found before and 0 after erasing, in dump and data folder; \
        chain of {entries} entries whole; {rows}/{rows} rows of {filled} filled tables equal in a fresh installation",
        canaries.len()
    );
}

fn manifest(file: &str) -> Json {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    serde_json::from_reader(zip.by_name("manifest.json").unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_verifies_suspends_resends_and_appoints() {
    let (_cluster, target) = server().await;
    let place = Place::new(target);
    let app = place.app().await;
    let person = |email: &str| tenancy::NewPerson {
        email: email.to_owned(),
        full_name: "Noura Al-Harbi".to_owned(),
        password: "correct horse battery".to_owned(),
    };
    let (mut ids, mut admin) = (Vec::new(), place.admin().await);
    for name in ["First Couriers", "Second Couriers"] {
        let email = format!("owner@{}.example", name.split(' ').next().unwrap().to_lowercase());
        let (made, _) = tenancy::create_organization(&app.platform, name, &person(&email))
            .await
            .unwrap();
        ids.push(made.id);
    }

    // Suspended and active again.
    let status = async |admin: &mut PgConnection, id: Uuid| -> (String, i64) {
        let text =
            "select status, (select sum(access_version)::bigint from platform.members m where m.organization_id = $1)
            from platform.organizations o where o.organization_id = $1";
        let row = sqlx::query(text).bind(id).fetch_one(admin).await.unwrap();
        (row.get(0), row.get(1))
    };
    let began = status(&mut admin, ids[0]).await;
    place.well(&["organization", "suspend", "first couriers"]);
    let suspended = status(&mut admin, ids[0]).await;
    assert!(
        suspended.0 == "suspended" && suspended.1 > began.1,
        "every member is read anew: {suspended:?}"
    );
    assert!(place.well(&["organization", "list"]).contains("suspended"));
    place.well(&["organization", "activate", &ids[0].to_string()]);
    assert_eq!(status(&mut admin, ids[0]).await.0, "active");
    let vague = place.barq(&["organization", "suspend", "couriers"]);
    assert!(
        vague.code == 1 && vague.err.contains(&ids[1].to_string()),
        "{}",
        vague.err
    );
    let nobody = place.barq(&["organization", "suspend", "third"]);
    assert!(
        nobody.code == 1 && nobody.err.contains("no organization"),
        "{}",
        nobody.err
    );

    // Chains.
    let whole = place.well(&["audit", "verify"]);
    assert!(whole.contains("2 chains") && whole.contains("all whole"), "{whole}");
    let edit = "update platform.history set actor_name = 'somebody else' where organization_id = $1
        and id = (select history_id from platform.audit_chain where organization_id = $1 and seq = 2) returning id";
    let edited: Uuid = sqlx::query_scalar(edit)
        .bind(ids[0])
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let broken = place.barq(&["audit", "verify"]);
    assert_eq!(broken.code, 1, "{}", broken.out);
    let first = format!("first Edited at entry 2 (history {edited})");
    assert!(
        broken.out.contains(&first) && broken.out.contains("1 BROKEN"),
        "{}",
        broken.out
    );
    let as_json = place.barq(&["audit", "verify", "--organization", "First Couriers", "--json"]);
    let reports: Json = serde_json::from_str(&as_json.out).unwrap();
    assert_eq!((as_json.code, &reports[0]["findings"][0]["seq"]), (1, &Json::from(2)));
    assert_eq!(
        place
            .barq(&["audit", "verify", "--organization", "second couriers"])
            .code,
        0
    );
    println!(
        "CHECK A16 pass barq audit verify: 0 findings on 2 chains, status 1 and the first broken entry after an edit"
    );

    // Letters and events.
    let tenancy = app.platform.service::<Tenancy>();
    for template in ["password_reset", "verify_email"] {
        let letter = Letter::new(template, "noura@first.example", Locale::En, now()).of(ids[0]);
        tenancy.post(&letter, now()).await.unwrap();
    }
    for text in [
        "update identity.mails set next_try_at = now() + interval '1 day', last_error = 'the server is away'",
        "update identity.mails set state = 'dead', sealed = null where template = 'verify_email'",
        "update platform.outbox set delivered_at = now()",
    ] {
        sqlx::raw_sql(text).execute(&mut admin).await.unwrap();
    }
    let event = "insert into platform.outbox (organization_id, id, name, subject, occurred_at, attempts, next_try_at, last_error)
        values ($1, $2, 'fleet.vehicles.created', $2, now(), 3, now() + interval '1 day', 'workflow: no') returning id";
    let event: Uuid = sqlx::query_scalar(event)
        .bind(ids[1])
        .bind(Uuid::from_u128(5))
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let listed = place.well(&["outbox"]);
    assert!(
        listed.starts_with("1 letters wait, 1 were given up, 1 events are not delivered"),
        "{listed}"
    );
    for part in [
        "the server is away",
        "workflow: no",
        "First Couriers",
        "noura@first.example",
    ] {
        assert!(listed.contains(part), "{part} in {listed}");
    }
    let of_second = place.json(&["outbox", "--organization", "second couriers", "--json"]);
    assert_eq!(of_second["letters"], Json::Array(Vec::new()));
    assert_eq!(of_second["organizations"][0]["events"][0]["id"], event.to_string());
    let late = "select (select count(*) from identity.mails where state = 'waiting' and next_try_at > now() + interval '1 hour')
        + (select count(*) from platform.outbox where next_try_at is not null)";
    let count = async |admin: &mut PgConnection, text: &'static str| -> i64 {
        sqlx::query_scalar(text).fetch_one(admin).await.unwrap()
    };
    assert_eq!(count(&mut admin, late).await, 2);
    place.well(&["outbox", "resend", &event.to_string()]);
    assert_eq!(count(&mut admin, late).await, 1, "the named one alone");
    place.well(&["outbox", "resend"]);
    assert_eq!(count(&mut admin, late).await, 0);
    let woken =
        "select count(*) from platform.jobs where kind = 'outbox.deliver' and state = 'queued' and run_at <= now()";
    assert!(count(&mut admin, woken).await >= 1);
    let none = place.barq(&["outbox", "resend", &Uuid::from_u128(9).to_string()]);
    assert!(
        none.code == 1 && none.err.contains("none of these waits"),
        "{}",
        none.err
    );

    // Staff.
    place.well(&["staff", "add", "Owner@First.example"]);
    let staff = place.json(&["staff", "list", "--json"]);
    assert_eq!(staff[0]["email"], "owner@first.example");
    assert!(place.well(&["staff", "add", "owner@first.example"]).contains("already"));
    let unknown = place.barq(&["staff", "add", "stranger@first.example"]);
    assert!(
        unknown.code == 1 && unknown.err.contains("nobody has an account"),
        "{}",
        unknown.err
    );
    place.well(&["staff", "remove", "owner@first.example"]);
    assert_eq!(place.json(&["staff", "list", "--json"]), Json::Array(Vec::new()));
    assert_eq!(place.barq(&["staff", "remove", "owner@first.example"]).code, 1);
}
