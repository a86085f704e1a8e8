//! Templates and what starts them: copies and revisions, categories, firing by hand, a look at coming times.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use platform_core::{Cx, Event, Problem};
use platform_resource::Resource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::automate::{self, Occasion};
use crate::firing::{self, Answer};
use crate::inbox::{List, Nothing, once};
use crate::ledger::object;
use crate::{APPROVAL_CHAINS, WORKFLOW_AUTOMATIONS, WORKFLOW_SLAS, WORKFLOW_TEMPLATES, WORKFLOW_TRIGGERS, cron, jobs};

/// What belongs to template $2: kind and id.
pub(crate) const BELONGINGS: &str = "SELECT 'trigger' AS kind, t.id FROM workflow.workflow_triggers t \
     WHERE t.organization_id = $1 AND t.workflow_template_id = $2 AND t.deleted_at IS NULL \
     UNION ALL SELECT 'automation', a.id FROM workflow.workflow_automations a \
     WHERE a.organization_id = $1 AND a.workflow_template_id = $2 AND a.deleted_at IS NULL \
     UNION ALL SELECT 'chain', c.id FROM workflow.approval_chains c \
     WHERE c.organization_id = $1 AND c.workflow_template_id = $2 AND c.deleted_at IS NULL \
     UNION ALL SELECT 'deadline', s.id FROM workflow.workflow_slas s \
     WHERE s.organization_id = $1 AND s.workflow_template_id = $2 AND s.deleted_at IS NULL ORDER BY 1, 2";

/// Categories of templates.
pub(crate) const CATEGORIES: &str = "SELECT t.category, count(*) AS templates, \
     count(*) FILTER (WHERE t.status = 'published') AS published FROM workflow.workflow_templates t \
     WHERE t.organization_id = $1 AND t.category IS NOT NULL AND t.deleted_at IS NULL GROUP BY t.category ORDER BY \
     t.category";

/// A copy to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copy {
    id: Uuid,
    /// Name of the copy; the same name when not given.
    name: Option<String>,
    /// Whether it will take the place of the template when it is published.
    #[serde(default)]
    is_revision: bool,
}

/// The copy.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Copied {
    id: Uuid,
    revision: i64,
}

/// `POST /workflow/workflow_templates/{id}/clone`.
pub(crate) async fn clone(cx: &mut Cx, asked: Copy) -> Result<Copied, Problem> {
    let template = platform_engine::load(cx, &WORKFLOW_TEMPLATES, asked.id).await?;
    let mut row = Map::new();
    for field in ["name", "description", "category", "steps", "estimated_duration_minutes"] {
        row.insert(field.into(), template.get(field).clone());
    }
    if let Some(name) = asked.name {
        row.insert("name".into(), name.into());
    }
    let mut revision = 1;
    if asked.is_revision {
        revision = template.integer("revision").unwrap_or(1) + 1;
        row.insert("parent_template_id".into(), json!(asked.id));
        row.insert("revision".into(), json!(revision));
    }
    let copy = platform_engine::create(cx, &WORKFLOW_TEMPLATES, row).await?;
    Ok(Copied {
        id: copy.uuid("id").ok_or_else(Problem::not_found)?,
        revision,
    })
}

/// An effect: a published revision takes the place of the one before, with all that belongs to it. What is under way
/// goes on as it began.
pub(crate) async fn published(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let template = platform_engine::load(cx, &WORKFLOW_TEMPLATES, event.subject).await?;
    let Some(parent_id) = template.uuid("parent_template_id") else {
        return Ok(());
    };
    let rows = sqlx::query(BELONGINGS)
        .bind(cx.organization_id)
        .bind(parent_id)
        .fetch_all(cx.db())
        .await?;
    for row in rows {
        let resource: &'static Resource = match row.try_get::<String, _>("kind")?.as_str() {
            "trigger" => &WORKFLOW_TRIGGERS,
            "automation" => &WORKFLOW_AUTOMATIONS,
            "chain" => &APPROVAL_CHAINS,
            _ => &WORKFLOW_SLAS,
        };
        let change = object(json!({"workflow_template_id": event.subject}));
        platform_engine::change(cx, resource, row.try_get("id")?, "update", change).await?;
    }
    let parent = platform_engine::load(cx, &WORKFLOW_TEMPLATES, parent_id).await?;
    if parent.is("status", "published") {
        platform_engine::act(cx, &WORKFLOW_TEMPLATES, parent_id, "archive", Map::new()).await?;
    }
    Ok(())
}

