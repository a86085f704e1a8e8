//! The past four weeks, day by day: deliveries that ended, how they went, and their cash on its way to the bank.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use platform_engine::act;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Courier, Month, many};
use crate::handover_effects::nothing;
use crate::rows::row;
use crate::score;
use crate::{
    COD_DEPOSITS, COD_TRANSACTIONS, DELIVERIES, DELIVERY_EVENTS, DELIVERY_PROOFS, DISPATCH_ASSIGNMENTS, SLA_TRACKING,
};

/// Days before today.
const PAST: u64 = 28;
/// Deliveries of a day at scale one.
const A_DAY: usize = 14;

/// What became of a delivery, and when.
struct Course {
    row: Json,
    courier: Courier,
    zone: Uuid,
    ordered: DateTime<Utc>,
    minutes: i64,
    status: &'static str,
    cod: i64,
    receiver: &'static str,
}

impl Course {
    fn ended(&self) -> DateTime<Utc> {
        self.ordered + TimeDelta::minutes(self.minutes)
    }

    fn step(&self, share: i64) -> DateTime<Utc> {
        self.ordered + TimeDelta::minutes(self.minutes * share / 100)
    }
}

pub(super) async fn days(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    for ago in (1..=PAST).rev() {
        let day = month.ago(ago);
        let count = A_DAY * month.scale + month.draw.below(6);
        let courses: Vec<Course> = (0..count).map(|_| course(month, day)).collect();
        cx.now = month.at(day, 17 * 60);
        let ids = many(
            cx,
            &DELIVERIES,
            courses.iter().map(|course| course.row.clone()).collect(),
        )
        .await?;
        let stored: Vec<(Uuid, Course)> = ids.into_iter().zip(courses).collect();
        follow(cx, month, &stored).await?;
        cash(cx, month, &stored, day, ago).await?;
    }
    Ok(())
}

/// A delivery of a day: most arrive, some too late, few not at all.
fn course(month: &mut Month, day: NaiveDate) -> Course {
    let (zone, district) = *month.draw.one_of(&month.zones);
    let courier = month.courier();
    let minute = month.draw.from(0, 13 * 60);
    let ordered = month.at(day, minute);
    let minutes = if month.draw.percent(84) {
        month.draw.from(22, 58)
    } else {
        month.draw.from(61, 110)
    };
    let status = match month.draw.below(100) {
        0..=87 => "delivered",
        88..=92 => "failed",
        93..=96 => "returned",
        _ => "cancelled",
    };
    let cod = if month.draw.percent(38) {
        month.draw.from(25, 320) * 100
    } else {
        0
    };
    let words = month.words;
    let receiver = *month.draw.one_of(words.customers);
    let platform = *month
        .draw
        .one_of(&["direct", "barq", "jahez", "jahez", "hunger", "mrsool", "keeta"]);
    let mut near = |of: f64| of + f64::from(i32::try_from(month.draw.from(-200, 200)).unwrap_or(0)) / 10_000.0;
    let (pickup, drop) = (
        (near(district.latitude), near(district.longitude)),
        (near(district.latitude), near(district.longitude)),
    );
    let km = crate::geometry::haversine_km(
        crate::geometry::Point {
            latitude: pickup.0,
            longitude: pickup.1,
        },
        crate::geometry::Point {
            latitude: drop.0,
            longitude: drop.1,
        },
    );
    let failure = *month.draw.one_of(&[
        "customer_absent",
        "customer_unreachable",
        "wrong_address",
        "customer_refused",
    ]);
    let ended = |wanted: &[&str], at: DateTime<Utc>| wanted.contains(&status).then_some(at);
    let gone = status != "cancelled";
    let at = |share: i64| ordered + TimeDelta::minutes(minutes * share / 100);
    let number = month.draw.from(1_000_000, 9_999_999);
    let street = month.draw.from(1, 90);
    let row = json!({
        "status": status, "courier_id": gone.then_some(courier.id), "zone_id": zone, "platform": platform,
        "platform_order_id": (platform != "direct").then(|| number.to_string()),
        "tracking_number": (platform != "direct").then(|| format!("{}-{number}", platform.to_uppercase())),
        "priority": month.draw.one_of(&["normal", "normal", "normal", "high", "urgent", "low"]),
        "service_level": month.draw.one_of(&["standard", "standard", "express", "economy"]),
        "ordered_at": ordered, "customer_name": receiver, "sender_name": month.draw.one_of(words.shops),
        "customer_phone": format!("+96650{:07}", month.draw.from(0, 9_999_999)),
        "pickup_address": format!("{}، {}", district.name, words.city),
        "delivery_address": format!("{} {street}، {}، {}", words.street, district.name, words.city),
        "pickup_latitude": format!("{:.6}", pickup.0), "pickup_longitude": format!("{:.6}", pickup.1),
        "delivery_latitude": format!("{:.6}", drop.0), "delivery_longitude": format!("{:.6}", drop.1),
        "distance_km": format!("{km:.2}"), "estimated_minutes": 40, "cod_amount": crate::rows::amount(cod),
        "delivery_fee": format!("{}.00", month.draw.from(9, 22)), "items_count": month.draw.from(1, 6),
        "attempt_count": i32::from(gone), "assigned_at": gone.then(|| at(8)), "accepted_at": gone.then(|| at(12)),
        "pickup_started_at": gone.then(|| at(15)), "picked_up_at": gone.then(|| at(40)), "in_transit_at": gone.then(|| at(45)),
        "arrived_at": gone.then(|| at(96)), "delivered_at": ended(&["delivered"], at(100)),
        "failed_at": ended(&["failed", "returned"], at(100)),
        "returned_at": ended(&["returned"], at(100) + TimeDelta::minutes(90)),
        "cancelled_at": ended(&["cancelled"], at(20)),
        "failure_reason": matches!(status, "failed" | "returned").then_some(failure),
        "receiver_type": (status == "delivered").then_some("customer"),
        "receiver_name": (status == "delivered").then_some(receiver),
        "cash_collected": (status == "delivered" && cod > 0).then(|| crate::rows::amount(cod)),
        "last_latitude": gone.then(|| format!("{:.6}", drop.0)), "last_longitude": gone.then(|| format!("{:.6}", drop.1)),
    });
    Course {
        row,
        courier,
        zone,
        ordered,
        minutes,
        status,
        cod,
        receiver,
    }
}

