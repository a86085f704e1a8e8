//! A believable month of support for demonstrations: tickets with answers and deadlines kept and missed, a knowledge base,
//! chats, contact requests and opinions. Coherent with the couriers and members that are there; the same ones and the same
//! moment make the same month.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::contact_requests;
use crate::ticket_templates::deadline;
use crate::{
    CANNED_RESPONSES, CHAT_MESSAGES, CHAT_SESSIONS, FAQS, KB_ARTICLES, KB_CATEGORIES, KB_VOTES, PRODUCT_FEEDBACKS,
    TICKET_REPLIES, TICKET_TEMPLATES, TICKETS,
};

mod texts;

use texts::Words;

type Object = Map<String, Json>;

/// Couriers with what they drive and what they delivered last: tickets are about those.
pub(crate) const COURIERS: &str = "SELECT c.id, c.city,
        (SELECT a.vehicle_id FROM fleet.assignment_facts a WHERE a.organization_id = $1 AND a.courier_id = c.id
            AND a.status = 'active' AND a.deleted_at IS NULL LIMIT 1) AS vehicle_id,
        (SELECT d.id FROM operations.delivery_facts d WHERE d.organization_id = $1 AND d.courier_id = c.id
            AND d.deleted_at IS NULL ORDER BY d.created_at DESC, d.id DESC LIMIT 1) AS delivery_id
    FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated' ORDER BY c.barq_id, c.id";
/// Agents first.
pub(crate) const MEMBERS: &str = "SELECT m.user_id, EXISTS (SELECT FROM platform.member_roles r
        WHERE r.organization_id = $1 AND r.user_id = m.user_id AND r.role = 'support_agent') AS is_agent
    FROM platform.members m WHERE m.organization_id = $1 AND m.status = 'active' ORDER BY 2 DESC, m.email";

/// Without its nulls: an absent field takes its default.
fn object(json: Json) -> Object {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Who is there.
struct People {
    agents: Vec<Uuid>,
    others: Vec<Uuid>,
    couriers: Vec<Courier>,
}

/// A courier with what his tickets are about.
#[derive(Clone, Copy, Default)]
struct Courier {
    id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    delivery_id: Option<Uuid>,
}

impl People {
    fn agent(&self, place: usize) -> Option<Uuid> {
        let agents = if self.agents.is_empty() {
            &self.others
        } else {
            &self.agents
        };
        agents.get(place % agents.len().max(1)).copied()
    }

    fn other(&self, place: usize) -> Option<Uuid> {
        self.others.get(place % self.others.len().max(1)).copied()
    }
}

/// Seeds a month of support in the caller's transaction: forty tickets for each unit of `scale`.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let now = cx.now;
    let couriers = sqlx::query(COURIERS)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let members = sqlx::query(MEMBERS).bind(cx.organization_id).fetch_all(cx.db()).await?;
    let city: Option<String> = match couriers.first() {
        Some(row) => row.try_get("city")?,
        None => None,
    };
    let words = Words::of(city.as_deref());
    let mut people = People {
        agents: Vec::new(),
        others: Vec::new(),
        couriers: Vec::new(),
    };
    for row in &members {
        let list = if row.try_get("is_agent")? {
            &mut people.agents
        } else {
            &mut people.others
        };
        list.push(row.try_get("user_id")?);
    }
    for row in &couriers {
        people.couriers.push(Courier {
            id: row.try_get("id")?,
            vehicle_id: row.try_get("vehicle_id")?,
            delivery_id: row.try_get("delivery_id")?,
        });
    }
    prepare(cx, words).await?;
    let count = usize::try_from(scale.clamp(1, 25)).unwrap_or(1) * 40;
    for place in 0..count {
        let seeded = ticket(cx, words, &people, place, count, now).await;
        // Rows are written as of their own time; whatever happens, the caller's clock goes on.
        cx.now = now;
        seeded?;
    }
    knowledge(cx, words, &people).await?;
    let seeded = talks(cx, words, &people, now).await;
    cx.now = now;
    seeded
}

/// Ready tickets and answers.
async fn prepare(cx: &mut Cx, words: Words) -> Result<(), Problem> {
    let templates = words
        .templates()
        .map(|(name, subject, category, priority, department, hours)| {
            object(json!({
                "name": name, "default_subject": subject, "default_description": subject, "default_category": category,
                "default_priority": priority, "default_department": department, "sla_hours": hours,
            }))
        });
    platform_engine::create_many(cx, &TICKET_TEMPLATES, templates.collect()).await?;
    let answers = words.answers().map(|(title, shortcut, content, category)| {
        object(json!({"title": title, "shortcut": shortcut, "content": content, "category": category}))
    });
    platform_engine::create_many(cx, &CANNED_RESPONSES, answers.collect())
        .await
        .map(drop)
}

