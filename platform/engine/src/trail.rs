//! What follows a write: its history for people, its event for other modules, and the effects on other rows.

use platform_core::{Cx, Event, Problem};
use platform_resource::Resource;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::sql::Statement;

/// `fleet.vehicles.created`: verbs in the past tense, actions by their name.
fn event_name(resource: &Resource, verb: &str) -> String {
    let past = if matches!(verb, "create" | "update" | "delete") {
        "d"
    } else {
        ""
    };
    format!("{}.{verb}{past}", resource.full_name())
}

/// `, history AS (…), event AS (…)`: what happened, for people and for other modules, in the same statement. Nothing is
/// written when nothing was stored. An event that no module listens to is delivered as it is written. `kept` is what the
/// history says where values of it are sealed.
pub fn write(
    cx: &Cx,
    resource: &Resource,
    verb: &str,
    ids: &[Uuid],
    (changes, kept): (&[Json], Option<Vec<Json>>),
    statement: &mut Statement,
) {
    let trail: Vec<Uuid> = ids.iter().map(|_| platform_core::ids::new_id()).collect();
    let organization = statement.argument(cx.organization_id);
    let (author, at) = (cx.author(), statement.argument(cx.now));
    let (trail, subject) = (statement.argument(trail), statement.argument(ids));
    let changes = statement.argument(changes);
    let kept = kept.map_or(changes, |kept| statement.argument(kept));
    let rows = format!(
        "FROM unnest(${trail}::uuid[], ${subject}::uuid[], ${changes}::jsonb[], ${kept}::jsonb[]) \
         AS trail (id, subject, changes, kept) WHERE EXISTS (SELECT FROM stored))"
    );
    statement.push(
        ", history AS (INSERT INTO platform.history (organization_id, id, resource, record_id, verb, actor_id, \
         actor_name, on_behalf_of, request_id, at, changes) SELECT ",
    );
    statement
        .push(&format!("${organization}, trail.id, "))
        .bind(resource.full_name())
        .push(", trail.subject, ")
        .bind(verb)
        .push(", ")
        .bind(author.id)
        .push(", ")
        .bind(author.name)
        .push(", ")
        .bind(author.on_behalf_of)
        .push(", ")
        .bind(&cx.request_id)
        .push(&format!(", ${at}, trail.kept {rows}"));
    let name = event_name(resource, verb);
    let delivered = if cx.platform.registry.is_heard(&name) {
        None
    } else {
        Some(cx.now)
    };
    statement.push(
        ", event AS (INSERT INTO platform.outbox (organization_id, id, name, subject, data, occurred_at, delivered_at) \
         SELECT ",
    );
    statement
        .push(&format!("${organization}, trail.id, "))
        .bind(name)
        .push(&format!(", trail.subject, trail.changes, ${at}, "))
        .bind(delivered)
        .push(&format!(" {rows}"));
}

/// Runs the module's own effects in the same transaction, and wakes the delivery to other modules. Says whether there were
/// effects: they may have changed the row itself.
pub async fn follow(cx: &mut Cx, resource: &Resource, verb: &str, id: Uuid, changes: Json) -> Result<bool, Problem> {
    let platform = cx.platform.clone();
    let event = Event {
        name: event_name(resource, verb),
        subject: id,
        data: changes,
        occurred_at: cx.now,
    };
    let mut changed = false;
    for effect in platform.registry.effects(&event.name) {
        (effect.run)(cx, &event).await?;
        changed = true;
    }
    if platform.registry.is_heard(&event.name) {
        platform_jobs::announce(cx).await?;
    }
    Ok(changed)
}
