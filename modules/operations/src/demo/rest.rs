//! Incidents, feedback, quality, handovers, routes and papers of the month.

use chrono::TimeDelta;
use platform_core::{Cx, Problem};
use platform_engine::{act, create};
use serde_json::{Value as Json, json};

use super::{Month, many};
use crate::handover_effects::nothing;
use crate::rows::{own_id, row};
use crate::{
    CUSTOMER_FEEDBACKS, FEEDBACK_TEMPLATES, HANDOVERS, INCIDENTS, OPERATIONS_DOCUMENTS, QUALITY_INSPECTION_SCORES,
    QUALITY_INSPECTIONS, QUALITY_METRICS, ROUTE_STOPS, ROUTES,
};

pub(super) async fn rest(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    incidents(cx, month).await?;
    feedback(cx, month).await?;
    quality(cx, month).await?;
    handovers(cx, month).await?;
    routes(cx, month).await?;
    papers(cx, month).await
}

async fn incidents(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    for number in 0..16_u64 {
        let day = month.ago(1 + number * 3);
        let courier = month.courier();
        let (kind, told) = *month.draw.one_of(month.words.incidents);
        let state =
            ["closed", "resolved", "closed", "investigating", "reported"][usize::try_from(number % 5).unwrap_or(0)];
        let reported = month.at(day, 300);
        let is_solved = matches!(state, "closed" | "resolved");
        let solved = (reported + TimeDelta::hours(month.draw.from(5, 90))).min(month.now);
        let cost = month.draw.from(0, 9) * month.draw.from(20, 180);
        cx.now = reported;
        let incident = json!({
            "incident_type": kind, "status": state, "courier_id": courier.id, "vehicle_id": courier.vehicle_id,
            "incident_on": day, "incident_time": "12:00", "description": told, "location": month.words.city,
            "cost": format!("{cost}.00"), "resolved_at": is_solved.then_some(solved),
            "resolution": is_solved.then_some(month.words.answer), "closed_at": (state == "closed").then_some(solved),
        });
        create(cx, &INCIDENTS, row(incident)).await?;
    }
    Ok(())
}

async fn feedback(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    cx.now = month.now - TimeDelta::days(30);
    let templates = vec![
        json!({"template_code": "SORRY", "template_name": month.words.answer, "template_type": "delivery", "body": month.words.answer,
               "sentiment_type": "negative"}),
        json!({"template_code": "THANKS", "template_name": month.words.praise[1], "template_type": "general",
               "body": month.words.praise[1], "sentiment_type": "positive"}),
    ];
    many(cx, &FEEDBACK_TEMPLATES, templates).await?;
    for number in 0..36_u64 {
        let day = month.ago(1 + number % 29);
        let minute = month.draw.from(60, 700);
        let said = month.at(day, minute);
        let is_good = month.draw.percent(70);
        let list = if is_good { month.words.praise } else { month.words.blame };
        let text = *month.draw.one_of(list);
        let rating = if is_good {
            month.draw.from(4, 5)
        } else {
            month.draw.from(1, 3)
        };
        let courier = month.courier();
        cx.now = said;
        let feedback = json!({
            "feedback_type": month.draw.one_of(&["delivery", "courier", "service", "app"]), "courier_id": courier.id,
            "customer_name": month.draw.one_of(month.words.customers), "overall_rating": rating,
            "delivery_speed_rating": rating.clamp(2, 5), "courier_behavior_rating": (rating + 1).min(5), "feedback_text": text,
            "is_complaint": !is_good, "submitted_at": said, "source": "app",
            "priority": if rating <= 2 { "high" } else { "normal" },
        });
        let id = own_id(&create(cx, &CUSTOMER_FEEDBACKS, row(feedback)).await?)?;
        cx.now = (said + TimeDelta::minutes(month.draw.from(20, 1500))).min(month.now);
        if number % 4 > 0 {
            act(cx, &CUSTOMER_FEEDBACKS, id, "review", nothing()).await?;
        }
        if number % 4 > 1 {
            let answer = json!({"response_text": month.words.answer});
            act(cx, &CUSTOMER_FEEDBACKS, id, "respond", row(answer)).await?;
        }
        if number % 4 > 2 {
            let solved = json!({"resolution_text": month.words.answer, "compensation_amount": if is_good { "0" } else { "15.00" }});
            act(cx, &CUSTOMER_FEEDBACKS, id, "resolve", row(solved)).await?;
        }
    }
    Ok(())
}

