//! Export, import into a fresh installation, erase: every table, every file, every person.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use platform_archive::{Error, LEFT_OUT, erase, export, import, unwatched};
use platform_audit::{anchor, verify};
use platform_core::{Cx, Mode, ids};
use platform_database::testing::ephemeral;
use platform_database::{Target, create_database, prepare};
use serde_json::{Map, Value as Json};
use sqlx::{Connection, Executor, PgConnection, Row};
use uuid::Uuid;

use crate::shared::{DROP_CHECKS, ROWS, World, fill, found, member, member_email, run, safe};

const OURS: &str = "canaryours";
const OTHERS: &str = "canaryother";

/// Tables of tenants, found in another way than the archive finds them.
async fn tenant_tables(admin: &mut PgConnection) -> BTreeSet<String> {
    let sql = "select table_schema || '.' || table_name from information_schema.columns
        join information_schema.tables using (table_schema, table_name)
        where column_name = 'organization_id' and table_type = 'BASE TABLE' and table_schema <> 'identity'";
    admin
        .fetch_all(sql)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect()
}

fn everything_in(path: &Path) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    for place in 0..zip.len() {
        zip.by_index(place).unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

async fn opened(world: &World, organization: Uuid) -> String {
    let mut cx = Cx::begin_job(&world.platform, organization, "a test", Mode::Read)
        .await
        .unwrap();
    let sql = "SELECT record_id, changes FROM platform.history WHERE organization_id = $1 AND resource = 'a.people' ORDER BY id";
    let rows = sqlx::query(sql).bind(organization).fetch_all(cx.db()).await.unwrap();
    let pair = |row: &sqlx::postgres::PgRow| {
        let changes: Map<String, Json> = row.get::<Json, _>(1).as_object().cloned().unwrap();
        (row.get::<Uuid, _>(0), changes)
    };
    let mut entries: Vec<_> = rows.iter().map(pair).collect();
    cx.reveal(&mut entries).await.unwrap();
    cx.commit().await.unwrap();
    format!("{entries:?}")
}

#[tokio::test]
async fn an_organization_goes_out_comes_in_elsewhere_and_is_erased() {
    let cluster = ephemeral().await.unwrap();
    let first = Target::private(&cluster);
    prepare(&first).await.unwrap();
    let mut admin = PgConnection::connect(&first.admin_url()).await.unwrap();
    run(&mut admin, DROP_CHECKS).await;
    admin.close().await.unwrap();
    let [second, third] = [
        create_database(&first, "fresh").await.unwrap(),
        create_database(&first, "peopled").await.unwrap(),
    ];
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let world = World::new(first, folders[0].path());
    let fresh = World::new(second, folders[1].path());
    let peopled = World::new(third, folders[2].path());
    let (ours, others) = (ids::new_id(), ids::new_id());
    fill(&world, ours, OURS).await;
    fill(&world, others, OTHERS).await;
    let mut cx = Cx::begin_job(&world.platform, ours, "a test", Mode::Read)
        .await
        .unwrap();
    anchor(&mut cx).await.unwrap();
    cx.commit().await.unwrap();

    // Out: every table has lines, nothing of the other organization is in it.
    let path = folders[0].path().join("ours.zip");
    let manifest = export(&world.platform, ours, &path, &unwatched).await.unwrap();
    let mut admin = world.admin().await;
    let mut wanted = tenant_tables(&mut admin).await;
    for name in LEFT_OUT {
        assert!(wanted.remove(name), "{name} is left out and not there");
    }
    let written: BTreeSet<String> = manifest.tables.iter().map(|table| table.name.clone()).collect();
    assert_eq!(written, wanted);
    let empty: Vec<&str> = manifest
        .tables
        .iter()
        .filter(|table| table.rows == 0)
        .map(|table| &*table.name)
        .collect();
    assert_eq!(empty, Vec::<&str>::new(), "not filled, so not proved");
    assert_eq!((manifest.files.len(), manifest.missing_files.len()), (2, 1));
    let text = everything_in(&path);
    assert!(text.contains(OURS) && !text.contains(OTHERS));
    assert!(!text.contains("password_hash"), "no credentials");

    // In, elsewhere: equal row for row.
    let imported = import(&fresh.platform, &fresh.auth, &path, &unwatched).await.unwrap();
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    assert_eq!((imported.rows, imported.people_matched), (rows, 0));
    let again = export(&fresh.platform, ours, &folders[1].path().join("again.zip"), &unwatched)
        .await
        .unwrap();
    assert_eq!(again.tables, manifest.tables, "equal row for row");
    assert_eq!(again.files, manifest.files);
    assert_eq!(opened(&fresh, ours).await, opened(&world, ours).await);
    assert!(opened(&fresh, ours).await.contains("canaryours person 3"));
    let report = verify(&fresh.platform, ours).await.unwrap();
    assert!(report.is_whole() && report.entries == 5, "{report}");
    let mut there = fresh.admin().await;
    let people = found(&mut there, OURS).await;
    assert_eq!(people.get("identity.users"), Some(&3));
    assert_eq!(people.get("identity.credentials"), None, "without a password");
    let refused = import(&fresh.platform, &fresh.auth, &path, &unwatched)
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    println!(
        "CHECK A20 pass {}/{} tables and {rows}/{} rows equal after export and import, {} files",
        again.tables.len(),
        wanted.len(),
        imported.rows,
        again.files.len()
    );

    people_are_found_by_address(&peopled, ours, &path).await;
    damage_is_found(&peopled, &path).await;

    // Gone: nothing of it anywhere but hashes; the other organization as before.
    let before = found(&mut admin, OTHERS).await;
    // One person works for both.
    let both = format!(
        "update identity.users set email = 'both@example.sa', full_name = 'Works for both' where id = '{}'; \
        insert into identity.directory (user_id, organization_id, offered_at) values ('{}', '{others}', now()); \
        update identity.credentials set password_hash = 'kept' where user_id = '{}'; \
        insert into identity.mails (id, template, recipient, locale, state, next_try_at, expires_at, created_at, updated_at) \
            values (gen_random_uuid(), 'invitation', '{}', 'en', 'sent', now(), now(), now(), now())",
        member(ours, ROWS),
        member(ours, ROWS),
        member(ours, ROWS),
        member_email(OURS, 1)
    );
    run(&mut admin, &both).await;
    let erasure = erase(&world.platform, &world.auth, &world.migrator(), ours, &unwatched)
        .await
        .unwrap();
    assert_eq!(erasure.people, 2);
    let left = found(&mut admin, OURS).await;
    assert!(left.is_empty(), "{left:?}");
    let left = found(&mut admin, &ours.to_string()).await;
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        ["platform.audit_chain", "platform.audit_heads"]
    );
    assert_eq!(
        found(&mut admin, OTHERS).await,
        before,
        "the other organization is as it was"
    );
    let forced: i64 = admin
        .fetch_one(safe("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'platform' \
            and relrowsecurity and not relforcerowsecurity"))
        .await
        .unwrap()
        .get(0);
    assert_eq!(forced, 0, "row security binds the owner again");
    for folder in ["files", "exports"] {
        assert!(!folders[0].path().join(folder).join(ours.to_string()).exists());
    }
    let report = verify(&world.platform, ours).await.unwrap();
    assert!(report.is_whole() && report.erased_at.is_some(), "{report}");
    assert_eq!(report.entries, 6, "the last one says that it was erased");
    assert!(verify(&world.platform, others).await.unwrap().is_whole());
    println!(
        "CHECK A20 pass 0 canaries left in {} tables and the files after erasing {} rows and {} people; chain of {} entries whole",
        wanted.len(),
        erasure.rows,
        erasure.people,
        report.entries
    );
    // What stays still cannot be cut off or edited.
    run(
        &mut admin,
        &format!("update platform.audit_chain set content = sha256('x') where organization_id = '{ours}' and seq = 2"),
    )
    .await;
    assert!(!verify(&world.platform, ours).await.unwrap().is_whole());
}

