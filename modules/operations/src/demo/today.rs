//! Today: deliveries in every state, each brought there by its actions, and what waits in the queue.

use chrono::TimeDelta;
use platform_core::{Cx, Problem};
use platform_engine::{act, create};
use serde_json::{Map, json};
use uuid::Uuid;

use super::Month;
use crate::rows::{own_id, row};
use crate::{DELIVERIES, DISPATCH_ASSIGNMENTS, PRIORITY_QUEUE_ENTRIES};

/// How many deliveries have gone how far.
const FAR: [(usize, usize); 9] = [(6, 0), (2, 1), (2, 2), (2, 3), (2, 4), (3, 5), (2, 6), (3, 7), (1, 8)];
const STEPS: [&str; 6] = ["assign", "accept", "start_pickup", "pick_up", "depart", "arrive"];

pub(super) async fn today(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    for (count, steps) in FAR {
        for number in 0..count * month.scale {
            let id = delivery(cx, month, steps).await?;
            if steps == 0 {
                wait(cx, month, id, number).await?;
            } else {
                drive(cx, month, id, steps).await?;
            }
        }
    }
    Ok(())
}

async fn delivery(cx: &mut Cx, month: &mut Month, steps: usize) -> Result<Uuid, Problem> {
    let (zone, district) = *month.draw.one_of(&month.zones);
    let age = i64::try_from(steps).unwrap_or(0) * 6 + month.draw.from(1, 12);
    cx.now = month.now - TimeDelta::minutes(age);
    let words = month.words;
    let mut near = |of: f64| {
        format!(
            "{:.6}",
            of + f64::from(i32::try_from(month.draw.from(-180, 180)).unwrap_or(0)) / 10_000.0
        )
    };
    let mut given = json!({
        "zone_id": zone, "ordered_at": cx.now, "platform": "direct",
        "pickup_address": format!("{}، {}", district.name, words.city),
        "delivery_address": format!("{} 12، {}، {}", words.street, district.name, words.city),
        "pickup_latitude": near(district.latitude), "pickup_longitude": near(district.longitude),
        "delivery_latitude": near(district.latitude), "delivery_longitude": near(district.longitude),
        "estimated_minutes": 40, "delivery_fee": "14.00",
    });
    given["customer_name"] = json!(month.draw.one_of(words.customers));
    given["sender_name"] = json!(month.draw.one_of(words.shops));
    given["priority"] = json!(month.draw.one_of(&["normal", "normal", "high", "urgent"]));
    if month.draw.percent(40) {
        given["cod_amount"] = json!(format!("{}.00", month.draw.from(20, 200)));
    }
    own_id(&create(cx, &DELIVERIES, row(given)).await?)
}

/// Takes a delivery that many steps: seven is delivered, eight failed.
async fn drive(cx: &mut Cx, month: &mut Month, id: Uuid, steps: usize) -> Result<(), Problem> {
    // The last ones of the list have the fewest deliveries: nobody is asked for more than he can carry.
    let turn = month.draw.below(month.couriers.len());
    let courier = month.couriers[turn].clone();
    for verb in STEPS.iter().take(steps) {
        cx.now = (cx.now + TimeDelta::minutes(4)).min(month.now);
        let inputs = if *verb == "assign" {
            row(json!({"courier_id": courier.id}))
        } else {
            Map::new()
        };
        match act(cx, &DELIVERIES, id, verb, inputs).await {
            Ok(_) => {}
            // The courier's pocket or hands are full: the delivery goes on waiting.
            Err(problem) if matches!(problem.code, "cash_limit" | "courier_full") => return Ok(()),
            Err(problem) => return Err(problem),
        }
    }
    cx.now = month.now;
    let owed = platform_engine::load(cx, &DELIVERIES, id)
        .await?
        .get("cod_amount")
        .clone();
    match steps {
        7 => {
            let proof = json!({"receiver_name": month.words.customers[0], "cash_collected": owed});
            act(cx, &DELIVERIES, id, "deliver", row(proof)).await.map(drop)
        }
        8 => {
            let reason = json!({"failure_reason": "customer_absent"});
            act(cx, &DELIVERIES, id, "fail", row(reason)).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// Most of what has no courier yet stands in the queue, some of it is being dispatched.
async fn wait(cx: &mut Cx, month: &mut Month, id: Uuid, number: usize) -> Result<(), Problem> {
    if number % 3 == 2 {
        return create(
            cx,
            &DISPATCH_ASSIGNMENTS,
            row(json!({"delivery_id": id, "estimated_time_minutes": 40})),
        )
        .await
        .map(drop);
    }
    let entry = json!({
        "delivery_id": id, "queued_at": cx.now, "sla_deadline_at": cx.now + TimeDelta::minutes(20 + month.draw.from(5, 60)),
        "base_priority_score": month.draw.from(30, 80), "priority": month.draw.one_of(&["normal", "high", "urgent", "critical"]),
        "customer_tier": month.draw.one_of(&["standard", "premium", "vip", "basic"]), "sla_buffer_minutes": 20,
    });
    create(cx, &PRIORITY_QUEUE_ENTRIES, row(entry)).await.map(drop)
}