/// Events, proofs, dispatches and clocks of the day's deliveries.
async fn follow(cx: &mut Cx, month: &mut Month, stored: &[(Uuid, Course)]) -> Result<(), Problem> {
    let (mut events, mut proofs, mut dispatches, mut clocks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, course) in stored {
        if course.status == "cancelled" {
            events.push(
                json!({"delivery_id": id, "event": "cancel", "from_status": "pending", "to_status": "cancelled",
                               "occurred_at": course.step(20)}),
            );
            continue;
        }
        let last = if course.status == "delivered" {
            ("deliver", "delivered")
        } else {
            ("fail", "failed")
        };
        let mut from = "pending";
        for (share, verb, to) in [
            (8, "assign", "assigned"),
            (12, "accept", "accepted"),
            (15, "start_pickup", "pickup_started"),
            (40, "pick_up", "picked_up"),
            (45, "depart", "in_transit"),
            (96, "arrive", "arrived"),
            (100, last.0, last.1),
        ] {
            let place = matches!(verb, "arrive" | "deliver" | "fail");
            events.push(json!({
                "delivery_id": id, "event": verb, "from_status": from, "to_status": to, "courier_id": course.courier.id,
                "occurred_at": course.step(share), "latitude": if place { course.row["delivery_latitude"].clone() } else { Json::Null },
                "longitude": if place { course.row["delivery_longitude"].clone() } else { Json::Null },
            }));
            from = to;
        }
        proofs.push(json!({
            "delivery_id": id, "outcome": last.1, "courier_id": course.courier.id, "captured_at": course.ended(),
            "receiver_type": course.row["receiver_type"], "receiver_name": (course.status == "delivered").then_some(course.receiver),
            "cash_collected": course.row["cash_collected"], "failure_reason": course.row["failure_reason"],
        }));
        let actual = course.minutes * 85 / 100;
        dispatches.push(json!({
            "status": "completed", "delivery_id": id, "courier_id": course.courier.id, "zone_id": course.zone,
            "assignment_algorithm": month.draw.one_of(&["engine", "engine", "manual", "nearest"]),
            "estimated_time_minutes": 40, "assigned_at": course.step(8), "accepted_at": course.step(12),
            "started_at": course.step(15), "completed_at": course.ended(), "actual_completion_time_minutes": actual,
            "performance_variance_minutes": actual - 40, "on_time_score": score::on_time(Some(40), actual).to_string(),
        }));
        clocks.push(clock(month, *id, course));
    }
    many(cx, &DELIVERY_EVENTS, events).await?;
    many(cx, &DELIVERY_PROOFS, proofs).await?;
    many(cx, &DISPATCH_ASSIGNMENTS, dispatches).await?;
    many(cx, &SLA_TRACKING, clocks).await.map(drop)
}

