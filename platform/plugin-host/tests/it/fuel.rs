//! The fuel card plugin against a provider, good and bad.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use fuel_simulator::{Bill, Config, Mode, Simulator};
use platform_plugin_host::{CallError, FuelPage, FuelTransaction, Health, Outcome, Plugin, PluginHost};
use serde_json::{Value, json};

use crate::support::{Installation, block_on, host, own_host, plugin};

struct World {
    simulator: Simulator,
    host: PluginHost,
    plugin: Plugin,
}

async fn world(config: Config) -> Option<World> {
    let plugin = plugin("syarah-fuel")?;
    let simulator = Simulator::start(config).await.unwrap();
    let host = host(&simulator.origin());
    Some(World {
        simulator,
        host,
        plugin,
    })
}

fn few_pages() -> Config {
    let first_day = day("2026-11-01");
    Config {
        per_page: 20,
        first_day,
        bills: Some(70),
        ..Config::default()
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl World {
    fn petroapp(&self, more: Value) -> Installation {
        let mut settings = json!({"base_url": format!("{}/webservice", self.simulator.origin())});
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        Installation::new(&self.plugin, settings)
    }

    fn mapped(&self, mode: &str, path: &str, mapping: Value) -> Installation {
        let settings = json!({"mode": mode, "base_url": self.simulator.origin(), "path": path, "mapping": mapping});
        Installation::new(&self.plugin, settings)
    }

    fn bills(&self) -> Vec<Bill> {
        // `support::now` is noon in Riyadh on the twentieth.
        let bills = self.simulator.bills(day("2026-11-01"), day("2026-11-20"));
        assert_eq!(bills.len(), 70);
        bills
    }

    /// Runs as the platform would: page by page, cursor kept, until there is no more or it fails.
    async fn run(&self, installation: &Installation, store: &mut Store) -> Result<u32, CallError> {
        for pages in 1..200 {
            let outcome = installation.pull(&self.host, store.cursor.clone()).await;
            let page = outcome.answer?;
            store.commit(&page);
            if !page.more {
                return Ok(pages);
            }
        }
        panic!("a run must end");
    }
}

/// What the platform keeps.
#[derive(Default)]
struct Store {
    cursor: Option<String>,
    transactions: BTreeMap<String, FuelTransaction>,
    refused: usize,
}

impl Store {
    fn commit(&mut self, page: &FuelPage) {
        self.cursor.clone_from(&page.cursor);
        self.refused += page.refused.len();
        for transaction in &page.transactions {
            self.transactions
                .insert(transaction.external_id.clone(), transaction.clone());
        }
    }

    fn figures(&self) -> Vec<(String, i64, i64)> {
        self.transactions
            .values()
            .map(|t| (t.external_id.clone(), t.volume_ml, t.amount_minor))
            .collect()
    }
}

fn expected(bills: &[Bill]) -> Vec<(String, i64, i64)> {
    let figures = |bill: &Bill| {
        let exact = |figure: u64| i64::try_from(figure).unwrap();
        (bill.id.to_string(), exact(bill.volume_ml), exact(bill.cost_halalas))
    };
    let mut all: Vec<_> = bills.iter().map(figures).collect();
    all.sort();
    all
}

fn code(error: &CallError) -> String {
    error.code()
}

#[test]
fn all_bills_arrive_exactly_and_a_second_run_changes_nothing() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let installation = world.petroapp(json!({}));
        let mut store = Store::default();
        assert_eq!(world.run(&installation, &mut store).await, Ok(4));
        assert_eq!(store.figures(), expected(&world.bills()));
        assert_eq!(store.refused, 0);
        let before = store.transactions.clone();
        world.run(&installation, &mut store).await.unwrap();
        assert_eq!(store.transactions, before);
        let first = &world.bills()[0];
        let stored = &store.transactions[&first.id.to_string()];
        let riyadh = first.at - chrono::TimeDelta::hours(3);
        assert_eq!(stored.occurred_at, riyadh.and_utc());
        assert!(
            stored.card_ref.is_some()
                || stored.plate_ref.is_some()
                || stored.plate_ref_ar.is_some()
                || stored.vin_ref.is_some()
                || stored.internal_ref.is_some()
        );
    });
}