async fn quality(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    cx.now = month.now - TimeDelta::days(40);
    let kinds = ["timeliness", "package_handling", "courier_performance", "compliance"];
    let metrics = month.words.metrics.iter().zip(kinds).enumerate().map(|(number, ((code, name), kind))| {
        json!({"metric_code": code, "metric_name": name, "metric_type": kind, "target_value": "90", "min_acceptable": "70",
               "weight": (number + 1).to_string(), "is_critical": number == 1, "unit_of_measure": "%"})
    });
    let metrics = many(cx, &QUALITY_METRICS, metrics.collect()).await?;
    for number in 0..10_u64 {
        let day = month.ago(1 + number * 3);
        let courier = month.courier();
        cx.now = month.at(day, 200);
        let inspection =
            json!({"inspection_type": "courier_performance", "courier_id": courier.id, "scheduled_on": day});
        let id = own_id(&create(cx, &QUALITY_INSPECTIONS, row(inspection)).await?)?;
        if number == 0 {
            continue;
        }
        let scores: Vec<Json> = metrics
            .iter()
            .map(|metric| {
                let score = month.draw.from(if number % 4 == 3 { 45 } else { 74 }, 99);
                json!({"quality_inspection_id": id, "quality_metric_id": metric, "score": score.to_string(), "is_violation": score < 70})
            })
            .collect();
        many(cx, &QUALITY_INSPECTION_SCORES, scores).await?;
        crate::quality_figures::judge_one(cx, id).await?;
    }
    Ok(())
}

async fn handovers(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    let states = ["completed", "completed", "completed", "rejected", "approved", "pending"];
    for (number, state) in states.into_iter().enumerate() {
        let day = month.ago(u64::try_from(states.len() - number).unwrap_or(1));
        let place = month.draw.below(month.couriers.len());
        let (giver, taker) = (
            &month.couriers[place],
            &month.couriers[(place + 1) % month.couriers.len()],
        );
        let (giver, taker) = (giver.id, taker.id);
        let at = month.at(day, 480);
        cx.now = at;
        let is_done = state == "completed";
        let handover = json!({
            "handover_type": (["shift_end", "shift_start", "emergency"][number % 3]), "status": state, "from_courier_id": giver,
            "to_courier_id": taker, "scheduled_at": at, "completed_at": is_done.then_some(at),
            "approved_at": matches!(state, "completed" | "approved").then_some(at), "checklist": [{"item": "bag", "is_done": true}],
            "rejection_reason": (state == "rejected").then_some(month.words.late),
        });
        create(cx, &HANDOVERS, row(handover)).await?;
    }
    Ok(())
}

async fn routes(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    for number in 0..6_u64 {
        let day = month.ago(6 - number);
        let courier = month.courier();
        let (zone, district) = *month.draw.one_of(&month.zones);
        let begin = month.at(day, 120);
        cx.now = begin;
        let km = month.draw.from(14, 34);
        let minutes = crate::path::minutes(f64::from(i32::try_from(km).unwrap_or(0)), 8);
        let is_over = number < 4;
        let over = month.draw.from(-2, 6);
        let route = json!({
            "route_name": format!("{} {} {}", month.words.route, district.name, number + 1), "zone_id": zone, "route_on": day,
            "courier_id": courier.id, "status": if is_over { "completed" } else { "assigned" }, "assigned_at": begin,
            "total_distance_km": km.to_string(), "estimated_duration_minutes": minutes, "scheduled_start_at": begin,
            "start_latitude": format!("{:.6}", district.latitude), "start_longitude": format!("{:.6}", district.longitude),
            "actual_start_at": is_over.then_some(begin), "actual_end_at": is_over.then(|| begin + TimeDelta::minutes(minutes + 2 * over)),
            "actual_distance_km": is_over.then(|| (km + over).max(1).to_string()),
            "actual_duration_minutes": is_over.then(|| minutes + 2 * over),
        });
        let id = own_id(&create(cx, &ROUTES, row(route)).await?)?;
        let stops: Vec<Json> = (1..=8)
            .map(|stop: i64| {
                let mut near = |of: f64| format!("{:.6}", of + f64::from(i32::try_from(month.draw.from(-200, 200)).unwrap_or(0)) / 10_000.0);
                let status = match (is_over, stop) {
                    (true, 5) => "failed",
                    (true, _) => "completed",
                    (false, _) => "planned",
                };
                json!({"route_id": id, "stop_number": stop, "status": status, "latitude": near(district.latitude),
                       "longitude": near(district.longitude), "address": format!("{} {}", month.words.street, stop * 3)})
            })
            .collect();
        many(cx, &ROUTE_STOPS, stops).await?;
        if !is_over {
            crate::route_figures::optimize_one(cx, id).await?;
        }
    }
    Ok(())
}

async fn papers(cx: &mut Cx, month: &mut Month) -> Result<(), Problem> {
    cx.now = month.now - TimeDelta::days(50);
    for (number, (category, name)) in month.words.papers.iter().enumerate() {
        let paper = json!({"doc_name": name, "category": category, "content": name, "effective_on": month.ago(50), "is_public": number == 0});
        let id = own_id(&create(cx, &OPERATIONS_DOCUMENTS, row(paper)).await?)?;
        if number != 3 {
            act(cx, &OPERATIONS_DOCUMENTS, id, "approve", nothing()).await?;
        }
    }
    Ok(())
}
