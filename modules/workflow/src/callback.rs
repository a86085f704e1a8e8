//! What a workflow decided about a record of another module is carried out there: delivered as an event, taken as an
//! action.

use platform_core::{Cx, Event, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;

use crate::ledger::{self, Details, object};
use crate::run;

/// Records that workflows decide about: what an approval and a rejection mean for them, and where the reason goes.
/// Others are left to people.
const DECIDED: &[(&str, &str, &str, &str)] = &[
    ("hr.leaves", "approve", "reject", "rejection_reason"),
    ("hr.loans", "approve", "reject", "rejection_reason"),
    ("hr.expenses", "approve", "reject", "rejection_reason"),
];

/// How many approvals of workflow $2 were given.
pub(crate) const APPROVALS: &str = "SELECT count(*) FROM workflow.workflow_step_history WHERE organization_id = $1 \
     AND workflow_instance_id = $2 AND result = 'approved' AND deleted_at IS NULL";

/// A listener: a workflow ended or was rejected. Only workflows that a trigger started decide about records, and only
/// when they went all the way with somebody's approval.
pub(crate) async fn decided(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let instance = match run::instance(cx, event.subject).await {
        Ok(instance) => instance,
        Err(problem) if problem.code == "not_found" => return Ok(()),
        Err(problem) => return Err(problem),
    };
    let kind = instance.text("entity_type").filter(|_| instance.has("trigger_id"));
    let Some((name, approve, reject, reason)) = DECIDED.iter().find(|(name, ..)| Some(*name) == kind) else {
        return Ok(());
    };
    let platform = cx.platform.clone();
    let (Some(resource), Some(id)) = (platform.registry.resource(name), instance.uuid("entity_id")) else {
        return Ok(());
    };
    let (action, input) = if event.name.ends_with(".reject") {
        let why = instance
            .text("reject_reason")
            .or(instance.text("instance_number"))
            .unwrap_or("—");
        let takes = |action: &str| {
            resource
                .actions
                .iter()
                .find(|one| one.name == action)
                .map(|one| one.inputs)
        };
        let is_taken = takes(reject).is_some_and(|inputs| inputs.iter().any(|input| input.name == *reason));
        (
            *reject,
            if is_taken {
                object(json!({ *reason: why }))
            } else {
                Map::new()
            },
        )
    } else {
        let steps = run::template_of(cx, &instance).await?.steps.len();
        let row = sqlx::query(APPROVALS)
            .bind(cx.organization_id)
            .bind(event.subject)
            .fetch_one(cx.db())
            .await?;
        if run::current(&instance) < steps || row.try_get::<i64, _>(0)? == 0 {
            return Ok(());
        }
        (*approve, Map::new())
    };
    sqlx::query("SAVEPOINT callback").execute(cx.db()).await?;
    let outcome = match platform_engine::act(cx, resource, id, action, input).await {
        Ok(_) => Json::Null,
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        // Somebody was faster there, or the record is gone. Delivered again, it ends here too.
        Err(problem) => {
            sqlx::query("ROLLBACK TO SAVEPOINT callback").execute(cx.db()).await?;
            problem.to_string().into()
        }
    };
    let details = Details {
        more: json!({"record": id, "kind": name, "action": action, "refused": outcome}),
        ..Details::default()
    };
    ledger::write(cx, event.subject, "custom", &format!("{name}: {action}"), details).await
}