/// One ticket with what became of it. The older, the more is done; every seventh missed its deadline, every ninth was escalated.
async fn ticket(
    cx: &mut Cx,
    words: Words,
    people: &People,
    place: usize,
    count: usize,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let (subject, description, category, priority, hours) = words.question(place);
    let age_minutes = i64::try_from((count - place) * 30 * 24 * 60 / count).unwrap_or(0) - 40;
    let opened = now - TimeDelta::minutes(age_minutes.max(5));
    cx.now = opened;
    let source = ["web", "phone", "email", "courier_app"][place % 4];
    let courier = people.couriers.get(place * 7 % people.couriers.len().max(1));
    let courier = courier.copied().unwrap_or_default();
    let vehicle_id = courier.vehicle_id.filter(|_| category == "vehicle");
    let delivery_id = courier
        .delivery_id
        .filter(|_| matches!(category, "delivery" | "complaint"));
    let mut row = object(json!({
        "subject": subject, "description": description, "category": category, "priority": priority,
        "requested_by": people.other(place), "courier_id": courier.id, "vehicle_id": vehicle_id,
        "delivery_id": delivery_id, "source": source, "department": Words::department(category),
        "tags": category,
    }));
    row.extend(deadline(cx, hours));
    let ticket = platform_engine::create(cx, &TICKETS, row).await?;
    let id = ticket.uuid("id").ok_or_else(Problem::not_found)?;
    let later = |minutes: i64| Some(opened + TimeDelta::minutes(minutes)).filter(|at| *at < now);
    let Some(at) = later(4 + i64::try_from(place % 5).unwrap_or(0) * 6) else {
        return Ok(());
    };
    cx.now = at;
    let assigned = object(json!({"assigned_to": people.agent(place)}));
    if !assigned.is_empty() && place % 11 != 10 {
        platform_engine::act(cx, &TICKETS, id, "assign", assigned).await?;
    }
    let says = |author: Option<Uuid>, message: &str, is_internal: bool| {
        object(json!({"ticket_id": id, "author": author, "message": message, "is_internal": is_internal}))
    };
    let Some(at) = later(9 + i64::try_from(place % 7).unwrap_or(0) * 8) else {
        return Ok(());
    };
    cx.now = at;
    platform_engine::create(
        cx,
        &TICKET_REPLIES,
        says(people.agent(place), words.first_answer(), false),
    )
    .await?;
    if place.is_multiple_of(3) {
        platform_engine::create(cx, &TICKET_REPLIES, says(people.agent(place + 1), words.note(), true)).await?;
    }
    if place % 9 == 8 {
        let up = object(json!({"escalation_level": "level_1", "escalation_reason": words.reason(place)}));
        platform_engine::act(cx, &TICKETS, id, "escalate", up).await?;
    }
    let Some(at) = later(75) else { return Ok(()) };
    cx.now = at;
    platform_engine::create(cx, &TICKET_REPLIES, says(people.other(place), words.thanks(), false)).await?;
    let late = if place % 7 == 6 {
        hours * 60 + 90
    } else {
        hours * 60 * 2 / 3
    };
    // What is young is still in work, or waits for its requester.
    let Some(at) = later(late.max(80)).filter(|_| place + 2 < count) else {
        if place % 4 == 2 && people.agent(place).is_some() {
            platform_engine::act(cx, &TICKETS, id, "wait_for_requester", Map::new()).await?;
        }
        return Ok(());
    };
    cx.now = at;
    let how = object(json!({"resolution": words.resolution()}));
    platform_engine::act(cx, &TICKETS, id, "resolve", how).await?;
    if place.is_multiple_of(2) {
        let rating = [5, 4, 4, 2, 1, 5, 5, 3][place / 2 % 8];
        platform_engine::act(cx, &TICKETS, id, "rate", object(json!({"satisfaction_rating": rating}))).await?;
    }
    let Some(at) = later(late.max(80) + 24 * 60) else {
        return Ok(());
    };
    cx.now = at;
    platform_engine::act(cx, &TICKETS, id, "close", Map::new())
        .await
        .map(drop)
}

