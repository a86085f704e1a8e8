//! What plugins say: events of their own, which other plugins hear, and replies to senders that wait.

use provider_simulators::Webhook;
use serde_json::json;

use crate::guests::block_on;
use crate::versions::{ready, signed};
use crate::world::{World, few_pages, quick};

/// Nothing but what the test is about.
const LESS: [(&str, &str); 2] = [
    (
        "\"fuel-source\", \"order-source\", \"sms-gateway\", \"payout-gateway\", ",
        "",
    ),
    (
        "effects = [\"notices\", \"jobs\", \"events\", \"orders\"]",
        "effects = [\"jobs\", \"events\"]",
    ),
];
/// It emits one event by its schedule and one for each event that it hears.
const HEARS_ITSELF: (&str, &str) = (
    "name = \"fleet.vehicles.updated\"\nfields = [\"status\"]",
    "name = \"tests.happened\"\nfields = [\"status\"]",
);

/// The plugin, installed and at work; its path.
async fn set_up(world: &World) -> String {
    let version = ready(world, signed("everything-guest", &[LESS[0], LESS[1], HEARS_ITSELF])).await;
    assert_eq!(version["status"], "ready", "{version:#}");
    let install = json!({"plugin": "everything-guest", "grants": {"hosts": ["{setting:base_url}"],
        "effects": ["jobs", "events"], "reads": [], "events": ["tests.happened"]}});
    let row = world
        .post("/integrations/installations/install", install)
        .await
        .expect(201);
    let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
    let configure = json!({"settings": {}, "secrets": {"api_key": "key"}});
    let row = world.post(&format!("{path}/configure"), configure).await.expect(200);
    assert_eq!(row["status"], "active", "{row:#}");
    path
}

#[test]
fn a_sender_that_waits_gets_the_plugins_own_reply() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let (_runner, _stop) = world.start();
        let path = set_up(&world).await;
        let address = world.address(&path, "news").await;
        let news = Webhook {
            url: String::new(),
            headers: vec![("x-key".to_owned(), "mine".to_owned())],
            body: b"what is new".to_vec(),
        };
        let said = (
            200,
            r#"{"body":"what is new","header":"mine","verified":false}"#.to_owned(),
        );
        assert_eq!(world.knock(&address, &news).await, said);
        assert_eq!(
            world.knock(&address, &news).await,
            said,
            "the same request, the same reply"
        );
        assert_eq!(world.rows("/integrations/plugin_tasks?origin=webhook").await.len(), 1);
    });
}

#[test]
fn what_a_plugin_emits_is_heard_and_a_circle_ends() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let (_runner, _stop) = world.start();
        set_up(&world).await;
        world.pass(24 * 60 * 60);
        let dead = world
            .when_rows("/integrations/plugin_tasks?origin=event&status=dead", |rows| {
                rows.len() == 1
            })
            .await;
        assert_eq!(dead[0]["problem_code"], "plugin_events_in_a_circle");
        // One for each plugin it went through; the last of them may not go further.
        assert_eq!(world.count("plugin_tasks", "origin = 'event'").await, 4);
        assert_eq!(
            world
                .count("plugin_tasks", "origin = 'event' AND status = 'done'")
                .await,
            3
        );
    });
}
