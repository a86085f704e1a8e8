//! Work on workflows: starting from a template, finishing a step, handing it on, comments and files.

use platform_core::{Cx, Problem};
use platform_resource::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ledger::{self, Details, object};
use crate::notify::tell;
use crate::{WORKFLOW_ATTACHMENTS, WORKFLOW_COMMENTS, WORKFLOW_INSTANCES, clocks, people, run};

/// Name of file $2.
pub(crate) const FILE: &str = "SELECT name FROM platform.files WHERE organization_id = $1 AND id = $2";

/// A workflow as it stands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Standing {
    id: Uuid,
    instance_number: String,
    status: String,
    current_step: i64,
    current_step_name: Option<String>,
}

fn standing(instance: &Record) -> Standing {
    let text = |field: &str| instance.text(field).map(ToOwned::to_owned);
    Standing {
        id: instance.uuid("id").unwrap_or_default(),
        instance_number: text("instance_number").unwrap_or_default(),
        status: text("status").unwrap_or_default(),
        current_step: instance.integer("current_step").unwrap_or_default(),
        current_step_name: text("current_step_name"),
    }
}

/// What a workflow starts with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    id: Uuid,
    subject: Option<String>,
    /// `low`, `medium`, `high` or `critical`.
    priority: Option<String>,
    data: Option<Map<String, Json>>,
}

/// `POST /workflow/workflow_templates/{id}/launch`.
pub(crate) async fn launch(cx: &mut Cx, asked: Begin) -> Result<Standing, Problem> {
    platform_engine::load(cx, &crate::WORKFLOW_TEMPLATES, asked.id).await?;
    let mut row = object(json!({"template_id": asked.id, "subject": asked.subject, "data": asked.data}));
    if let Some(priority) = asked.priority {
        row.insert("priority".into(), priority.into());
    }
    let instance = platform_engine::create(cx, &WORKFLOW_INSTANCES, row).await?;
    let id = instance.uuid("id").ok_or_else(Problem::not_found)?;
    run::act(cx, id, "start").await?;
    Ok(standing(&run::instance(cx, id).await?))
}

/// What came of a step.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finish {
    id: Uuid,
    /// In a word or two.
    result: Option<String>,
    /// Values that the step adds to the workflow's data.
    data: Option<Map<String, Json>>,
}

/// Refuses unless the step is the caller's: his by name, by role, nobody's, or everybody's who may change workflows.
fn own_step(cx: &Cx, instance: &Record) -> Result<(), Problem> {
    let is_own = match (instance.uuid("assigned_to"), instance.text("assigned_role")) {
        (Some(member), _) => member == cx.actor_id(),
        (None, Some(role)) => people::has_role(cx, role),
        (None, None) => instance.uuid("initiated_by") == Some(cx.actor_id()),
    };
    if is_own || cx.may("workflow_instances.update") {
        Ok(())
    } else {
        Err(Problem::refused("step_of_somebody_else"))
    }
}

/// `POST /workflow/workflow_instances/{id}/complete_step`: the step is done, and the workflow goes on. A step that
/// needs approvals is sent for them again.
pub(crate) async fn complete_step(cx: &mut Cx, asked: Finish) -> Result<Standing, Problem> {
    let mut instance = run::instance(cx, asked.id).await?;
    own_step(cx, &instance)?;
    if !instance.is("status", "in_progress") {
        return Err(Problem::refused("workflow_not_waiting"));
    }
    if let Some(more) = asked.data {
        let mut data = object(instance.get("data").clone());
        data.extend(more);
        let change = Map::from_iter([("data".to_owned(), Json::Object(data))]);
        instance = platform_engine::change(cx, &WORKFLOW_INSTANCES, asked.id, "fill_in", change).await?;
    }
    clocks::respond(cx, asked.id).await?;
    let template = run::template_of(cx, &instance).await?;
    let at = run::current(&instance);
    match template.steps.get(at) {
        Some(step) if step.is_approval() => run::act(cx, asked.id, "submit").await?,
        Some(step) => {
            let result = asked
                .result
                .map(|text| text.chars().filter(|c| !c.is_control()).take(100).collect::<String>());
            run::end_step(cx, &instance, "completed", result.as_deref()).await?;
            let details = Details {
                more: json!({"step": at, "status": "completed", "result": result}),
                ..Details::default()
            };
            ledger::write(cx, asked.id, "step_completed", &step.name, details).await?;
            run::drive(cx, &instance, &template, at + 1).await?;
        }
        None => return Err(Problem::refused("workflow_not_waiting")),
    }
    Ok(standing(&run::instance(cx, asked.id).await?))
}

