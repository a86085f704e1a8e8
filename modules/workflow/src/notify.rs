//! Tells people what happened to a workflow: by the organization's own words where it has some, by the product's
//! otherwise.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use platform_core::{Cx, Locale, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::ledger::{object, one_line};
use crate::{WORKFLOW_NOTIFICATIONS, instant_json};

/// The organization's words for occasion $2, newest first, and its language.
pub(crate) const WORDS: &str = "SELECT o.locale, t.id, t.subject_template, t.body_template, t.channels, t.priority, \
     t.send_immediately, t.batch_delay_minutes FROM platform.organizations o \
     LEFT JOIN workflow.workflow_notification_templates t ON t.organization_id = o.organization_id \
     AND t.notification_type = $2 AND t.is_active AND t.deleted_at IS NULL \
     WHERE o.organization_id = $1 ORDER BY t.id DESC LIMIT 1";

/// Active members among $2, how they want to be told of $3, and how many they were told since $4.
pub(crate) const WISHES: &str = "SELECT m.user_id, m.email, p.enable_in_app, p.enable_email, p.do_not_disturb_from, \
     p.do_not_disturb_until, p.max_per_day, p.batch_notifications, p.batch_interval_minutes, p.digest_mode, (SELECT \
     count(*) FROM workflow.workflow_notifications n \
     WHERE n.organization_id = m.organization_id AND n.recipient = m.user_id AND n.created_at >= $4) AS told \
     FROM platform.members m LEFT JOIN LATERAL (SELECT w.* FROM workflow.workflow_notification_preferences w \
     WHERE w.organization_id = m.organization_id AND w.member = m.user_id AND w.notification_type = $3 \
     AND w.deleted_at IS NULL ORDER BY w.id DESC LIMIT 1) p ON true \
     WHERE m.organization_id = $1 AND m.user_id = ANY($2) AND m.status = 'active'";

/// The words of a notification, with holes.
struct Words {
    template_id: Option<Uuid>,
    subject: String,
    body: String,
    by_email: bool,
    priority: String,
    delay_minutes: i64,
}

/// Tells members of an occasion; `step` is what it is about within the workflow.
pub(crate) async fn tell(
    cx: &mut Cx,
    occasion: &'static str,
    instance: &Record,
    recipients: &[Uuid],
    step: &str,
) -> Result<(), Problem> {
    if recipients.is_empty() {
        return Ok(());
    }
    let words = words(cx, occasion).await?;
    let fill = |text: &str| {
        let subject = instance
            .text("subject")
            .or(instance.text("instance_number"))
            .unwrap_or_default();
        let number = instance.text("instance_number").unwrap_or_default();
        filled(
            text,
            &[("subject", subject), ("instance_number", number), ("step", step)],
        )
    };
    let (subject, body) = (one_line(&fill(&words.subject), occasion), fill(&words.body));
    let day = cx
        .time_zone()
        .from_local_datetime(&cx.today().and_time(NaiveTime::MIN))
        .earliest();
    let people = sqlx::query(WISHES)
        .bind(cx.organization_id)
        .bind(recipients)
        .bind(occasion)
        .bind(day.map_or(cx.now, |day| day.with_timezone(&Utc)))
        .fetch_all(cx.db())
        .await?;
    let mut rows = Vec::new();
    for person in &people {
        let told: i64 = person.try_get("told")?;
        let most: Option<i64> = person.try_get("max_per_day")?;
        let wants = |column: &str| Ok::<_, sqlx::Error>(person.try_get::<Option<bool>, _>(column)?.unwrap_or(true));
        let base = object(json!({
            "workflow_instance_id": instance.get("id"), "template_id": words.template_id, "notification_type": occasion,
            "recipient": person.try_get::<Uuid, _>("user_id")?, "subject": subject, "body": body,
            "priority": words.priority,
        }));
        if wants("enable_in_app")? && most.is_none_or(|most| told < most) {
            rows.push(in_app(base.clone(), cx.now));
        }
        if words.by_email && wants("enable_email")? {
            rows.push(by_email(base, person, &words, cx.now, cx.time_zone())?);
        }
    }
    if !rows.is_empty() {
        platform_engine::create_many(cx, &WORKFLOW_NOTIFICATIONS, rows).await?;
    }
    Ok(())
}

/// What is shown in the app is there as soon as it is written.
fn in_app(mut row: Map<String, Json>, now: DateTime<Utc>) -> Map<String, Json> {
    row.insert("channel".into(), "in_app".into());
    row.insert("status".into(), "sent".into());
    row.insert("sent_at".into(), instant_json(now));
    row
}

