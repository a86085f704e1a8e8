//! A redacted history: the chain stays whole with what was signed, and with nothing else.

use platform_audit::{Anchors, Fault, changes_hash, verify};
use platform_core::ids;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::shared::{DATA, VANS, admin, create, noon, platform};

const READ: &str = "select changes::text from platform.history where id = $1";
const WRITE: &str = "update platform.history set changes = $2::jsonb where id = $1";

async fn changes(admin: &mut PgConnection, id: Uuid) -> String {
    sqlx::query_scalar(READ).bind(id).fetch_one(admin).await.unwrap()
}

async fn put(admin: &mut PgConnection, id: Uuid, changes: &str) {
    sqlx::query(WRITE).bind(id).bind(changes).execute(admin).await.unwrap();
}

#[tokio::test]
async fn what_was_put_out_is_explained_and_nothing_else_is() {
    let (platform, mut admin, organization) = (platform().await, admin().await, ids::new_id());
    for name in ["van of Monir", "another"] {
        let row = json!({"name": name, "price": "10.00"});
        create(&platform, organization, &VANS, row).await.unwrap();
    }
    let first = "select id from platform.history where organization_id = $1 order by id limit 1";
    let id: Uuid = sqlx::query_scalar(first)
        .bind(organization)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let found = async || {
        let report = verify(&platform, organization).await.unwrap();
        report.first().map(|finding| (finding.fault, finding.history_id))
    };
    assert_eq!(found().await, None);

    let anchors = Anchors::open(DATA.path()).unwrap();
    let was = changes(&mut admin, id).await;
    let is = was.replace("Monir", "erased");
    assert_ne!(was, is);
    put(&mut admin, id, &is).await;
    assert_eq!(found().await, Some((Fault::Edited, Some(id))), "nobody signed it");
    put(&mut admin, id, &was).await;
    let hashes = [(id, changes_hash(&was), changes_hash(&is))];
    anchors.redact(organization, &hashes, noon()).unwrap();
    assert_eq!(found().await, None, "signed, and the process ended before the change");
    put(&mut admin, id, &is).await;
    assert_eq!(found().await, None);

    // Another text than the one that was signed, and another part than the changes.
    put(&mut admin, id, &is.replace("erased", "somebody else")).await;
    assert_eq!(found().await, Some((Fault::Edited, Some(id))));
    put(&mut admin, id, &is).await;
    let verb = "update platform.history set verb = $2 where id = $1";
    sqlx::query(verb)
        .bind(id)
        .bind("read")
        .execute(&mut admin)
        .await
        .unwrap();
    assert_eq!(found().await, Some((Fault::Edited, Some(id))));
    sqlx::query(verb)
        .bind(id)
        .bind("create")
        .execute(&mut admin)
        .await
        .unwrap();

    // Somebody else is forgotten later: the second redaction follows from the first, and the first text may not come back.
    let later = is.replace("van", "erased");
    let hashes = [(id, changes_hash(&is), changes_hash(&later))];
    anchors.redact(organization, &hashes, noon()).unwrap();
    put(&mut admin, id, &later).await;
    assert_eq!(found().await, None);
    put(&mut admin, id, &was).await;
    assert_eq!(found().await, Some((Fault::Edited, Some(id))));
    put(&mut admin, id, &later).await;

    // A line that the installation did not sign, or of another organization, explains nothing and is itself a finding.
    let path = DATA.path().join(format!("audit/{organization}.redactions.ndjson"));
    let signed = std::fs::read_to_string(&path).unwrap();
    let other = later.replace("erased", "nobody");
    let forged = signed.replace(&changes_hash(&later), &changes_hash(&other));
    std::fs::write(&path, forged).unwrap();
    put(&mut admin, id, &other).await;
    let report = verify(&platform, organization).await.unwrap();
    let faults: Vec<Fault> = report.findings.iter().map(|finding| finding.fault).collect();
    assert_eq!(faults, [Fault::Edited, Fault::Forged]);
    put(&mut admin, id, &later).await;
    std::fs::write(&path, signed).unwrap();
    assert_eq!(found().await, None);
    println!("CHECK A16 pass redacted histories: 7/7 changes that nobody signed found, 4/4 signed ones explained");
}