/// Finishes the step at which a workflow is, as whoever acts.
pub(crate) async fn finish_step(cx: &mut Cx, id: Uuid, result: &str) -> Result<(), Problem> {
    let asked = Finish {
        id,
        result: Some(result.into()),
        data: None,
    };
    complete_step(cx, asked).await.map(drop)
}

/// Whose step it is from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reassign {
    id: Uuid,
    assigned_to: Uuid,
}

/// `POST /workflow/workflow_instances/{id}/reassign`.
pub(crate) async fn reassign(cx: &mut Cx, asked: Reassign) -> Result<Standing, Problem> {
    let instance = run::instance(cx, asked.id).await?;
    if !instance.is("status", "in_progress") {
        return Err(Problem::refused("workflow_not_waiting"));
    }
    let change = object(json!({"assigned_to": asked.assigned_to, "assigned_role": null}));
    let instance = platform_engine::change(cx, &WORKFLOW_INSTANCES, asked.id, "assign", change).await?;
    let step = instance.text("current_step_name").unwrap_or_default().to_owned();
    let details = Details {
        more: json!({"to": asked.assigned_to}),
        ..Details::default()
    };
    ledger::write(cx, asked.id, "assigned", &step, details).await?;
    tell(cx, "task_assigned", &instance, &[asked.assigned_to], &step).await?;
    Ok(standing(&instance))
}

/// Something to say.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Say {
    workflow_instance_id: Uuid,
    parent_comment_id: Option<Uuid>,
    comment: String,
    #[serde(default)]
    is_internal: bool,
    /// A member to tell.
    recipient: Option<Uuid>,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Made {
    id: Uuid,
}

fn made(record: &Record) -> Made {
    Made {
        id: record.uuid("id").unwrap_or_default(),
    }
}

/// Locks the workflow that something is added to.
async fn about(cx: &mut Cx, id: Uuid) -> Result<Record, Problem> {
    let found = run::instance(cx, id).await;
    found.map_err(|problem| match problem.code {
        "not_found" => Problem::field("workflow_instance_id", "not_known"),
        _ => problem,
    })
}

/// `POST /workflow/workflow_comments/write`.
pub(crate) async fn comment(cx: &mut Cx, asked: Say) -> Result<Made, Problem> {
    let instance = about(cx, asked.workflow_instance_id).await?;
    let row = object(json!({
        "workflow_instance_id": asked.workflow_instance_id, "parent_comment_id": asked.parent_comment_id,
        "comment": asked.comment, "author": cx.actor_id(), "is_internal": asked.is_internal,
    }));
    let comment = platform_engine::create(cx, &WORKFLOW_COMMENTS, row).await?;
    let details = Details {
        more: json!({"comment": comment.get("id")}),
        ..Details::default()
    };
    ledger::write(cx, asked.workflow_instance_id, "comment_added", "", details).await?;
    if let Some(parent) = asked.parent_comment_id {
        let parent = platform_engine::load(cx, &WORKFLOW_COMMENTS, parent).await?;
        let who: Vec<Uuid> = parent
            .uuid("author")
            .into_iter()
            .filter(|author| *author != cx.actor_id())
            .collect();
        tell(cx, "comment_replied", &instance, &who, &asked.comment).await?;
    }
    let mentioned: Vec<Uuid> = asked.recipient.into_iter().collect();
    tell(cx, "comment_mentioned", &instance, &mentioned, &asked.comment).await?;
    Ok(made(&comment))
}

/// A file to add.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attach {
    workflow_instance_id: Uuid,
    file_id: Uuid,
    attachment_type: Option<String>,
    description: Option<String>,
    #[serde(default)]
    is_public: bool,
}

/// `POST /workflow/workflow_attachments/attach`.
pub(crate) async fn attach(cx: &mut Cx, asked: Attach) -> Result<Made, Problem> {
    about(cx, asked.workflow_instance_id).await?;
    let file = sqlx::query(FILE)
        .bind(cx.organization_id)
        .bind(asked.file_id)
        .fetch_optional(cx.db())
        .await?;
    let name: String = file.ok_or_else(|| Problem::field("file_id", "not_known"))?.try_get(0)?;
    let row = object(json!({
        "workflow_instance_id": asked.workflow_instance_id, "file_id": asked.file_id, "file_name": name,
        "uploaded_by": cx.actor_id(), "attachment_type": asked.attachment_type, "description": asked.description,
        "is_public": asked.is_public,
    }));
    let attachment = platform_engine::create(cx, &WORKFLOW_ATTACHMENTS, row).await?;
    let details = Details {
        more: json!({"attachment": attachment.get("id")}),
        ..Details::default()
    };
    ledger::write(cx, asked.workflow_instance_id, "attachment_added", &name, details).await?;
    Ok(made(&attachment))
}