/// An e-mail waits for whoever sends e-mail, and for the end of quiet hours.
fn by_email(
    mut row: Map<String, Json>,
    person: &PgRow,
    words: &Words,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Map<String, Json>, sqlx::Error> {
    let time = |column: &str| {
        let text = person.try_get::<Option<String>, _>(column)?;
        Ok::<_, sqlx::Error>(text.and_then(|text| NaiveTime::parse_from_str(&text, "%H:%M").ok()))
    };
    let is = |column: &str| Ok::<_, sqlx::Error>(person.try_get::<Option<bool>, _>(column)? == Some(true));
    let gathered = person
        .try_get::<Option<i64>, _>("batch_interval_minutes")?
        .filter(|_| words.delay_minutes == 0);
    let ready = if is("digest_mode")? {
        next_morning(now, zone)
    } else if is("batch_notifications")? {
        now + TimeDelta::minutes(gathered.unwrap_or(words.delay_minutes))
    } else {
        now + TimeDelta::minutes(words.delay_minutes)
    };
    let quiet = time("do_not_disturb_from")?.zip(time("do_not_disturb_until")?);
    let at = quiet.map_or(ready, |(from, until)| out_of_quiet(ready, from, until, zone));
    row.insert("channel".into(), "email".into());
    row.insert("recipient_email".into(), person.try_get::<String, _>("email")?.into());
    row.insert("scheduled_at".into(), instant_json(at));
    Ok(row)
}

/// Eight in the morning of the next day: the time of digests.
fn next_morning(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let day = now.with_timezone(&zone).date_naive().checked_add_days(Days::new(1));
    let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default();
    let at = day.and_then(|day| zone.from_local_datetime(&day.and_time(eight)).earliest());
    at.map_or(now, |at| at.with_timezone(&Utc))
}

/// A moment, or the end of the quiet hours in which it falls; they may go over midnight.
fn out_of_quiet(at: DateTime<Utc>, from: NaiveTime, until: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone).naive_local();
    let time = local.time();
    let (is_quiet, days) = if from <= until {
        (from <= time && time < until, 0)
    } else {
        (time >= from || time < until, u64::from(time >= from))
    };
    let end = local
        .date()
        .checked_add_days(Days::new(days))
        .map(|day| day.and_time(until));
    let end = end.and_then(|end| zone.from_local_datetime(&end).earliest());
    match end {
        Some(end) if is_quiet => end.with_timezone(&Utc),
        _ => at,
    }
}

async fn words(cx: &mut Cx, occasion: &'static str) -> Result<Words, Problem> {
    let row = sqlx::query(WORDS)
        .bind(cx.organization_id)
        .bind(occasion)
        .fetch_one(cx.db())
        .await?;
    let locale = if row.try_get::<String, _>("locale")? == "ar" {
        Locale::Ar
    } else {
        Locale::En
    };
    let product = |part: &str| {
        let text = cx.platform.catalogue.words(locale)["notice"][occasion][part].as_str();
        text.unwrap_or(occasion).to_owned()
    };
    let own = |column: &str| row.try_get::<Option<String>, _>(column);
    let channels = row.try_get::<Option<Json>, _>("channels")?.unwrap_or_default();
    let immediately: Option<bool> = row.try_get("send_immediately")?;
    let delay: Option<i64> = row.try_get("batch_delay_minutes")?;
    Ok(Words {
        template_id: row.try_get("id")?,
        subject: own("subject_template")?.unwrap_or_else(|| product("subject")),
        body: own("body_template")?.unwrap_or_else(|| product("body")),
        by_email: channels
            .as_array()
            .is_some_and(|list| list.iter().any(|channel| channel == "email")),
        priority: own("priority")?.unwrap_or_else(|| "normal".into()),
        delay_minutes: delay.filter(|_| immediately == Some(false)).unwrap_or_default(),
    })
}

/// A text with its holes filled, not longer than what takes it.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end() {
        let zone = Tz::Asia__Riyadh;
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
        let at = |text: &str| -> DateTime<Utc> { format!("{text}:00+03:00").parse().expect("a moment") };
        let table = [
            ("2026-11-22T23:00", "22:00", "07:00", "2026-11-23T07:00"),
            ("2026-11-22T06:59", "22:00", "07:00", "2026-11-22T07:00"),
            ("2026-11-22T07:00", "22:00", "07:00", "2026-11-22T07:00"),
            ("2026-11-22T12:00", "22:00", "07:00", "2026-11-22T12:00"),
            ("2026-11-22T13:30", "13:00", "15:00", "2026-11-22T15:00"),
            ("2026-11-22T15:00", "13:00", "15:00", "2026-11-22T15:00"),
        ];
        for (now, from, until, expected) in table {
            assert_eq!(
                out_of_quiet(at(now), time(from), time(until), zone),
                at(expected),
                "{now} {from} {until}"
            );
        }
    }

    #[test]
    fn a_digest_comes_in_the_morning() {
        let evening = "2026-11-22T22:30:00Z".parse().expect("a moment");
        let expected: DateTime<Utc> = "2026-11-24T05:00:00Z".parse().expect("a moment");
        assert_eq!(
            next_morning(evening, Tz::Asia__Riyadh),
            expected,
            "it is past midnight in Riyadh"
        );
    }

    #[test]
    fn holes_are_filled() {
        let values = [("subject", "Leave of Ali"), ("step", "HR")];
        assert_eq!(
            filled("{step}: {subject} {unknown}", &values),
            "HR: Leave of Ali {unknown}"
        );
    }
}
