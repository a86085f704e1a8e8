//! Requests from outside: believed or not, stored once, worked on by the real guest, whatever dies in between.

use std::net::SocketAddr;
use std::process::Command;

use fuel_simulator::Simulator;
use provider_simulators::{HungerStation, Webhook, shuffled};
use serde_json::{Value as Json, json};

use crate::guests::{block_on, own_host};
use crate::world::{World, few_pages, quick};

const SECRET: &str = "webhook-secret";

struct Platform {
    world: World,
    sender: HungerStation,
    path: String,
    address: String,
}

impl Platform {
    async fn new() -> Option<Self> {
        Self::of(World::new(few_pages(), quick()).await?).await
    }

    /// With a worker of its own: no other test is to lose its.
    async fn alone() -> Option<Self> {
        let simulator = Simulator::start(few_pages()).await.unwrap();
        let host = own_host(&simulator.origin());
        Self::of(World::with(host, simulator, quick()).await?).await
    }

    async fn of(world: World) -> Option<Self> {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let sender = HungerStation::start(any, "user", "password", SECRET).await.unwrap();
        let secrets = json!({"username": "user", "password": "password", "webhook_secret": SECRET});
        let path = world.set_up("hungerstation-orders", json!({}), secrets).await;
        let address = world.address(&path, "orders").await;
        Some(Self {
            world,
            sender,
            path,
            address,
        })
    }

    fn orders(&self, count: usize) -> Vec<Webhook> {
        (0..count)
            .map(|n| self.sender.order(&self.address, &format!("order-{n:03}")))
            .collect()
    }

    async fn stored(&self) -> Vec<Json> {
        self.world.rows("/integrations/platform_orders?limit=100").await
    }
}

#[test]
fn an_order_that_a_platform_sends_is_an_order() {
    block_on(async {
        let Some(platform) = Platform::new().await else { return };
        let (_runner, _stop) = platform.world.start();
        let order = platform.sender.order(&platform.address, "order-1");
        let (status, body) = platform.world.knock(&platform.address, &order).await;
        assert_eq!((status, body.as_str()), (200, "{}"), "as its manifest says");
        let tasks = platform.world.when_rows("/integrations/plugin_tasks", |rows| {
            rows.iter().any(|row| !row["finished_at"].is_null())
        });
        let tasks = tasks.await;
        assert_eq!(
            (&tasks[0]["status"], &tasks[0]["origin"], &tasks[0]["attempts"]),
            (&json!("done"), &json!("webhook"), &json!(1)),
            "{tasks:#?}"
        );
        let orders = platform.stored().await;
        assert_eq!(orders.len(), 1);
        assert_eq!(
            (
                &orders[0]["platform"],
                &orders[0]["platform_order_id"],
                &orders[0]["total_amount"]
            ),
            (&json!("hungerstation"), &json!("order-1"), &json!("58.90")),
            "{:#}",
            orders[0]
        );
        assert_eq!(orders[0]["customer_phone"], "+966501234567");
        let calls = platform.world.rows("/integrations/plugin_calls").await;
        assert_eq!(
            (&calls[0]["outcome"], &calls[0]["handler"], &calls[0]["records"]),
            (&json!("ok"), &json!("order-source.event"), &json!(1)),
            "{calls:#?}"
        );
        let days = platform.world.rows("/integrations/plugin_usage_days").await;
        assert_eq!((&days[0]["calls"], &days[0]["failures"]), (&json!(1), &json!(0)));
    });
}

#[test]
fn a_request_that_is_not_the_senders_leaves_no_trace() {
    block_on(async {
        let Some(platform) = Platform::new().await else { return };
        let world = &platform.world;
        let good = platform.sender.order(&platform.address, "order-1");
        let mut forged = good.clone();
        forged.body.push(b' ');
        let mut unsigned = good.clone();
        unsigned.headers.truncate(1);
        for webhook in [&forged, &unsigned] {
            let (status, body) = world.knock(&platform.address, webhook).await;
            assert_eq!(status, 401, "{body}");
            assert!(body.contains("webhook_signature_wrong"), "{body}");
        }
        // An address that nobody gave away, and one that was changed.
        let mut other = platform.address.clone();
        let last = other.pop().unwrap();
        other.push(if last == 'A' { 'B' } else { 'A' });
        assert_eq!(world.knock(&other, &good).await.0, 404);
        let id = platform.path.rsplit('/').next().unwrap();
        let endpoint = &world
            .rows(&format!(
                "/integrations/plugin_endpoints?installation_id={id}&name=orders"
            ))
            .await[0];
        let endpoint = format!("/integrations/plugin_endpoints/{}", endpoint["id"].as_str().unwrap());
        world.post(&format!("{endpoint}/rotate"), json!({})).await.expect(200);
        assert_eq!(world.knock(&platform.address, &good).await.0, 404);
        let address = world.address(&platform.path, "orders").await;
        assert_ne!(address, platform.address);
        assert_eq!(world.knock(&address, &good).await.0, 200);
        world.post(&format!("{endpoint}/close"), json!({})).await.expect(200);
        assert_eq!(world.knock(&address, &good).await.0, 404);
        assert_eq!(world.rows("/integrations/plugin_tasks").await.len(), 1);
    });
}