async fn knowledge(cx: &mut Cx, words: Words, people: &People) -> Result<(), Problem> {
    let categories = words
        .categories()
        .enumerate()
        .map(|(place, (name, slug))| object(json!({"name": name, "slug": slug, "position": place})));
    let categories = platform_engine::create_many(cx, &KB_CATEGORIES, categories.collect()).await?;
    let rows = words.articles().enumerate().map(|(place, (title, slug, content))| {
        object(json!({
            "title": title, "slug": slug, "content": content, "summary": title, "language": words.language(),
            "category_id": categories[place % categories.len()], "written_by": people.agent(place),
            "view_count": 140 - 17 * place,
        }))
    });
    let articles = platform_engine::create_many(cx, &KB_ARTICLES, rows.collect()).await?;
    // The last one is still being written.
    for article in articles.iter().rev().skip(1) {
        platform_engine::act(cx, &KB_ARTICLES, *article, "publish", Map::new()).await?;
    }
    let mut votes = Vec::new();
    for (place, article) in articles.iter().rev().skip(1).rev().enumerate() {
        let helpful = |reader: usize| (reader + place) % 4 != 3;
        let readers = &people.others[..people.others.len().min(6)];
        for (reader, voter) in readers.iter().enumerate() {
            votes.push(object(
                json!({"article_id": article, "voter": voter, "is_helpful": helpful(reader)}),
            ));
        }
        let yes = (0..readers.len()).filter(|reader| helpful(*reader)).count();
        let counts = object(json!({"helpful_count": yes, "not_helpful_count": readers.len() - yes}));
        platform_engine::change(cx, &KB_ARTICLES, *article, "vote", counts).await?;
    }
    platform_engine::create_many(cx, &KB_VOTES, votes).await?;
    let faqs = words.faqs().enumerate().map(|(place, (question, answer, category))| {
        object(json!({
            "question": question, "answer": answer, "category": category, "language": words.language(),
            "position": place, "view_count": 90 - 12 * place,
        }))
    });
    platform_engine::create_many(cx, &FAQS, faqs.collect()).await.map(drop)
}

/// Chats, contact requests and opinions.
async fn talks(cx: &mut Cx, words: Words, people: &People, now: DateTime<Utc>) -> Result<(), Problem> {
    for place in 0..8_usize {
        let Some(customer) = people.other(place) else { break };
        let opened = now - TimeDelta::minutes(12 + 3 * 24 * 60 * i64::try_from(7 - place).unwrap_or(0));
        cx.now = opened;
        let first = words.chat(place);
        let row = object(json!({"customer": customer, "initial_message": first, "topic": "technical"}));
        let chat = platform_engine::create(cx, &CHAT_SESSIONS, row).await?;
        let id = chat.uuid("id").ok_or_else(Problem::not_found)?;
        let Some(agent) = people.agent(place).filter(|_| place < 7) else {
            continue;
        };
        cx.now = opened + TimeDelta::seconds(40 + 25 * i64::try_from(place).unwrap_or(0));
        platform_engine::act(cx, &CHAT_SESSIONS, id, "assign", object(json!({"agent": agent}))).await?;
        for (author, message) in [(agent, words.first_answer()), (customer, words.thanks())] {
            let is_agent = author == agent;
            let said = json!({"chat_session_id": id, "author": author, "message": message, "is_agent": is_agent});
            platform_engine::create(cx, &CHAT_MESSAGES, object(said)).await?;
        }
        if place < 6 {
            cx.now += TimeDelta::minutes(6 + i64::try_from(place).unwrap_or(0));
            platform_engine::act(cx, &CHAT_SESSIONS, id, "end", Map::new()).await?;
            let rating = object(json!({"rating": 5 - place % 3}));
            platform_engine::act(cx, &CHAT_SESSIONS, id, "rate", rating).await?;
        }
    }
    for (place, (subject, message, urgency)) in words.contacts().enumerate() {
        cx.now = now - TimeDelta::hours(5 + 40 * i64::try_from(place).unwrap_or(0));
        let form = contact_requests::Message {
            name: words.sender().to_owned(),
            email: Some(format!("sender{place}@example.com")),
            phone: None,
            subject: subject.to_owned(),
            message: message.to_owned(),
            department: None,
            urgency: Some(urgency.to_owned()),
        };
        contact_requests::submit(cx, form).await?;
    }
    let opinions = words
        .opinions()
        .enumerate()
        .map(|(place, (subject, category, rating))| {
            object(json!({
                "subject": subject, "message": subject, "category": category, "rating": rating,
                "given_by": people.other(place),
            }))
        });
    cx.now = now - TimeDelta::days(9);
    let stored = platform_engine::create_many(cx, &PRODUCT_FEEDBACKS, opinions.collect()).await?;
    for id in &stored[..2] {
        let answer = object(json!({"response": words.first_answer()}));
        platform_engine::act(cx, &PRODUCT_FEEDBACKS, *id, "respond", answer).await?;
    }
    Ok(())
}