/// Somebody who is known by the address keeps the id that he has here.
async fn people_are_found_by_address(world: &World, ours: Uuid, path: &Path) {
    let mut admin = world.admin().await;
    let (known, stranger) = (ids::new_id(), member(ours, 3));
    let sql = format!(
        "insert into identity.users (id, email, full_name, created_at, updated_at) values \
        ('{known}', '{}', 'Known here', now(), now()), ('{stranger}', 'stranger@example.sa', 'Somebody else', now(), now())",
        member_email(OURS, 2)
    );
    run(&mut admin, &sql).await;
    let imported = import(&world.platform, &world.auth, path, &unwatched).await.unwrap();
    assert_eq!(imported.people_matched, 2);
    let sql = format!("select user_id, email from platform.members where organization_id = '{ours}' order by email");
    let rows = admin.fetch_all(safe(&sql)).await.unwrap();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(ids[..2], [member(ours, 1), known]);
    assert!(
        ids[2] != stranger && ids[2] != known,
        "an id that is somebody else's is not taken"
    );
    let sql =
        format!("select count(*) from platform.member_roles where organization_id = '{ours}' and user_id = '{known}'");
    assert_eq!(
        admin.fetch_one(safe(&sql)).await.unwrap().get::<i64, _>(0),
        1,
        "what points at him moved along"
    );
    let name: String = admin
        .fetch_one(safe(&format!(
            "select full_name from identity.users where id = '{stranger}'"
        )))
        .await
        .unwrap()
        .get(0);
    assert_eq!(name, "Somebody else");
    assert!(verify(&world.platform, ours).await.unwrap().is_whole());
}

/// An archive that was changed is not taken in, not even in part.
async fn damage_is_found(world: &World, path: &Path) {
    let damaged = path.with_file_name("damaged.zip");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(std::fs::File::create(&damaged).unwrap());
    let other = ids::new_id();
    let ours = std::fs::read(path).unwrap();
    assert!(!ours.is_empty());
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if let Ok(text) = String::from_utf8(bytes.clone()) {
            let manifest: Option<Json> = serde_json::from_str(&text).ok().filter(|_| name == "manifest.json");
            let old = manifest.map(|manifest| manifest["organization_id"].as_str().unwrap().to_owned());
            if let Some(old) = old {
                bytes = text.replace(&old, &other.to_string()).into_bytes();
            }
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut out, &bytes).unwrap();
    }
    out.finish().unwrap();
    assert!(
        import(&world.platform, &world.auth, &damaged, &unwatched)
            .await
            .is_err(),
        "rows of another organization"
    );
    let mut admin = world.admin().await;
    let sql = format!("select count(*) from platform.members where organization_id = '{other}'");
    assert_eq!(admin.fetch_one(safe(&sql)).await.unwrap().get::<i64, _>(0), 0);
}
