//! What is personal or private is sealed in histories; who may see it still does, and nobody once its key is gone.

use platform_audit::verify;
use platform_core::{Mode, ids};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::shared::{DRIVERS, VANS, admin, begin, create, object, platform};

const CANARY: &str = "Canary Al-Usfur";

async fn stored(organization: Uuid, record: Uuid) -> Vec<Json> {
    let sql = "SELECT changes FROM platform.history WHERE organization_id = $1 AND record_id = $2 ORDER BY id";
    let rows = sqlx::query(sql)
        .bind(organization)
        .bind(record)
        .fetch_all(&mut admin().await)
        .await
        .unwrap();
    rows.iter().map(|row| row.try_get("changes").unwrap()).collect()
}

async fn opened(organization: Uuid, record: Uuid) -> Vec<Map<String, Json>> {
    let platform = platform().await;
    let mut entries: Vec<_> = stored(organization, record)
        .await
        .into_iter()
        .map(|json| (record, object(json)))
        .collect();
    let mut cx = platform_core::Cx::begin_job(&platform, organization, "a test", Mode::Read)
        .await
        .unwrap();
    cx.reveal(&mut entries).await.unwrap();
    cx.commit().await.unwrap();
    entries.into_iter().map(|(_, changes)| changes).collect()
}

#[tokio::test]
async fn personal_values_are_sealed_and_erasable_and_the_chain_stays_whole() {
    let platform = platform().await;
    let organization = ids::new_id();
    let row = json!({"full_name": CANARY, "phone": "+966501234567", "pay": "4500.00", "notes": "drives well"});
    let driver = create(&platform, organization, &DRIVERS, row.clone()).await.unwrap();
    let other = create(&platform, organization, &DRIVERS, row).await.unwrap();
    let mut cx = begin(&platform, organization).await;
    let change = object(json!({"pay": "5000.00", "notes": "drives very well"}));
    platform_engine::change(&mut cx, &DRIVERS, driver, "update", change)
        .await
        .unwrap();
    cx.commit().await.unwrap();

    let text = json!(stored(organization, driver).await).to_string();
    for hidden in [CANARY, "+966501234567", "4500.00", "5000.00"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    assert!(text.contains("drives very well"), "the others are not sealed: {text}");
    let shown = opened(organization, driver).await;
    assert_eq!(shown[0]["full_name"], json!({"after": CANARY}));
    assert_eq!(shown[0]["phone"], json!({"after": "+966501234567"}));
    assert_eq!(shown[1]["pay"], json!({"before": "4500.00", "after": "5000.00"}));

    let mut cx = begin(&platform, organization).await;
    assert_eq!(cx.forget_records(&[driver]).await.unwrap(), 1);
    cx.commit().await.unwrap();
    let shown = opened(organization, driver).await;
    assert_eq!(shown[0]["full_name"], json!({"erased": true}));
    assert_eq!(shown[1]["notes"]["after"], "drives very well");
    assert_eq!(
        opened(organization, other).await[0]["full_name"],
        json!({"after": CANARY}),
        "the others stay"
    );
    let report = verify(&platform, organization).await.unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.entries, 3);
}

#[tokio::test]
async fn private_values_of_things_are_sealed_with_the_organizations_key() {
    let platform = platform().await;
    let organization = ids::new_id();
    let van = create(&platform, organization, &VANS, json!({"name": "one", "price": "99.50"}))
        .await
        .unwrap();
    let text = json!(stored(organization, van).await).to_string();
    assert!(text.contains("one") && !text.contains("99.50"), "{text}");
    assert_eq!(opened(organization, van).await[0]["price"], json!({"after": "99.50"}));
    let keys = "SELECT count(*) FROM platform.record_keys WHERE organization_id = $1";
    let keys: i64 = sqlx::query_scalar(keys)
        .bind(organization)
        .fetch_one(&mut admin().await)
        .await
        .unwrap();
    assert_eq!(keys, 0, "a thing needs no key of its own");
    let mut admin = admin().await;
    let destroy = sqlx::query("DELETE FROM platform.organization_keys WHERE organization_id = $1").bind(organization);
    sqlx::Executor::execute(&mut admin, destroy).await.unwrap();
    assert_eq!(opened(organization, van).await[0]["price"], json!({"erased": true}));
    assert!(verify(&platform, organization).await.unwrap().is_whole());
}

#[tokio::test]
async fn a_key_that_was_never_committed_seals_nothing_for_others() {
    let platform = platform().await;
    let organization = ids::new_id();
    let mut cx = begin(&platform, organization).await;
    platform_engine::create_many(&mut cx, &DRIVERS, vec![object(json!({"full_name": "nobody"}))])
        .await
        .unwrap();
    cx.rollback().await.unwrap();
    let driver = create(&platform, organization, &DRIVERS, json!({"full_name": CANARY}))
        .await
        .unwrap();
    assert_eq!(
        opened(organization, driver).await[0]["full_name"],
        json!({"after": CANARY})
    );
}

#[tokio::test]
async fn what_sealing_costs() {
    let platform = platform().await;
    let organization = ids::new_id();
    let rows = |name: &str| -> Vec<_> {
        let row = |n: usize| object(json!({name: format!("row {n}"), "notes": "some text that is not sealed"}));
        (0..1000).map(row).collect()
    };
    // By turns: whatever else the machine does slows both.
    let kinds = [(&VANS, "name"), (&DRIVERS, "full_name")];
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..7 {
        for (times, (resource, name)) in times.iter_mut().zip(kinds) {
            let mut cx = begin(&platform, organization).await;
            let began = std::time::Instant::now();
            platform_engine::create_many(&mut cx, resource, rows(name))
                .await
                .unwrap();
            cx.commit().await.unwrap();
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let medians = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[3]
    });
    let ratio = medians[1] / medians[0];
    println!(
        "1,000 rows: {:.0} ms without a personal field, {:.0} ms with one: {ratio:.2}",
        medians[0], medians[1]
    );
    assert!(ratio < 5.0, "{ratio}");
}
