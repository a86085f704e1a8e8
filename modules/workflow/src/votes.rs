//! Approvals at work: who is asked when, what follows a decision, and what follows silence.

use chrono::TimeDelta;
use platform_core::{Cx, Event, Problem};
use platform_resource::Record;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ledger::{self, Details, object};
use crate::notify::tell;
use crate::voting::{Ballot, Verdict, Vote, verdict};
use crate::{APPROVAL_CHAINS, APPROVAL_REQUESTS, WORKFLOW_INSTANCES, clocks, instant_json, people, run};

/// The newest active chain of template $2, or of the revision that took its place and its chains.
pub(crate) const CHAIN_OF_TEMPLATE: &str = "WITH RECURSIVE heirs AS (SELECT $2::uuid AS id UNION \
     SELECT t.id FROM workflow.workflow_templates t JOIN heirs ON t.parent_template_id = heirs.id \
     WHERE t.organization_id = $1 AND t.status <> 'draft' AND t.deleted_at IS NULL) \
     SELECT c.id FROM workflow.approval_chains c JOIN heirs ON c.workflow_template_id = heirs.id \
     WHERE c.organization_id = $1 AND c.is_active AND c.deleted_at IS NULL ORDER BY c.id DESC LIMIT 1";

/// The places of chain $2.
pub(crate) const PLACES: &str = "SELECT id, approver, approver_role, level, is_required \
     FROM workflow.approval_chain_approvers WHERE organization_id = $1 AND approval_chain_id = $2 AND deleted_at IS \
     NULL \
     ORDER BY level, sort_order, id";

/// The votes of round $3 of workflow $2.
pub(crate) const BALLOTS: &str = "SELECT level, is_required, status FROM workflow.approval_requests \
     WHERE organization_id = $1 AND workflow_instance_id = $2 AND round = $3 AND status <> 'closed' AND deleted_at \
     IS NULL \
     ORDER BY id";

/// Requests of workflow $2 that wait for somebody.
pub(crate) const OPEN: &str = "SELECT id FROM workflow.approval_requests WHERE organization_id = $1 \
     AND workflow_instance_id = $2 AND status IN ('pending', 'delegated') AND deleted_at IS NULL ORDER BY id";

/// Hours to decide where no chain says how many.
const HOURS: i64 = 24;

/// Somebody of a chain.
#[derive(Clone, Debug)]
struct Place {
    id: Option<Uuid>,
    approver: Option<Uuid>,
    role: Option<String>,
    level: i64,
    is_required: bool,
}

/// Who is asked, and how.
struct Chain {
    id: Option<Uuid>,
    is_sequential: bool,
    allow_delegation: bool,
    hours: i64,
    places: Vec<Place>,
}

impl Chain {
    fn levels(&self) -> Vec<i64> {
        let mut levels: Vec<i64> = self.places.iter().map(|place| place.level).collect();
        levels.dedup();
        levels
    }
}

/// The chain of the step at which a workflow is: the step's own, whom the step names, or the template's.
async fn chain_of(cx: &mut Cx, instance: &Record) -> Result<Chain, Problem> {
    let template = run::template_of(cx, instance).await?;
    let step = template.steps.get(run::current(instance));
    if let Some(id) = step.and_then(|step| step.approval_chain_id) {
        return chain(cx, id).await;
    }
    if let Some(step) = step.filter(|step| step.assigned_to.is_some() || step.assigned_role.is_some()) {
        let place = Place {
            id: None,
            approver: step.assigned_to,
            role: step.assigned_role.clone().filter(|_| step.assigned_to.is_none()),
            level: 1,
            is_required: true,
        };
        return Ok(Chain {
            id: None,
            is_sequential: true,
            allow_delegation: true,
            hours: step.sla_hours.map_or(HOURS, i64::from),
            places: vec![place],
        });
    }
    let row = sqlx::query(CHAIN_OF_TEMPLATE)
        .bind(cx.organization_id)
        .bind(template.id)
        .fetch_optional(cx.db())
        .await?;
    let row = row.ok_or_else(|| Problem::refused("no_approvers"))?;
    chain(cx, row.try_get(0)?).await
}

async fn chain(cx: &mut Cx, id: Uuid) -> Result<Chain, Problem> {
    let row = platform_engine::load(cx, &APPROVAL_CHAINS, id)
        .await
        .map_err(|_| Problem::refused("no_approvers"))?;
    let places = sqlx::query(PLACES)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let places = places.iter().map(|row| {
        Ok(Place {
            id: row.try_get("id")?,
            approver: row.try_get("approver")?,
            role: row.try_get("approver_role")?,
            level: row.try_get("level")?,
            is_required: row.try_get("is_required")?,
        })
    });
    let places = places.collect::<Result<Vec<_>, sqlx::Error>>()?;
    if places.is_empty() {
        return Err(Problem::refused("no_approvers"));
    }
    Ok(Chain {
        id: Some(id),
        is_sequential: row.get("is_sequential") == &Json::Bool(true),
        allow_delegation: row.get("allow_delegation") == &Json::Bool(true),
        hours: row.integer("escalation_hours").unwrap_or(HOURS),
        places,
    })
}