#[test]
fn other_ways_of_writing_give_the_same_figures() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        for mode in [Mode::Comma, Mode::ArabicDigits, Mode::Duplicates] {
            world.simulator.control(|config| config.mode = mode);
            // With three decimals and a comma alone, figures have two readings: the administrator says which.
            let separator = if mode == Mode::Comma { "comma" } else { "auto" };
            let mut store = Store::default();
            world
                .run(&world.petroapp(json!({"decimal_separator": separator})), &mut store)
                .await
                .unwrap();
            assert_eq!(store.figures(), expected(&world.bills()), "{mode:?}");
        }
    });
}

#[test]
fn bills_without_ids_are_stored_once() {
    block_on(async {
        let Some(world) = world(Config {
            mode: Mode::NoIds,
            ..few_pages()
        })
        .await
        else {
            return;
        };
        let installation = world.petroapp(json!({}));
        let mut store = Store::default();
        world.run(&installation, &mut store).await.unwrap();
        assert_eq!(store.transactions.len(), world.bills().len());
        world.run(&installation, &mut store).await.unwrap();
        assert_eq!(store.transactions.len(), world.bills().len());
    });
}

#[test]
fn a_corrected_bill_replaces_itself() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let installation = world.petroapp(json!({"overlap_days": 30}));
        let mut store = Store::default();
        world.run(&installation, &mut store).await.unwrap();
        world.simulator.control(|config| config.mode = Mode::Changed);
        world.run(&installation, &mut store).await.unwrap();
        assert_eq!(
            store.figures(),
            expected(&world.bills()),
            "every cost is the new one, no bill is new"
        );
    });
}

#[test]
fn a_provider_in_trouble_fails_the_run_and_the_next_one_continues() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let cases = [
            (Mode::Http500, "failure.provider_error", true),
            (Mode::Garbage, "failure.bad_reply", true),
            (Mode::Truncated, "failure.bad_reply", true),
            (Mode::SamePage, "failure.repeated_page", false),
            (Mode::WrongAuth, "failure.credentials_refused", false),
            (Mode::RateLimited, "failure.rate_limited", true),
            (Mode::Redirect, "failure.moved", false),
            (Mode::Huge, "failure.too_large", false),
        ];
        for (mode, expected_code, retryable) in cases {
            let installation = world.petroapp(json!({}));
            let mut store = Store::default();
            world
                .simulator
                .control(|config| (config.mode, config.from_page) = (mode, 3));
            let error = world
                .run(&installation, &mut store)
                .await
                .expect_err("the provider is in trouble");
            assert_eq!(
                (code(&error).as_str(), error.retryable()),
                (expected_code, retryable),
                "{mode:?}: {error:?}"
            );
            assert_eq!(store.transactions.len(), 40, "{mode:?}: what was acknowledged stays");
            world.simulator.control(|config| config.mode = Mode::Good);
            let requests = world.simulator.requests();
            world.run(&installation, &mut store).await.unwrap();
            assert_eq!(
                store.figures(),
                expected(&world.bills()),
                "{mode:?}: nothing lost, nothing doubled"
            );
            assert_eq!(
                world.simulator.requests() - requests,
                2,
                "{mode:?}: it continued with page 3"
            );
        }
    });
}

#[test]
fn a_list_without_end_is_an_error_at_the_limit() {
    block_on(async {
        let Some(world) = world(Config {
            mode: Mode::Endless,
            ..few_pages()
        })
        .await
        else {
            return;
        };
        let error = world
            .run(&world.petroapp(json!({"page_limit": 6})), &mut Store::default())
            .await
            .expect_err("no end");
        assert_eq!(code(&error), "failure.page_limit");
        assert!(error.detail().contains("more than 6 pages"), "{}", error.detail());
    });
}

#[test]
fn a_provider_that_hangs_is_given_up() {
    block_on(async {
        let Some(world) = world(Config {
            mode: Mode::Hang,
            ..few_pages()
        })
        .await
        else {
            return;
        };
        let mut installation = world.petroapp(json!({}));
        installation.limits.http_timeout_ms = 200;
        let outcome = installation.pull(&world.host, None).await;
        assert_eq!(
            outcome.answer.as_ref().map_err(code).expect_err("it hangs"),
            "failure.timeout"
        );
        assert_eq!(outcome.http[0].error.as_deref(), Some("no answer in time"));
    });
}

