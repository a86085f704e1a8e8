//! A month of workflows for demonstrations: written by the same engine as anybody's, as the people who would have
//! done it and at the times at which they would. The same members and day make the same month.

mod library;

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use platform_core::{Actor, Cx, Identity, Member, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ledger::object;
use crate::{WORKFLOW_INSTANCES, desk, inbox, jobs, measure};

/// Members with their first job role.
pub(crate) const PEOPLE: &str = "SELECT m.user_id, m.full_name, m.membership, (SELECT min(r.role) \
     FROM platform.member_roles r WHERE r.organization_id = m.organization_id AND r.user_id = m.user_id) AS role \
     FROM platform.members m WHERE m.organization_id = $1 AND m.status = 'active' ORDER BY m.email";

/// Couriers to write about.
pub(crate) const COURIERS: &str = "SELECT c.id, c.full_name FROM fleet.courier_facts c \
     WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status = 'active' ORDER BY c.id LIMIT 60";

/// Somebody of the company.
#[derive(Clone)]
struct Person {
    id: Uuid,
    name: String,
    membership: String,
    role: String,
}

/// Days of the month.
const DAYS: u64 = 30;

/// A month of workflows up to now; `scale` times as many as a small company has.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = month(cx, scale, now).await;
    cx.actor = actor;
    cx.now = now;
    done?;
    // What is late by now is noticed, as the clock would have.
    jobs::clock(cx).await?;
    for back in (1..=DAYS).rev() {
        let day = cx.today().checked_sub_days(Days::new(back)).unwrap_or(cx.today());
        measure::day(cx, day).await?;
    }
    measure::snapshot(cx).await
}

async fn month(cx: &mut Cx, scale: u32, now: DateTime<Utc>) -> Result<(), Problem> {
    let people = people(cx).await?;
    let couriers = sqlx::query(COURIERS)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let couriers = couriers
        .iter()
        .map(|row| row.try_get("full_name"))
        .collect::<Result<Vec<String>, _>>()?;
    cx.now = now - TimeDelta::days(i64::try_from(DAYS + 2).unwrap_or(32));
    let library = library::stock(cx).await?;
    if people.is_empty() {
        return Ok(());
    }
    let subject = |number: u64| {
        let place = usize::try_from(number * 7).unwrap_or_default() % couriers.len().max(1);
        couriers.get(place).cloned().unwrap_or_else(|| format!("#{number}"))
    };
    for number in 0..u64::from(scale.max(1)) * 24 {
        let (template, what) = match number % 4 {
            0 | 2 => (library.leave, "Leave"),
            1 => (library.loan, "Loan"),
            _ => (library.repair, "Repair"),
        };
        let days_ago = DAYS - number * DAYS / (u64::from(scale.max(1)) * 24);
        let story = Story::of(number, days_ago);
        let begun = moment(cx, now, days_ago, number);
        let data = json!({"courier": subject(number), "days": 2 + number % 8,
            "amount": format!("{}.00", 500 + 250 * (number % 9))});
        tell(
            cx,
            template,
            &format!("{what}: {}", subject(number)),
            data,
            begun,
            &people,
            story,
            now,
        )
        .await?;
    }
    Ok(())
}

/// How a workflow goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Story {
    Approved,
    Slow,
    Rejected,
    SentBack,
    Cancelled,
    Waiting,
}

impl Story {
    /// What began in the last days still waits, mostly.
    const fn of(number: u64, days_ago: u64) -> Self {
        match number % 12 {
            _ if days_ago <= 4 && !number.is_multiple_of(3) => Self::Waiting,
            3 => Self::Rejected,
            5 => Self::Slow,
            7 => Self::SentBack,
            9 => Self::Cancelled,
            _ => Self::Approved,
        }
    }
}

/// A working moment so many days ago.
fn moment(cx: &Cx, now: DateTime<Utc>, days_ago: u64, number: u64) -> DateTime<Utc> {
    let day = now.with_timezone(&cx.time_zone()).date_naive();
    let day = day.checked_sub_days(Days::new(days_ago)).unwrap_or(day);
    let minute = u32::try_from(number * 37 % 360).unwrap_or_default();
    let time = NaiveTime::from_hms_opt(8 + minute / 60, minute % 60, 0).unwrap_or_default();
    let at = cx.time_zone().from_local_datetime(&day.and_time(time)).earliest();
    at.map_or(now, |at| at.with_timezone(&Utc)).min(now)
}

