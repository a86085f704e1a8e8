//! A member's own desk: what waits for his decision, what he was told, how he wants to be told.

use chrono::{DateTime, Utc};
use platform_core::{Cx, FieldError, Problem, ids};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::ledger::object;
use crate::{
    APPROVAL_REQUESTS, WORKFLOW_INSTANCES, WORKFLOW_NOTIFICATION_PREFERENCES, WORKFLOW_NOTIFICATIONS, people, words,
};

/// Requests that wait for member $2 or one of the roles $3, the most urgent first; at most $4.
pub(crate) const WAITING: &str = "SELECT r.id, r.workflow_instance_id, i.instance_number, i.subject, t.name AS \
     template, i.current_step_name, i.priority, r.level, r.is_required, r.status, r.allow_delegation, r.created_at, \
     r.expires_at, i.entity_type, i.entity_id, m.full_name AS requested_by_name FROM workflow.approval_requests r \
     JOIN workflow.workflow_instances i ON i.organization_id = r.organization_id AND i.id = r.workflow_instance_id \
     AND i.status = 'pending_approval' AND i.deleted_at IS NULL \
     JOIN workflow.workflow_templates t ON t.organization_id = i.organization_id AND t.id = i.template_id \
     LEFT JOIN platform.members m ON m.organization_id = r.organization_id AND m.user_id = r.requested_by \
     WHERE r.organization_id = $1 AND r.status IN ('pending', 'delegated') AND r.deleted_at IS NULL \
     AND (r.requested_by IS NULL OR r.requested_by <> $2) AND (r.delegated_to = $2 OR (r.delegated_to IS NULL \
     AND (r.approver = $2 OR (r.approver IS NULL AND r.approver_role = ANY($3))))) \
     ORDER BY r.expires_at NULLS LAST, r.id LIMIT $4";

/// The workflow of request $2.
pub(crate) const WORKFLOW: &str = "SELECT workflow_instance_id FROM workflow.approval_requests \
     WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL";

/// What member $2 was told in the app and has not read; at most $3.
pub(crate) const UNREAD: &str = "SELECT id, notification_type, subject, body, priority, workflow_instance_id, \
     created_at \
     FROM workflow.workflow_notifications WHERE organization_id = $1 AND recipient = $2 AND channel = 'in_app' \
     AND status IN ('sent', 'delivered') AND (expires_at IS NULL OR expires_at > $4) AND deleted_at IS NULL \
     ORDER BY id DESC LIMIT $3";

/// How many those are.
pub(crate) const UNREAD_COUNT: &str = "SELECT count(*) FROM workflow.workflow_notifications WHERE organization_id = $1 \
     AND recipient = $2 AND channel = 'in_app' AND status IN ('sent', 'delivered') \
     AND (expires_at IS NULL OR expires_at > $3) AND deleted_at IS NULL";

/// Holds other changes of the same member's wishes back.
pub(crate) const MEMBER: &str =
    "SELECT user_id FROM platform.members WHERE organization_id = $1 AND user_id = $2 FOR UPDATE";

/// What member $2 wishes for occasion $3.
pub(crate) const WISH: &str = "SELECT id FROM workflow.workflow_notification_preferences WHERE organization_id = $1 \
     AND member = $2 AND notification_type = $3 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1";

/// At most so many.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtMost {
    /// 1 to 100, 50 when not given.
    limit: Option<u32>,
}

impl AtMost {
    pub(crate) fn limit(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(50);
        if (1..=100).contains(&limit) {
            return Ok(i64::from(limit));
        }
        let error = FieldError::new("limit", "bad_limit").with(vec![("max", "100".into())]);
        Err(Problem::invalid(vec![error]))
    }
}

/// A decision that waits.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Waiting {
    id: Uuid,
    workflow_instance_id: Uuid,
    instance_number: String,
    subject: Option<String>,
    template: String,
    step: Option<String>,
    priority: String,
    level: i64,
    is_required: bool,
    is_delegated: bool,
    may_delegate: bool,
    requested_by_name: Option<String>,
    entity_type: Option<String>,
    entity_id: Option<String>,
    asked_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    is_overdue: bool,
}

/// A list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
}

/// `GET /workflow/my_approvals`.
pub(crate) async fn approvals(cx: &mut Cx, asked: AtMost) -> Result<List<Waiting>, Problem> {
    let (limit, roles) = (asked.limit()?, people::roles(cx));
    let rows = sqlx::query(WAITING)
        .bind(cx.organization_id)
        .bind(cx.actor_id())
        .bind(roles)
        .bind(limit)
        .fetch_all(cx.db())
        .await?;
    let now = cx.now;
    let data = rows.iter().map(|row| {
        let expires_at: Option<DateTime<Utc>> = row.try_get("expires_at")?;
        Ok(Waiting {
            id: row.try_get("id")?,
            workflow_instance_id: row.try_get("workflow_instance_id")?,
            instance_number: row.try_get("instance_number")?,
            subject: row.try_get("subject")?,
            template: row.try_get("template")?,
            step: row.try_get("current_step_name")?,
            priority: row.try_get("priority")?,
            level: row.try_get("level")?,
            is_required: row.try_get("is_required")?,
            is_delegated: row.try_get::<String, _>("status")? == "delegated",
            may_delegate: row.try_get("allow_delegation")?,
            requested_by_name: row.try_get("requested_by_name")?,
            entity_type: row.try_get("entity_type")?,
            entity_id: row.try_get("entity_id")?,
            asked_at: row.try_get("created_at")?,
            expires_at,
            is_overdue: expires_at.is_some_and(|at| at <= now),
        })
    });
    Ok(List {
        data: data.collect::<Result<_, sqlx::Error>>()?,
    })
}

