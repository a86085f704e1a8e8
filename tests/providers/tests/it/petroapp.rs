//! PetroApp: pages until the last, exact figures, a key in three ways.

use std::collections::BTreeMap;

use fuel_simulator::{Config, Mode, Simulator};
use platform_plugin_host::{CallError, FailureKind, Health};
use serde_json::{Value, json};

use crate::host::{Installation, anywhere, failure};

async fn world(settings: Value) -> Option<(Simulator, Installation)> {
    let config = Config {
        per_page: 20,
        bills: Some(70),
        first_day: "2026-11-01".parse().unwrap(),
        ..Config::default()
    };
    let simulator = Simulator::start_on(config, anywhere()).await.unwrap();
    let mut all = json!({"base_url": format!("{}/webservice", simulator.origin())});
    all.as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    let secrets = [
        ("api_key", "simulator-key"),
        ("username", "barq-fleet"),
        ("password", "simulator-key"),
    ];
    let installation = Installation::new("petroapp-fuel", &simulator.origin(), all, &secrets)?;
    Some((simulator, installation))
}

/// What a run brought, where it ended, and its pages.
type Ran = (BTreeMap<String, (i64, i64)>, Option<String>, u32);

/// Ids and figures of everything, page by page as the platform runs it.
async fn run(installation: &Installation, mut cursor: Option<String>) -> Result<Ran, CallError> {
    let mut stored = BTreeMap::new();
    for pages in 1..100 {
        let page = installation.pull(cursor).await?;
        assert!(page.refused.is_empty(), "{:?}", page.refused);
        stored.extend(
            page.transactions
                .into_iter()
                .map(|bill| (bill.external_id, (bill.volume_ml, bill.amount_minor))),
        );
        cursor = page.cursor;
        if !page.more {
            return Ok((stored, cursor, pages));
        }
    }
    panic!("a run must end");
}

fn expected(simulator: &Simulator) -> BTreeMap<String, (i64, i64)> {
    let bills = simulator.bills("2026-11-01".parse().unwrap(), "2026-11-20".parse().unwrap());
    let exact = |figure: u64| i64::try_from(figure).unwrap();
    bills
        .iter()
        .map(|bill| (bill.id.to_string(), (exact(bill.volume_ml), exact(bill.cost_halalas))))
        .collect()
}

#[tokio::test]
async fn all_bills_arrive_exactly_in_every_way_to_prove_who_asks() {
    for auth in ["bearer", "ws_sk", "login"] {
        let Some((simulator, installation)) = world(json!({"auth": auth})).await else {
            return;
        };
        assert_eq!(installation.check().await, Ok(Health::Ok), "{auth}");
        let (stored, cursor, pages) = run(&installation, None).await.unwrap();
        assert_eq!((&stored, pages), (&expected(&simulator), 4), "{auth}");
        let (again, _, _) = run(&installation, cursor).await.unwrap();
        assert!(
            !again.is_empty() && again.iter().all(|(id, bill)| stored[id] == *bill),
            "three days are read again, and are the same"
        );
    }
}

#[tokio::test]
async fn other_ways_of_writing_and_corrections() {
    let Some((simulator, installation)) = world(json!({"overlap_days": 30})).await else {
        return;
    };
    for mode in [Mode::ArabicDigits, Mode::Duplicates, Mode::Changed] {
        simulator.control(|config| config.mode = mode);
        let (stored, _, _) = run(&installation, None).await.unwrap();
        assert_eq!(stored, expected(&simulator), "{mode:?}");
    }
    simulator.control(|config| config.mode = Mode::NoIds);
    let (first, _, _) = run(&installation, None).await.unwrap();
    let (second, _, _) = run(&installation, None).await.unwrap();
    assert_eq!((first.len(), &first), (70, &second));
}

#[tokio::test]
async fn figures_that_read_two_ways_are_named_and_not_guessed() {
    let Some((simulator, installation)) = world(json!({})).await else {
        return;
    };
    simulator.control(|config| config.mode = Mode::Comma);
    let page = installation.pull(None).await;
    // Three decimals and a comma alone: forty litres or forty thousand.
    assert_eq!(failure(page).1, "unreadable_page");
}

#[tokio::test]
async fn every_trouble_has_its_kind() {
    let Some((simulator, installation)) = world(json!({"page_limit": 6})).await else {
        return;
    };
    for (mode, kind, code) in [
        (Mode::Http500, FailureKind::Transient, "provider_error"),
        (Mode::Garbage, FailureKind::Transient, "bad_reply"),
        (Mode::Truncated, FailureKind::Transient, "bad_reply"),
        (Mode::WrongAuth, FailureKind::Auth, "credentials_refused"),
        (Mode::RateLimited, FailureKind::RateLimited, "rate_limited"),
        (Mode::SamePage, FailureKind::Permanent, "repeated_page"),
        (Mode::Endless, FailureKind::Permanent, "page_limit"),
        (Mode::Redirect, FailureKind::Config, "moved"),
        (Mode::Huge, FailureKind::Permanent, "too_large"),
    ] {
        simulator.control(|config| config.mode = mode);
        let (found, name, pause) = failure(run(&installation, None).await);
        assert_eq!((found, name.as_str()), (kind, code), "{mode:?}");
        assert_eq!(pause, (mode == Mode::RateLimited).then_some(60_000));
    }
    simulator.control(|config| config.mode = Mode::Good);
    let wrong = installation.with_secret("api_key", "another");
    assert_eq!(failure(wrong.check().await).0, FailureKind::Auth);
}
