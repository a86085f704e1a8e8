//! What customers think, in numbers.
#![expect(clippy::struct_field_names, reason = "fields are called as the answer calls them")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::period::Period;
use crate::rows::from_row;
use crate::score::{hundredths, percent};
use crate::sentiment;

pub(crate) const FEEDBACKS: &str = "SELECT feedback_type, status, priority, overall_rating, delivery_speed_rating,
    courier_behavior_rating, package_condition_rating, communication_rating, coalesce(feedback_title, '') || ' ' || feedback_text
    AS words, sentiment, category, is_complaint, is_escalated, coalesce(submitted_at, created_at) AS submitted_at, responded_at,
    resolved_at FROM operations.customer_feedbacks
    WHERE organization_id = $1 AND deleted_at IS NULL
    AND coalesce(submitted_at, created_at) >= $2::date::timestamp AT TIME ZONE $4
    AND coalesce(submitted_at, created_at) < ($3::date + 1)::timestamp AT TIME ZONE $4
    AND ($5::uuid IS NULL OR courier_id = $5)
    ORDER BY id DESC LIMIT 20000";

#[derive(Clone, Debug)]
struct Feedback {
    feedback_type: String,
    status: String,
    priority: String,
    overall_rating: i64,
    delivery_speed_rating: Option<i64>,
    courier_behavior_rating: Option<i64>,
    package_condition_rating: Option<i64>,
    communication_rating: Option<i64>,
    words: String,
    sentiment: Option<String>,
    category: Option<String>,
    is_complaint: bool,
    is_escalated: bool,
    submitted_at: DateTime<Utc>,
    responded_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
}

from_row!(Feedback {
    feedback_type,
    status,
    priority,
    overall_rating,
    delivery_speed_rating,
    courier_behavior_rating,
    package_condition_rating,
    communication_rating,
    words,
    sentiment,
    category,
    is_complaint,
    is_escalated,
    submitted_at,
    responded_at,
    resolved_at,
});

impl Feedback {
    fn is_negative(&self) -> bool {
        self.overall_rating <= 2 || self.is_complaint
    }

    fn needs_attention(&self) -> bool {
        let open = !matches!(self.status.as_str(), "resolved" | "closed");
        let pressing = matches!(self.priority.as_str(), "high" | "urgent");
        open && (self.is_negative() || self.status == "escalated" || pressing)
    }
}

/// Which feedback.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; 29 days before the last unless given.
    from: Option<NaiveDate>,
    /// Last day; today unless given.
    to: Option<NaiveDate>,
    /// One courier only.
    courier_id: Option<Uuid>,
}

/// What customers think.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Metrics {
    from: NaiveDate,
    to: NaiveDate,
    total: i64,
    /// Rated 1 or 2, or a complaint.
    negative: i64,
    /// Negative, escalated or pressing, and not resolved yet.
    needs_attention: i64,
    #[schemars(with = "Option<String>")]
    mean_overall_rating: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_delivery_speed_rating: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_courier_behavior_rating: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_package_condition_rating: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    mean_communication_rating: Option<Decimal>,
    /// Answered of all, in percent.
    #[schemars(with = "Option<String>")]
    response_percent: Option<Decimal>,
    /// Resolved of all, in percent.
    #[schemars(with = "Option<String>")]
    resolution_percent: Option<Decimal>,
    #[schemars(with = "Option<String>")]
    escalation_percent: Option<Decimal>,
    /// From what the customer said to the answer.
    #[schemars(with = "Option<String>")]
    mean_response_hours: Option<Decimal>,
    by_rating: BTreeMap<String, i64>,
    by_type: BTreeMap<String, i64>,
    by_status: BTreeMap<String, i64>,
    /// Read from rating and words, in English and Arabic.
    by_sentiment: BTreeMap<String, i64>,
    by_category: BTreeMap<String, i64>,
}

fn mean(ratings: impl Iterator<Item = i64>) -> Option<Decimal> {
    let (sum, count) = ratings.fold((0, 0), |(sum, count), rating| (sum + rating, count + 1));
    (count > 0).then(|| hundredths(Decimal::from(sum) / Decimal::from(count)))
}