/// The request about a workflow that waits for whoever acts.
pub(crate) async fn first_for(cx: &mut Cx, instance_id: Uuid) -> Result<Option<Uuid>, Problem> {
    let waiting = approvals(cx, AtMost { limit: Some(100) }).await?;
    let mut about = waiting
        .data
        .iter()
        .filter(|one| one.workflow_instance_id == instance_id);
    Ok(about.next().map(|one| one.id))
}

/// What is decided.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    Approved,
    Rejected,
    /// Sent back to who asked, to be put right.
    Returned,
}

/// A decision on a request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the API calls it a decision")]
pub(crate) struct Decision {
    id: Uuid,
    decision: Choice,
    comments: Option<String>,
}

/// A request and its workflow afterwards.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Decided {
    id: Uuid,
    status: String,
    workflow_instance_id: Uuid,
    workflow_status: String,
}

/// The workflow of a request, locked before the request is: two decisions at once follow one another.
async fn lock(cx: &mut Cx, request_id: Uuid) -> Result<Uuid, Problem> {
    let row = sqlx::query(WORKFLOW)
        .bind(cx.organization_id)
        .bind(request_id)
        .fetch_optional(cx.db())
        .await?;
    let id = row.ok_or_else(Problem::not_found)?.try_get(0)?;
    platform_engine::load(cx, &WORKFLOW_INSTANCES, id).await?;
    Ok(id)
}

async fn decided(cx: &mut Cx, id: Uuid, workflow_instance_id: Uuid) -> Result<Decided, Problem> {
    let text = |status: Option<&str>| status.unwrap_or_default().to_owned();
    let request = platform_engine::load(cx, &APPROVAL_REQUESTS, id).await?;
    let instance = platform_engine::load(cx, &WORKFLOW_INSTANCES, workflow_instance_id).await?;
    Ok(Decided {
        id,
        status: text(request.text("status")),
        workflow_instance_id,
        workflow_status: text(instance.text("status")),
    })
}

/// `POST /workflow/approval_requests/{id}/decide`: by whoever is asked, whatever else he may do.
pub(crate) async fn decide(cx: &mut Cx, asked: Decision) -> Result<Decided, Problem> {
    settle(cx, asked.id, asked.decision, asked.comments).await
}

/// Decides on a request as whoever acts.
pub(crate) async fn settle(
    cx: &mut Cx,
    id: Uuid,
    decision: Choice,
    comments: Option<String>,
) -> Result<Decided, Problem> {
    let asked = Decision { id, decision, comments };
    let instance_id = lock(cx, asked.id).await?;
    let input = object(json!({"comments": asked.comments}));
    match asked.decision {
        Choice::Approved => platform_engine::act(cx, &APPROVAL_REQUESTS, asked.id, "approve", input).await?,
        Choice::Rejected => platform_engine::act(cx, &APPROVAL_REQUESTS, asked.id, "reject", input).await?,
        Choice::Returned => return give_back(cx, &asked, instance_id).await,
    };
    decided(cx, asked.id, instance_id).await
}

/// Sent back: this needs the same right as a decision, and ends the round without one.
async fn give_back(cx: &mut Cx, asked: &Decision, instance_id: Uuid) -> Result<Decided, Problem> {
    if asked.comments.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(Problem::field("comments", "comment_needed"));
    }
    let request = platform_engine::load(cx, &APPROVAL_REQUESTS, asked.id).await?;
    let holder = request.uuid("delegated_to").or(request.uuid("approver"));
    let is_holder = match (holder, request.text("approver_role")) {
        (Some(holder), _) => holder == cx.actor_id(),
        (None, Some(role)) => people::has_role(cx, role),
        (None, None) => false,
    };
    if !is_holder || request.uuid("requested_by") == Some(cx.actor_id()) {
        return Err(Problem::refused("not_your_request"));
    }
    if !matches!(request.text("status"), Some("pending" | "delegated")) {
        return Err(Problem::refused("workflow_not_waiting"));
    }
    let change = object(json!({"comments": asked.comments, "decided_by": cx.actor_id()}));
    platform_engine::change(cx, &APPROVAL_REQUESTS, asked.id, "return", change).await?;
    platform_engine::act(
        cx,
        &WORKFLOW_INSTANCES,
        instance_id,
        "send_back",
        serde_json::Map::new(),
    )
    .await?;
    decided(cx, asked.id, instance_id).await
}