/// Opens the requests of a workflow that was just sent for approval.
pub(crate) async fn ask(cx: &mut Cx, instance: &Record) -> Result<(), Problem> {
    let chain = chain_of(cx, instance).await?;
    let levels = chain.levels();
    let first = if chain.is_sequential {
        levels.get(..1)
    } else {
        levels.get(..)
    };
    for level in first.unwrap_or_default() {
        let places: Vec<Place> = chain
            .places
            .iter()
            .filter(|place| place.level == *level)
            .cloned()
            .collect();
        open(cx, instance, &chain, &places, 0).await?;
    }
    Ok(())
}

/// Asks somebody, and tells them.
async fn open(
    cx: &mut Cx,
    instance: &Record,
    chain: &Chain,
    places: &[Place],
    escalation_level: i64,
) -> Result<(), Problem> {
    let Some(id) = instance.uuid("id") else { return Ok(()) };
    let expires_at = cx.now + TimeDelta::hours(chain.hours);
    let rows = places.iter().map(|place| {
        object(json!({
            "workflow_instance_id": id, "approval_chain_id": chain.id, "approval_chain_approver_id": place.id,
            "step_index": run::current(instance), "round": instance.get("approval_round"), "level": place.level,
            "is_required": place.is_required, "requested_by": instance.get("initiated_by"), "approver": place.approver,
            "approver_role": place.role, "allow_delegation": chain.allow_delegation,
            "expires_at": instant_json(expires_at), "escalation_level": escalation_level,
        }))
    });
    platform_engine::create_many(cx, &APPROVAL_REQUESTS, rows.collect()).await?;
    let step = instance.text("current_step_name").unwrap_or_default();
    let mut asked = Vec::new();
    for place in places {
        asked.extend(people::named(cx, place.approver, place.role.as_deref()).await?);
    }
    asked.sort_unstable();
    asked.dedup();
    // Who asked cannot decide, so there is nothing to ask of him.
    asked.retain(|member| Some(*member) != instance.uuid("initiated_by"));
    let details = Details {
        more: json!({"level": places.first().map(|place| place.level), "members": asked}),
        ..Details::default()
    };
    ledger::write(cx, id, "assigned", step, details).await?;
    tell(cx, "approval_required", instance, &asked, step).await
}

/// Whether somebody is still asked.
pub(crate) async fn are_open(cx: &mut Cx, instance_id: Uuid) -> Result<bool, Problem> {
    let row = sqlx::query(OPEN)
        .bind(cx.organization_id)
        .bind(instance_id)
        .fetch_optional(cx.db())
        .await?;
    Ok(row.is_some())
}

/// Nobody is asked any more.
pub(crate) async fn close(cx: &mut Cx, instance_id: Uuid) -> Result<(), Problem> {
    let rows = sqlx::query(OPEN)
        .bind(cx.organization_id)
        .bind(instance_id)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        platform_engine::act(cx, &APPROVAL_REQUESTS, row.try_get(0)?, "close", Map::new()).await?;
    }
    Ok(())
}

/// The request of an event and its workflow, both locked; refused when the workflow no longer waits for it, or when who
/// decides lacks the role that is asked for.
async fn asked(cx: &mut Cx, event: &Event) -> Result<(Record, Record), Problem> {
    let request = platform_engine::load(cx, &APPROVAL_REQUESTS, event.subject).await?;
    let instance_id = request.uuid("workflow_instance_id").ok_or_else(Problem::not_found)?;
    let instance = run::instance(cx, instance_id).await?;
    let is_current = request.integer("round") == instance.integer("approval_round");
    if !instance.is("status", "pending_approval") || !is_current {
        return Err(Problem::refused("workflow_not_waiting"));
    }
    // Who a vote was delegated to before this event, when the event is the delegation itself.
    let held_by_person = match event.before("delegated_to") {
        Json::Null if event.after("delegated_to").is_null() => request.has("delegated_to"),
        before => !before.is_null(),
    };
    if let Some(role) = request
        .text("approver_role")
        .filter(|_| !held_by_person && !request.has("approver"))
        && !people::has_role(cx, role)
    {
        return Err(Problem::refused("not_your_request"));
    }
    Ok((request, instance))
}

/// `approve`, `reject`: counted.
pub(crate) async fn voted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let (request, instance) = asked(cx, event).await?;
    let Some(id) = instance.uuid("id") else { return Ok(()) };
    let is_approval = request.is("status", "approved");
    let name = if is_approval { "approved" } else { "rejected" };
    let details = Details {
        more: json!({"request": event.subject, "level": request.get("level"), "comments": request.get("comments")}),
        ..Details::default()
    };
    ledger::write(
        cx,
        id,
        name,
        instance.text("current_step_name").unwrap_or_default(),
        details,
    )
    .await?;
    clocks::respond(cx, id).await?;
    settle(cx, &instance, request.text("comments")).await
}