fn summed(period: Period, list: &[Feedback]) -> Metrics {
    let count =
        |is: &dyn Fn(&Feedback) -> bool| i64::try_from(list.iter().filter(|one| is(one)).count()).unwrap_or(i64::MAX);
    let total = count(&|_| true);
    let mut by: [BTreeMap<String, i64>; 5] = Default::default();
    let mut response_s: Vec<i64> = Vec::new();
    for one in list {
        let sentiment = one
            .sentiment
            .clone()
            .unwrap_or_else(|| sentiment::of(one.overall_rating, &one.words).into());
        let category = one
            .category
            .clone()
            .unwrap_or_else(|| sentiment::topic(&one.feedback_type, &one.words).into());
        let keys = [
            one.overall_rating.to_string(),
            one.feedback_type.clone(),
            one.status.clone(),
            sentiment,
            category,
        ];
        for (counts, key) in by.iter_mut().zip(keys) {
            *counts.entry(key).or_default() += 1;
        }
        response_s.extend(one.responded_at.map(|at| (at - one.submitted_at).num_seconds().max(0)));
    }
    let [by_rating, by_type, by_status, by_sentiment, by_category] = by;
    let hours = (!response_s.is_empty()).then(|| {
        let count = Decimal::from(response_s.len());
        hundredths(Decimal::from(response_s.iter().sum::<i64>()) / Decimal::from(3600) / count)
    });
    Metrics {
        from: period.from,
        to: period.to,
        total,
        negative: count(&Feedback::is_negative),
        needs_attention: count(&Feedback::needs_attention),
        mean_overall_rating: mean(list.iter().map(|one| one.overall_rating)),
        mean_delivery_speed_rating: mean(list.iter().filter_map(|one| one.delivery_speed_rating)),
        mean_courier_behavior_rating: mean(list.iter().filter_map(|one| one.courier_behavior_rating)),
        mean_package_condition_rating: mean(list.iter().filter_map(|one| one.package_condition_rating)),
        mean_communication_rating: mean(list.iter().filter_map(|one| one.communication_rating)),
        response_percent: percent(count(&|one| one.responded_at.is_some()), total),
        resolution_percent: percent(count(&|one| one.resolved_at.is_some()), total),
        escalation_percent: percent(count(&|one| one.is_escalated), total),
        mean_response_hours: hours,
        by_rating,
        by_type,
        by_status,
        by_sentiment,
        by_category,
    }
}

/// `GET /operations/customer_feedbacks/metrics`.
pub(crate) async fn metrics(cx: &mut Cx, asked: Asked) -> Result<Metrics, Problem> {
    let period = Period::asked(cx, asked.from, asked.to)?;
    let (organization_id, zone) = (cx.organization_id, cx.time_zone().name());
    let list: Vec<Feedback> = sqlx::query_as(FEEDBACKS)
        .bind(organization_id)
        .bind(period.from)
        .bind(period.to)
        .bind(zone)
        .bind(asked.courier_id)
        .fetch_all(cx.db())
        .await?;
    Ok(summed(period, &list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_feedback() {
        let at: DateTime<Utc> = "2026-01-15T09:00:00Z".parse().expect("an instant");
        let bad = Feedback {
            feedback_type: "delivery".into(),
            status: "pending".into(),
            priority: "normal".into(),
            overall_rating: 2,
            delivery_speed_rating: Some(1),
            courier_behavior_rating: None,
            package_condition_rating: None,
            communication_rating: None,
            words: "وصل الطلب متأخر".into(),
            sentiment: None,
            category: None,
            is_complaint: false,
            is_escalated: false,
            submitted_at: at,
            responded_at: None,
            resolved_at: None,
        };
        let good = Feedback {
            status: "closed".into(),
            overall_rating: 5,
            delivery_speed_rating: None,
            words: "Great".into(),
            responded_at: Some(at + chrono::TimeDelta::minutes(90)),
            resolved_at: Some(at),
            ..bad.clone()
        };
        let day = at.date_naive();
        let metrics = summed(Period { from: day, to: day }, &[bad, good]);
        let text = |number: Option<Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
        assert_eq!((metrics.total, metrics.negative, metrics.needs_attention), (2, 1, 1));
        assert_eq!(
            (
                text(metrics.mean_overall_rating),
                text(metrics.mean_delivery_speed_rating)
            ),
            ("3.50".into(), "1.00".into())
        );
        assert_eq!(
            (text(metrics.response_percent), text(metrics.mean_response_hours)),
            ("50.0".into(), "1.50".into())
        );
        assert_eq!(
            metrics.by_sentiment,
            BTreeMap::from([("negative".into(), 1), ("positive".into(), 1)])
        );
        assert_eq!(metrics.by_category["delivery_speed"], 2);
    }
}