#[test]
fn the_same_request_a_hundred_times_at_once_is_one_piece_of_work() {
    block_on(async {
        let Some(platform) = Platform::new().await else { return };
        let order = platform.sender.order(&platform.address, "order-1");
        let knocks = (0..100).map(|_| platform.world.knock(&platform.address, &order));
        let answers = futures_util::future::join_all(knocks).await;
        assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
        assert_eq!(platform.world.rows("/integrations/plugin_tasks").await.len(), 1);
    });
}

#[test]
fn what_comes_in_while_a_plugin_is_off_is_refused_and_while_it_is_not_ready_waits() {
    block_on(async {
        let Some(platform) = Platform::new().await else { return };
        let world = &platform.world;
        let order = platform.sender.order(&platform.address, "order-1");
        world
            .post(&format!("{}/disable", platform.path), json!({}))
            .await
            .expect(200);
        assert_eq!(world.knock(&platform.address, &order).await.0, 404);
        world
            .post(&format!("{}/enable", platform.path), json!({}))
            .await
            .expect(200);
        // The password is missing: the request can be checked, and waits.
        let without = json!({"secrets": {"password": null}});
        let row = world
            .post(&format!("{}/configure", platform.path), without)
            .await
            .expect(200);
        assert_eq!(row["status"], "needs_settings");
        assert_eq!(world.knock(&platform.address, &order).await.0, 200);
        let (_runner, _stop) = world.start();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let task = &world.rows("/integrations/plugin_tasks").await[0];
        assert_eq!(
            (&task["status"], &task["next_at"]),
            (&json!("queued"), &Json::Null),
            "{task:#}"
        );
        let with = json!({"secrets": {"password": "password"}});
        world
            .post(&format!("{}/configure", platform.path), with)
            .await
            .expect(200);
        world
            .when_rows("/integrations/plugin_tasks?status=done", |rows| rows.len() == 1)
            .await;
        assert_eq!(platform.stored().await.len(), 1);
    });
}

/// Orders of the test in which the worker is killed; with BARQ_CALLS as many as one likes.
#[expect(
    clippy::disallowed_methods,
    reason = "settings of the tests are no settings of the product"
)]
fn calls() -> usize {
    std::env::var("BARQ_CALLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(40)
}

#[test]
fn the_worker_is_killed_again_and_again_and_each_effect_is_there_once() {
    block_on(async {
        let Some(mut platform) = Platform::alone().await else {
            return;
        };
        let count = calls();
        let orders = platform.orders(count);
        // As platforms do: more than once each, in no order.
        for webhook in shuffled(&orders, 2, 11) {
            assert_eq!(platform.world.knock(&platform.address, &webhook).await.0, 200);
        }
        let (_runner, _stop) = platform.world.start();
        let mut killed = 0;
        let done = loop {
            let done = platform.world.count("plugin_tasks", "status = 'done'").await;
            if done == count {
                break done;
            }
            if killed < count / 4
                && let Ok(pid) = platform.world.host.worker_pid().await
            {
                let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
                killed += 1;
            }
            tokio::time::sleep(std::time::Duration::from_millis(40)).await;
            // Whoever waits for the next try does not have to wait in truth.
            platform.world.pass_when_idle(31).await;
            assert_eq!(
                platform.world.count("plugin_tasks", "status = 'dead'").await,
                0,
                "after {killed} kills"
            );
        };
        assert_eq!(done, count);
        assert!(killed > 0);
        assert_eq!(
            platform.world.count("platform_orders", "true").await,
            count,
            "each order once"
        );
        assert_eq!(
            platform.world.count("platform_order_events", "true").await,
            count,
            "each event once"
        );
        let lost = platform
            .world
            .count("plugin_calls", "problem_code = 'plugin_lost'")
            .await;
        println!("{count} calls, {killed} kills of the worker, {lost} calls lost, every effect once");
    });
}

#[test]
fn recorded_calls_give_the_same_bytes_again() {
    block_on(async {
        let Some(mut platform) = Platform::new().await else {
            return;
        };
        let count = 100;
        for webhook in platform.orders(count) {
            assert_eq!(platform.world.knock(&platform.address, &webhook).await.0, 200);
        }
        let (_runner, _stop) = platform.world.start();
        for _ in 0..3000 {
            if platform.world.count("plugin_tasks", "status = 'done'").await == count {
                break;
            }
            platform.world.pass_when_idle(1).await;
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let calls = platform.world.rows("/integrations/plugin_calls?limit=100").await;
        assert_eq!(calls.len(), count);
        for call in &calls {
            let id = call["id"].as_str().unwrap();
            platform
                .world
                .post(&format!("/integrations/plugin_calls/{id}/replay"), json!({}))
                .await
                .expect(202);
        }
        for _ in 0..3000 {
            if platform.world.count("plugin_calls", "replayed_at IS NOT NULL").await == count {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(
            platform.world.count("plugin_calls", "replay_equal").await,
            count,
            "equal bytes"
        );
        println!("{count} recorded calls replayed, {count} with equal bytes");
        // Nothing was stored again.
        assert_eq!(platform.world.count("platform_order_events", "true").await, count);
    });
}