#[test]
fn a_run_that_was_killed_continues_without_loss() {
    block_on(async {
        let Some(mut world) = world(few_pages()).await else {
            return;
        };
        world.host = own_host(&world.simulator.origin());
        let installation = world.petroapp(json!({}));
        let mut store = Store::default();
        let first = installation.pull(&world.host, None).await.answer.unwrap();
        store.commit(&first);
        world.simulator.control(|config| config.mode = Mode::Slow);
        let requests = world.simulator.requests();
        let pid = world.host.worker_pid().await.unwrap();
        let killed = async {
            // While the provider takes its time with the second page.
            while world.simulator.requests() == requests {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            std::process::Command::new("kill")
                .args(["-9", &pid.to_string()])
                .status()
                .unwrap();
        };
        let (lost, ()) = tokio::join!(installation.pull(&world.host, store.cursor.clone()), killed);
        assert_eq!(
            lost.answer.as_ref().map_err(code).expect_err("the worker is gone"),
            "fault.worker_lost"
        );
        world.simulator.control(|config| config.mode = Mode::Good);
        // The page was lost with the worker, the cursor was not: the same page comes again.
        world.run(&installation, &mut store).await.unwrap();
        assert_eq!(store.figures(), expected(&world.bills()));
    });
}

fn with_prefix(bills: &[Bill]) -> Vec<(String, i64, i64)> {
    let mut all: Vec<_> = expected(bills)
        .into_iter()
        .map(|(id, volume, amount)| (format!("R-{id}"), volume, amount))
        .collect();
    all.sort();
    all
}

#[test]
fn json_and_csv_of_another_provider_are_read_by_a_mapping() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let json = world.mapped(
        "json",
        "/export.json?from={from}&to={to}&page={page}",
        json!({"rows": "items", "last_page": "meta.last_page", "date_format": "epoch", "factors": {"volume": "0.001"},
               "fields": {"external_id": "receipt", "occurred_at": "when", "volume": "quantity_ml", "amount": "total",
                          "plate": "vehicle.plate", "card": "vehicle.card", "vin": "vehicle.vin", "odometer": "km"}}),
    );
        let mut store = Store::default();
        assert_eq!(world.run(&json, &mut store).await, Ok(4));
        assert_eq!(store.figures(), with_prefix(&world.bills()));
        let csv = world.mapped(
            "csv",
            "/export.csv?from={from}&to={to}",
            json!({"date_format": "DD/MM/YYYY HH:mm", "attributes": {"pump": "Pump"},
               "fields": {"external_id": "Receipt", "occurred_at": "Date", "volume": "Litres", "amount": "Total",
                          "plate": "Plate", "card": "Card", "odometer": "Km", "station": "Station"}}),
        );
        let mut store = Store::default();
        assert_eq!(world.run(&csv, &mut store).await, Ok(1));
        assert_eq!(store.figures(), with_prefix(&world.bills()));
    });
}

#[test]
fn settings_that_cannot_work_are_named() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let cases = [
            (world.mapped("json", "/x", json!({})), "failure.mapping"),
            (
                world.mapped(
                    "json",
                    "",
                    json!({"fields": {"occurred_at": "d", "volume": "v", "amount": "a"}}),
                ),
                "failure.path",
            ),
            (
                world.mapped(
                    "csv",
                    "/export.csv",
                    json!({"fields": {"occurred_at": "Date", "volume": "Litres"}}),
                ),
                "failure.mapping",
            ),
            (
                world.mapped(
                    "csv",
                    "/export.csv?from={from}&to={to}",
                    json!({"fields": {"occurred_at": "Datum", "volume": "Litres", "amount": "Total"}}),
                ),
                "failure.missing_column",
            ),
        ];
        for (installation, expected) in cases {
            let outcome: Outcome<FuelPage> = installation.pull(&world.host, None).await;
            assert_eq!(
                outcome.answer.as_ref().map_err(code).expect_err("it cannot work"),
                expected
            );
        }
        let mut keyless = world.petroapp(json!({}));
        keyless.secrets = platform_plugin_host::Secrets::default();
        let outcome = keyless.pull(&world.host, None).await;
        assert!(
            outcome
                .answer
                .as_ref()
                .expect_err("no key")
                .detail()
                .contains("not set"),
            "{:?}",
            outcome.answer
        );
    });
}

#[test]
fn a_connection_test_tells_good_from_bad() {
    block_on(async {
        let Some(world) = world(few_pages()).await else { return };
        let installation = world.petroapp(json!({}));
        assert_eq!(world.host.call_check(installation.call()).await.answer, Ok(Health::Ok));
        world.simulator.control(|config| config.mode = Mode::WrongAuth);
        let refused = world
            .host
            .call_check(installation.call())
            .await
            .answer
            .expect_err("the key is refused");
        assert_eq!(code(&refused), "failure.credentials_refused");
    });
}