/// What the votes of the round come to, and what follows.
async fn settle(cx: &mut Cx, instance: &Record, comments: Option<&str>) -> Result<(), Problem> {
    let Some(id) = instance.uuid("id") else { return Ok(()) };
    let chain = chain_of(cx, instance).await?;
    let rows = sqlx::query(BALLOTS)
        .bind(cx.organization_id)
        .bind(id)
        .bind(instance.integer("approval_round"))
        .fetch_all(cx.db())
        .await?;
    let ballots = rows.iter().map(|row| {
        Ok(Ballot {
            level: row.try_get("level")?,
            is_required: row.try_get("is_required")?,
            vote: match row.try_get::<String, _>("status")?.as_str() {
                "approved" => Vote::Approved,
                "rejected" => Vote::Rejected,
                "expired" => Vote::Escalated,
                _ => Vote::Open,
            },
        })
    });
    let ballots = ballots.collect::<Result<Vec<_>, sqlx::Error>>()?;
    match verdict(&chain.levels(), &ballots) {
        Verdict::Wait => Ok(()),
        Verdict::Ask(level) => {
            let places: Vec<Place> = chain
                .places
                .iter()
                .filter(|place| place.level == level)
                .cloned()
                .collect();
            open(cx, instance, &chain, &places, 0).await
        }
        Verdict::Approved => {
            close(cx, id).await?;
            run::act(cx, id, "approve").await
        }
        Verdict::Rejected => {
            let reason =
                object(json!({"reject_reason": comments.map(|text| text.chars().take(500).collect::<String>())}));
            platform_engine::act(cx, &WORKFLOW_INSTANCES, id, "reject", reason)
                .await
                .map(drop)
        }
    }
}

/// `delegate`: the vote moves, and stays open.
pub(crate) async fn delegated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let (request, instance) = asked(cx, event).await?;
    let (Some(id), Some(to)) = (instance.uuid("id"), request.uuid("delegated_to")) else {
        return Ok(());
    };
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    let details = Details {
        more: json!({"request": event.subject, "to": to, "comments": request.get("comments")}),
        ..Details::default()
    };
    ledger::write(cx, id, "delegated", &step, details).await?;
    tell(cx, "approval_delegated", &instance, &[to], &step).await
}

/// Nobody decided in time. It goes to the named chain, else to the next level; where there is neither, it stays where
/// it is. Answers whether it went anywhere.
pub(crate) async fn escalate(cx: &mut Cx, request_id: Uuid) -> Result<bool, Problem> {
    let request = platform_engine::load(cx, &APPROVAL_REQUESTS, request_id).await?;
    let Some(instance_id) = request.uuid("workflow_instance_id") else {
        return Ok(false);
    };
    let instance = run::instance(cx, instance_id).await?;
    let is_current = request.integer("round") == instance.integer("approval_round");
    let is_late = request.instant("expires_at").is_some_and(|at| at <= cx.now);
    if !instance.is("status", "pending_approval") || !is_current || !is_late {
        return Ok(false);
    }
    let Some(own) = request.uuid("approval_chain_id") else {
        return Ok(false);
    };
    let row = platform_engine::load(cx, &APPROVAL_CHAINS, own).await?;
    if row.get("auto_escalate") != &Json::Bool(true) {
        return Ok(false);
    }
    let level = request.integer("level").unwrap_or(1);
    let times = request.integer("escalation_level").unwrap_or_default() + 1;
    let main = chain_of(cx, &instance).await?;
    let named = row
        .uuid("escalation_chain_id")
        .filter(|named| *named != own && times <= 20);
    let has_next = main.levels().iter().any(|next| *next > level);
    if named.is_none() && !has_next {
        return Ok(false);
    }
    platform_engine::act(cx, &APPROVAL_REQUESTS, request_id, "expire", Map::new()).await?;
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    let details = Details {
        more: json!({"request": request_id, "level": level, "chain": named}),
        ..Details::default()
    };
    ledger::write(cx, instance_id, "escalated", &step, details).await?;
    let mut late = people::named(
        cx,
        request.uuid("delegated_to").or(request.uuid("approver")),
        request.text("approver_role"),
    )
    .await?;
    late.extend(instance.uuid("initiated_by"));
    tell(cx, "escalated", &instance, &late, &step).await?;
    if let Some(named) = named {
        let substitute = chain(cx, named).await?;
        let first = substitute.levels().first().copied().unwrap_or(1);
        let places: Vec<Place> = substitute
            .places
            .iter()
            .filter(|place| place.level == first)
            .map(|place| Place {
                level,
                is_required: place.is_required && request.get("is_required") == &Json::Bool(true),
                ..place.clone()
            })
            .collect();
        open(cx, &instance, &substitute, &places, times).await?;
    }
    settle(cx, &instance, None).await?;
    Ok(true)
}