/// Somebody else to decide.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handover {
    id: Uuid,
    delegated_to: Uuid,
    comments: Option<String>,
}

/// `POST /workflow/approval_requests/{id}/hand_over`.
pub(crate) async fn hand_over(cx: &mut Cx, asked: Handover) -> Result<Decided, Problem> {
    let instance_id = lock(cx, asked.id).await?;
    let input = object(json!({"delegated_to": asked.delegated_to, "comments": asked.comments}));
    platform_engine::act(cx, &APPROVAL_REQUESTS, asked.id, "delegate", input).await?;
    decided(cx, asked.id, instance_id).await
}

/// Something that a member was told.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Told {
    id: Uuid,
    notification_type: String,
    subject: Option<String>,
    body: String,
    priority: String,
    workflow_instance_id: Option<Uuid>,
    at: DateTime<Utc>,
}

/// What a member has not read yet.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Unread {
    unread: i64,
    data: Vec<Told>,
}

/// `GET /workflow/my_notifications`.
pub(crate) async fn notifications(cx: &mut Cx, asked: AtMost) -> Result<Unread, Problem> {
    let (limit, now, me) = (asked.limit()?, cx.now, cx.actor_id());
    let rows = sqlx::query(UNREAD)
        .bind(cx.organization_id)
        .bind(me)
        .bind(limit)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    let count = sqlx::query(UNREAD_COUNT)
        .bind(cx.organization_id)
        .bind(me)
        .bind(now)
        .fetch_one(cx.db())
        .await?;
    let data = rows.iter().map(|row| {
        Ok(Told {
            id: row.try_get("id")?,
            notification_type: row.try_get("notification_type")?,
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
            priority: row.try_get("priority")?,
            workflow_instance_id: row.try_get("workflow_instance_id")?,
            at: row.try_get("created_at")?,
        })
    });
    Ok(Unread {
        unread: count.try_get(0)?,
        data: data.collect::<Result<_, sqlx::Error>>()?,
    })
}

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// How many were marked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Marked {
    read: usize,
    unread: i64,
}

/// `POST /workflow/my_notifications/read`: up to a hundred of what is unread, the newest first.
pub(crate) async fn read(cx: &mut Cx, _: Nothing) -> Result<Marked, Problem> {
    let (now, me) = (cx.now, cx.actor_id());
    let rows = sqlx::query(UNREAD)
        .bind(cx.organization_id)
        .bind(me)
        .bind(100_i64)
        .bind(now)
        .fetch_all(cx.db())
        .await?;
    for row in &rows {
        let id: Uuid = row.try_get("id")?;
        platform_engine::act(cx, &WORKFLOW_NOTIFICATIONS, id, "mark_read", serde_json::Map::new()).await?;
    }
    let count = sqlx::query(UNREAD_COUNT)
        .bind(cx.organization_id)
        .bind(me)
        .bind(now)
        .fetch_one(cx.db())
        .await?;
    Ok(Marked {
        read: rows.len(),
        unread: count.try_get(0)?,
    })
}

/// How a member wants to be told of an occasion.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    notification_type: String,
    enable_in_app: Option<bool>,
    enable_email: Option<bool>,
    enable_sms: Option<bool>,
    enable_push: Option<bool>,
    /// As 22:00.
    do_not_disturb_from: Option<String>,
    do_not_disturb_until: Option<String>,
    batch_notifications: Option<bool>,
    batch_interval_minutes: Option<i64>,
    max_per_day: Option<i64>,
    digest_mode: Option<bool>,
}

/// `POST /workflow/my_preferences`: what is not given stays as it was.
pub(crate) async fn prefer(cx: &mut Cx, wish: Wish) -> Result<Wish, Problem> {
    if !words::NOTICES.contains(&wish.notification_type.as_str()) {
        let allowed = vec![("allowed", words::NOTICES.join(", "))];
        let error = FieldError::new("notification_type", "not_a_choice").with(allowed);
        return Err(Problem::invalid(vec![error]));
    }
    let me = cx.actor_id();
    sqlx::query(MEMBER)
        .bind(cx.organization_id)
        .bind(me)
        .fetch_optional(cx.db())
        .await?;
    let mut row = object(json!(wish));
    row.retain(|_, value| !value.is_null());
    let stored = sqlx::query(WISH)
        .bind(cx.organization_id)
        .bind(me)
        .bind(&wish.notification_type)
        .fetch_optional(cx.db())
        .await?;
    if let Some(stored) = stored {
        platform_engine::change(
            cx,
            &WORKFLOW_NOTIFICATION_PREFERENCES,
            stored.try_get(0)?,
            "update",
            row,
        )
        .await?;
    } else {
        row.insert("member".into(), json!(me));
        platform_engine::create(cx, &WORKFLOW_NOTIFICATION_PREFERENCES, row).await?;
    }
    Ok(wish)
}

/// A key of one's own for something that happens once.
pub(crate) fn once() -> String {
    format!("once:{}", ids::new_id())
}
