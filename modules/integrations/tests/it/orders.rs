//! Events of platforms' orders: each once, in the order of their own time.

use platform_core::{Cx, Mode};
use serde_json::{Value as Json, json};

use crate::guests::block_on;
use crate::world::{World, few_pages, quick};

fn event(order: &str, word: &str, minute: u32) -> Json {
    json!({"platform": "jahez", "platform_order_id": order, "platform_status": word, "payment_method": "cash",
        "total_amount": "48.50", "occurred_at": format!("2026-11-20T08:{minute:02}:00Z")})
}

#[test]
fn an_order_stands_where_its_latest_event_put_it() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = "/integrations/platform_orders/events";
        let first = world.post(path, event("J-1", "accepted", 3)).await.expect(200);
        assert_eq!(
            (&first["is_new_order"], &first["status"]),
            (&json!(true), &json!("assigned"))
        );
        let order = format!("/integrations/platform_orders/{}", first["order_id"].as_str().unwrap());
        assert_eq!(world.get(&order).await["cod_amount"], "48.50", "cash is the total");

        let delivered = world.post(path, event("J-1", "done", 33)).await.expect(200);
        assert_eq!(
            (&delivered["status"], &delivered["delivery_status"]),
            (&json!("delivered"), &json!("delivered"))
        );
        // The pick-up is heard of late: it is kept with its time, and the order stays delivered.
        let late = world.post(path, event("J-1", "picked", 14)).await.expect(200);
        assert_eq!(
            (&late["status"], &late["is_new_event"]),
            (&json!("delivered"), &json!(true))
        );
        let row = world.get(&order).await;
        assert_eq!(row["picked_up_at"], "2026-11-20T08:14:00.000Z");
        assert_eq!(row["delivered_at"], "2026-11-20T08:33:00.000Z");
        let version = row["version"].clone();
        // The same again is nothing new.
        let again = world.post(path, event("J-1", "done", 33)).await.expect(200);
        assert_eq!(
            (&again["is_new_event"], &again["is_new_order"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(world.get(&order).await["version"], version);
        // A word that nobody knows moves nothing and is seen.
        let unknown = world.post(path, event("J-1", "teleported", 40)).await.expect(200);
        assert_eq!(
            (&unknown["status"], &unknown["is_status_known"]),
            (&json!("delivered"), &json!(false))
        );
        assert_eq!(world.get(&order).await["platform_status"], "teleported");
        let events = world
            .get(&format!(
                "/integrations/platform_order_events?platform_order_id={}&total=true",
                first["order_id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(events["total"], 4);

        // The same number at another platform is another order; a platform that there is not is refused.
        let mut other = event("J-1", "new", 1);
        other["platform"] = json!("Hunger Station");
        let other = world.post(path, other).await.expect(200);
        assert_eq!(
            (&other["is_new_order"], &other["is_status_known"]),
            (&json!(true), &json!(false))
        );
        let mut nobody = event("J-1", "new", 1);
        nobody["platform"] = json!("nobody");
        assert_eq!(world.post(path, nobody).await.refused()["platform"], "not_a_choice");
    });
}

#[test]
fn a_demonstration_has_places() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let mut cx = Cx::begin_job(&world.platform, world.organization, "demo", Mode::Write)
            .await
            .unwrap();
        integrations::demo::demo(&mut cx, 1).await.unwrap();
        cx.commit().await.unwrap();
        for (path, least) in [("geofences", 4), ("placemarks", 6), ("gps_devices", 2)] {
            let list = world.get(&format!("/integrations/{path}?total=true")).await;
            assert!(list["total"].as_i64().unwrap() >= least, "{path}: {list}");
        }
    });
}