async fn people(cx: &mut Cx) -> Result<Vec<Person>, Problem> {
    let rows = sqlx::query(PEOPLE).bind(cx.organization_id).fetch_all(cx.db()).await?;
    let people = rows.iter().map(|row| {
        Ok(Person {
            id: row.try_get("user_id")?,
            name: row.try_get("full_name")?,
            membership: row.try_get("membership")?,
            role: row.try_get::<Option<String>, _>("role")?.unwrap_or_default(),
        })
    });
    Ok(people.collect::<Result<_, sqlx::Error>>()?)
}

/// From here on this member acts.
fn become_member(cx: &mut Cx, person: &Person) {
    let identity = Identity {
        user_id: person.id,
        organization_id: cx.organization_id,
        session_id: person.id,
        session_version: 1,
        support: None,
    };
    let member = Member {
        name: person.name.clone(),
        membership: person.membership.clone(),
        roles: vec![person.role.clone()],
        permissions: ["workflow_instances.update".to_owned()].into(),
        session_version: 1,
        organization_name: String::new(),
        time_zone: cx.time_zone(),
        currency: "SAR".into(),
        modules_off: [].into(),
    };
    cx.actor = Actor::Member(identity, Arc::new(member));
}

/// One workflow from its start to where it is now.
#[expect(clippy::too_many_arguments, reason = "a story has many parts")]
async fn tell(
    cx: &mut Cx,
    template: Uuid,
    subject: &str,
    data: Json,
    begun: DateTime<Utc>,
    people: &[Person],
    story: Story,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let deciders = ["fleet_manager", "hr_manager", "finance"];
    let askers: Vec<&Person> = people
        .iter()
        .filter(|person| !deciders.contains(&person.role.as_str()))
        .collect();
    let place = usize::try_from(begun.timestamp() / 60).unwrap_or_default() % askers.len().max(1);
    let Some(asker) = askers.get(place).copied().or(people.first()) else {
        return Ok(());
    };
    become_member(cx, asker);
    cx.now = begun;
    let row = json!({"template_id": template, "subject": subject, "data": data,
        "priority": if story == Story::Slow { "high" } else { "medium" }});
    let instance = platform_engine::create(cx, &WORKFLOW_INSTANCES, object(row)).await?;
    let Some(id) = instance.uuid("id") else { return Ok(()) };
    platform_engine::act(cx, &WORKFLOW_INSTANCES, id, "start", Map::new()).await?;
    let pace = if story == Story::Slow {
        TimeDelta::hours(31)
    } else {
        TimeDelta::minutes(95)
    };
    let mut has_gone_back = false;
    // Each turn one person does one thing, a while after the one before.
    for _ in 0..8 {
        let at = cx.now + pace;
        if at > now || story == Story::Waiting {
            return Ok(());
        }
        cx.now = at;
        let instance = platform_engine::load(cx, &WORKFLOW_INSTANCES, id).await?;
        match instance.text("status") {
            Some("in_progress") => {
                let role = instance.text("assigned_role").unwrap_or_default();
                let doer = people
                    .iter()
                    .find(|person| !role.is_empty() && person.role == role)
                    .unwrap_or(asker);
                become_member(cx, doer);
                desk::finish_step(cx, id, "done").await?;
            }
            Some("pending_approval") if story == Story::Cancelled => {
                become_member(cx, asker);
                let reason = object(json!({"cancel_reason": "No longer needed"}));
                platform_engine::act(cx, &WORKFLOW_INSTANCES, id, "cancel", reason).await?;
            }
            Some("pending_approval") => {
                let choice = match story {
                    Story::Rejected => inbox::Choice::Rejected,
                    Story::SentBack if !has_gone_back => inbox::Choice::Returned,
                    _ => inbox::Choice::Approved,
                };
                has_gone_back = true;
                if !decide(cx, id, people, asker, choice).await? {
                    return Ok(());
                }
            }
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// The first member who is asked decides; answers whether anybody is.
async fn decide(
    cx: &mut Cx,
    instance_id: Uuid,
    people: &[Person],
    asker: &Person,
    choice: inbox::Choice,
) -> Result<bool, Problem> {
    for person in people.iter().filter(|person| person.id != asker.id) {
        become_member(cx, person);
        if let Some(request) = inbox::first_for(cx, instance_id).await? {
            let words = match choice {
                inbox::Choice::Approved => "Agreed",
                inbox::Choice::Rejected => "Not this month: too many are away",
                inbox::Choice::Returned => "Please add the dates",
            };
            inbox::settle(cx, request, choice, Some(words.into())).await?;
            return Ok(true);
        }
    }
    Ok(false)
}