/// A category.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the API calls it a category")]
pub(crate) struct Category {
    category: String,
    templates: i64,
    published: i64,
}

/// `GET /workflow/template_categories`.
pub(crate) async fn categories(cx: &mut Cx, _: Nothing) -> Result<List<Category>, Problem> {
    let rows = sqlx::query(CATEGORIES)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let data = rows.iter().map(|row| {
        Ok(Category {
            category: row.try_get("category")?,
            templates: row.try_get("templates")?,
            published: row.try_get("published")?,
        })
    });
    Ok(List {
        data: data.collect::<Result<_, sqlx::Error>>()?,
    })
}

/// What a trigger is fired with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fire {
    id: Uuid,
    data: Option<Map<String, Json>>,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Outcome {
    /// `fired`, `conditions_unmet`, `duplicate` or `rate_limited`.
    outcome: &'static str,
    workflow_instance_id: Option<Uuid>,
}

/// `POST /workflow/workflow_triggers/{id}/fire`: triggers by hand, by the API and by webhooks.
pub(crate) async fn fire(cx: &mut Cx, asked: Fire) -> Result<Outcome, Problem> {
    let trigger = platform_engine::load(cx, &WORKFLOW_TRIGGERS, asked.id).await?;
    if !matches!(trigger.text("trigger_type"), Some("manual" | "api" | "webhook")) {
        return Err(Problem::refused("trigger_fires_itself"));
    }
    if trigger.get("is_active") != &Json::Bool(true) {
        return Err(Problem::refused("trigger_not_active"));
    }
    let initiator = Some(cx.actor_id()).filter(|actor| !actor.is_nil());
    let happening = jobs::by_hand(asked.data.unwrap_or_default(), once(), initiator);
    let fired = firing::fire(cx, asked.id, &happening).await?;
    if let Some(problem) = fired.problem {
        return Err(problem);
    }
    let outcome = match fired.answer {
        Answer::Fire => "fired",
        Answer::Pass => "conditions_unmet",
        Answer::Duplicate => "duplicate",
        Answer::RateLimited => "rate_limited",
    };
    Ok(Outcome {
        outcome,
        workflow_instance_id: fired.instance_id,
    })
}

/// What an automation is run for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunNow {
    id: Uuid,
    workflow_instance_id: Option<Uuid>,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ran {
    /// `succeeded`, `failed` or `skipped`.
    status: String,
    error_message: Option<String>,
    log_id: Option<Uuid>,
}

/// `POST /workflow/workflow_automations/{id}/run`.
pub(crate) async fn run(cx: &mut Cx, asked: RunNow) -> Result<Ran, Problem> {
    let automation = platform_engine::load(cx, &WORKFLOW_AUTOMATIONS, asked.id).await?;
    if !automation.is("status", "active") {
        return Err(Problem::refused("automation_not_active"));
    }
    let instance = match asked.workflow_instance_id {
        Some(id) => Some(
            crate::run::instance(cx, id)
                .await
                .map_err(|problem| match problem.code {
                    "not_found" => Problem::field("workflow_instance_id", "not_known"),
                    _ => problem,
                })?,
        ),
        None => None,
    };
    let occasion = Occasion {
        key: once(),
        instance,
        tries: 0,
    };
    let log = automate::run(cx, asked.id, &occasion).await?;
    let text = |field: &str| log.as_ref().and_then(|log| log.text(field)).map(ToOwned::to_owned);
    Ok(Ran {
        status: text("status").unwrap_or_else(|| "skipped".into()),
        error_message: text("error_message"),
        log_id: log.as_ref().and_then(|log| log.uuid("id")),
    })
}

/// A pattern of time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pattern {
    /// Minute, hour, day of the month, month, day of the week.
    pattern: String,
    /// The organization's when not given.
    time_zone: Option<String>,
}

/// When it is due.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Times {
    time_zone: String,
    /// The next five times; fewer when there are no more.
    times: Vec<DateTime<Utc>>,
}

/// `GET /workflow/schedule_preview`.
pub(crate) async fn preview(cx: &mut Cx, asked: Pattern) -> Result<Times, Problem> {
    let zone = match asked.time_zone {
        Some(name) => name
            .parse::<Tz>()
            .map_err(|_| Problem::field("time_zone", "bad_time_zone"))?,
        None => cx.time_zone(),
    };
    let times = cron::upcoming(&asked.pattern, cx.now, zone, 5);
    Ok(Times {
        time_zone: zone.name().to_owned(),
        times: times.ok_or_else(|| Problem::field("pattern", "bad_cron"))?,
    })
}