/// The clock of a delivery as it ended.
fn clock(month: &Month, id: Uuid, course: &Course) -> Json {
    let after = |minutes: i64| course.ordered + TimeDelta::minutes(minutes);
    let mut clock = json!({
        "sla_threshold_id": month.threshold, "delivery_id": id, "courier_id": course.courier.id, "started_at": course.ordered,
        "target_at": after(60), "warning_at": after(45), "critical_at": after(90), "target_value": "60.00",
        "penalty_per_breach": "50.00", "completed_at": course.ended(), "status": "expired",
    });
    if course.status != "delivered" {
        return clock;
    }
    let Some(outcome) = score::outcome(60.into(), course.minutes.into(), false) else {
        return clock;
    };
    clock["actual_value"] = json!(outcome.actual.to_string());
    clock["variance"] = json!(outcome.variance.to_string());
    clock["variance_percent"] = json!(outcome.percent.to_string());
    clock["compliance_score"] = json!(outcome.compliance.to_string());
    clock["status"] = json!("met");
    if !outcome.is_kept {
        let severity = score::Severity::of(outcome.percent);
        let word: &'static str = severity.into();
        clock["status"] = json!("breached");
        clock["breached_at"] = json!(after(60));
        clock["breach_severity"] = json!(word);
        clock["breach_duration_minutes"] = json!(course.minutes - 60);
        clock["breach_reason"] = json!(month.words.late);
        clock["penalty_applied"] = json!(score::penalty(50.into(), severity).to_string());
    }
    clock
}

/// Cash of the day: two days later a supervisor has it, then it goes to the bank, and finance compares.
async fn cash(cx: &mut Cx, month: &Month, stored: &[(Uuid, Course)], day: NaiveDate, ago: u64) -> Result<(), Problem> {
    let owed = stored
        .iter()
        .filter(|(_, course)| course.status == "delivered" && course.cod > 0);
    let rows = owed.map(|(id, course)| {
        json!({"courier_id": course.courier.id, "delivery_id": id, "amount": crate::rows::amount(course.cod), "collected_on": day})
    });
    let mut ids = many(cx, &COD_TRANSACTIONS, rows.collect()).await?;
    if ago <= 2 || ids.is_empty() {
        return Ok(());
    }
    // Some couriers keep theirs longer than they should.
    if ago.is_multiple_of(6) {
        ids.pop();
    }
    cx.now = (month.at(day, 17 * 60) + TimeDelta::days(1)).min(month.now);
    for id in &ids {
        act(cx, &COD_TRANSACTIONS, *id, "collect", nothing()).await?;
    }
    if ago <= 4 || ids.is_empty() {
        return Ok(());
    }
    cx.now = (cx.now + TimeDelta::days(1)).min(month.now);
    let reference = format!("BNK-{}", day.format("%m%d"));
    let deposit = crate::cod_effects::deposit(cx, &ids, &reference, Some("Al Rajhi"), None).await?;
    if ago <= 9 {
        return Ok(());
    }
    cx.now = (cx.now + TimeDelta::days(2)).min(month.now);
    // One bag in a while is short.
    let sum = deposit.decimal("amount").unwrap_or_default();
    let line = if ago == 13 && sum > 10.into() {
        sum - rust_decimal::Decimal::TEN
    } else {
        sum
    };
    let inputs = row(json!({"bank_amount": line.to_string(), "bank_reference": format!("ST-{}", day.format("%m%d"))}));
    let id = crate::rows::own_id(&deposit)?;
    act(cx, &COD_DEPOSITS, id, "reconcile", inputs).await.map(drop)
}
