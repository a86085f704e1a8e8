//! What a plugin returned, stored: all of it in the caller's transaction, with the mark that the work is done. The host has
//! looked at every record; what is stored here is what is left.

use platform_core::{Cx, Problem, Source, ids::new_id};
use platform_plugin_host::records::{
    Effects, EmittedEvent, FuelTransaction, ItemOutcome, JobRequest, PayoutStatus as PaidSaid, PreparedBatch,
    SmsReport, SmsResult, SmsState,
};
use platform_plugin_host::{Answer, CallError};
use platform_resource::Resource;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::order_records::{major, store_order, store_update};
use crate::outbound::{self, News};
use crate::payouts::{PAYOUT_BATCHES, PAYOUT_FILES, PAYOUTS, PayoutStatus};
use crate::problems::Trouble;
use crate::sms::{SMS_MESSAGES, SmsStatus};
use crate::tasks::{self, New, Work};
use crate::updates;

/// Through how many plugins an event of a plugin's own goes on and on.
const MOST_HOPS: u8 = 4;
/// A message by the gateway's id; $2 the installation, $3 the id.
pub(crate) const MESSAGE: &str = "SELECT m.id FROM integrations.sms_messages m WHERE m.organization_id = $1
    AND m.installation_id = $2 AND m.provider_ref = $3 AND m.deleted_at IS NULL ORDER BY m.id DESC LIMIT 1";
/// A message by our id, if the installation sent it.
pub(crate) const OWN_MESSAGE: &str = "SELECT m.id FROM integrations.sms_messages m WHERE m.organization_id = $1
    AND m.installation_id = $2 AND m.id = $3 AND m.deleted_at IS NULL";
/// A payment by the bank's id or ours, if its batch went through the installation.
pub(crate) const PAYOUT: &str = "SELECT p.id FROM integrations.payouts p
    JOIN integrations.payout_batches b ON b.organization_id = p.organization_id AND b.id = p.batch_id
    WHERE p.organization_id = $1 AND (b.installation_id = $2 OR b.installation_id IS NULL)
        AND (p.id = $3 OR p.provider_ref = $4) AND p.deleted_at IS NULL ORDER BY p.id LIMIT 1";
pub(crate) const STORE_FILE: &str = "INSERT INTO platform.files
    (organization_id, id, name, media_type, size_bytes, sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// For whom something is stored.
#[derive(Clone, Copy)]
pub(crate) struct For<'a> {
    pub installation_id: Uuid,
    pub plugin: &'a str,
    pub work: Option<&'a Work>,
}

/// What came of storing.
pub(crate) enum Stored {
    /// So many records.
    Done(usize),
    /// The plugin says of the one item of the call that it failed: nothing is stored, and the work goes on as after that.
    Failed(CallError),
    /// It cannot be stored, and nothing may be.
    Refused(Trouble),
}

/// Stores an answer.
pub(crate) async fn store(cx: &mut Cx, to: For<'_>, answer: &Answer) -> Result<Stored, Problem> {
    match answer {
        Answer::Effects(effects) => effects_of(cx, to, effects).await,
        Answer::Webhook(handled) => effects_of(cx, to, &handled.effects).await,
        Answer::OrderNews(news) => {
            for order in &news.orders {
                store_order(cx, to.installation_id, order).await?;
            }
            for update in &news.updates {
                store_update(cx, to.installation_id, update).await?;
            }
            Ok(Stored::Done(news.orders.len() + news.updates.len()))
        }
        Answer::SmsSend(given) => match given.results.first() {
            Some(SmsResult {
                failure: Some(failure), ..
            }) => Ok(Stored::Failed(CallError::Failure(failure.clone()))),
            Some(result) => sent(cx, result).await.map(|()| Stored::Done(1)),
            None => Ok(Stored::Done(0)),
        },
        Answer::SmsReports(reports) => {
            for report in &reports.reports {
                reported(cx, to, report).await?;
            }
            Ok(Stored::Done(reports.reports.len()))
        }
        Answer::OrderStatus(given) => match given.results.first().map(|result| &result.outcome) {
            Some(ItemOutcome::Failed(failure)) => Ok(Stored::Failed(CallError::Failure(failure.clone()))),
            Some(ItemOutcome::Done | ItemOutcome::Skipped(_)) | None => Ok(Stored::Done(given.results.len())),
        },
        Answer::PayoutBatch(prepared) => match to.work {
            Some(Work::Payouts { batch_id }) => prepared_batch(cx, to, *batch_id, prepared).await,
            _ => Ok(Stored::Refused(Trouble::passing("plugin_malformed", None))),
        },
        Answer::PayoutReport(report) => {
            for status in &report.reports {
                paid(cx, to, status).await?;
            }
            Ok(Stored::Done(report.reports.len()))
        }
        Answer::Migrated => match to.work {
            Some(Work::Migrate { version_id, .. }) => {
                let record = platform_engine::load(cx, &crate::INSTALLATIONS, to.installation_id).await?;
                // Somebody asked for another version since.
                if record.uuid("waiting_version_id") == Some(*version_id) {
                    updates::switch(cx, to.installation_id, *version_id).await?;
                }
                Ok(Stored::Done(0))
            }
            _ => Ok(Stored::Refused(Trouble::passing("plugin_malformed", None))),
        },
        Answer::Health(_) => Ok(Stored::Done(0)),
        // Pages come with a cursor, which a task has none of.
        Answer::FuelPage(_) | Answer::OrderPage(_) => Ok(Stored::Refused(Trouble::passing("plugin_malformed", None))),
    }
}

async fn effects_of(cx: &mut Cx, to: For<'_>, effects: &Effects) -> Result<Stored, Problem> {
    let mut stored = 0;
    if let Err(trouble) = sink(cx, to, "fuel-transactions", &json_of(&effects.fuel_transactions)?).await? {
        return Ok(Stored::Refused(trouble));
    }
    stored += effects.fuel_transactions.len();
    for order in &effects.orders {
        store_order(cx, to.installation_id, order).await?;
    }
    for update in &effects.order_updates {
        store_update(cx, to.installation_id, update).await?;
    }
    stored += effects.orders.len() + effects.order_updates.len();
    for report in &effects.sms_reports {
        reported(cx, to, report).await?;
    }
    for status in &effects.payout_statuses {
        paid(cx, to, status).await?;
    }
    stored += effects.sms_reports.len() + effects.payout_statuses.len();
    for job in &effects.jobs {
        asked(cx, to, job).await?;
    }
    stored += effects.jobs.len();
    if let Err(trouble) = sink(cx, to, "notices", &json_of(&effects.notices)?).await? {
        return Ok(Stored::Refused(trouble));
    }
    if let Err(trouble) = emitted(cx, to, &effects.events).await? {
        return Ok(Stored::Refused(trouble));
    }
    Ok(Stored::Done(stored + effects.notices.len() + effects.events.len()))
}

/// Events of a plugin's own go to the plugins that hear them. Plugins that answer each other's events for ever are stopped.
async fn emitted(cx: &mut Cx, to: For<'_>, events: &[EmittedEvent]) -> Result<Result<(), Trouble>, Problem> {
    let hops = match to.work {
        Some(Work::Event { hops, .. }) => hops + 1,
        _ => 1,
    };
    if !events.is_empty() && hops > MOST_HOPS {
        return Ok(Err(Trouble::passing("plugin_events_in_a_circle", None)));
    }
    for event in events {
        let news = News {
            name: &event.name,
            key: &new_id().to_string(),
            subject: to.installation_id,
            occurred_at: cx.now,
            hops,
            body: event.data.as_bytes(),
        };
        outbound::tell(cx, news).await?;
    }
    Ok(Ok(()))
}

fn json_of<T: serde::Serialize>(records: &[T]) -> Result<Vec<Json>, Problem> {
    let records: Result<Vec<Json>, _> = records.iter().map(serde_json::to_value).collect();
    records.map_err(|error| Problem::internal(&error))
}

/// Hands records to the module that takes their kind.
pub(crate) async fn sink(
    cx: &mut Cx,
    to: For<'_>,
    kind: &str,
    records: &[Json],
) -> Result<Result<platform_core::SinkReport, Trouble>, Problem> {
    if records.is_empty() {
        return Ok(Ok(platform_core::SinkReport::default()));
    }
    let Some(sink) = cx.platform.registry.sink(kind) else {
        return Ok(Err(Trouble::passing("no_sink", Some(kind.to_owned()))));
    };
    let source = Source {
        installation_id: to.installation_id,
        provider: to.plugin,
        records,
    };
    (sink.store)(cx, source).await.map(Ok)
}

/// The same for fuel, as pages have it.
pub(crate) async fn fuel(
    cx: &mut Cx,
    to: For<'_>,
    transactions: &[FuelTransaction],
) -> Result<Result<platform_core::SinkReport, Trouble>, Problem> {
    sink(cx, to, "fuel-transactions", &json_of(transactions)?).await
}

fn object(json: Json) -> Map<String, Json> {
    let object = json.as_object().cloned().unwrap_or_default();
    object.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// What a gateway's state is here, and the action that leads there. A word that nobody knows moves nothing.
const fn sms_step(state: SmsState) -> Option<(SmsStatus, &'static str)> {
    match state {
        SmsState::Accepted | SmsState::Queued => Some((SmsStatus::Accepted, "accept")),
        SmsState::Sent => Some((SmsStatus::Sent, "sending")),
        SmsState::Delivered => Some((SmsStatus::Delivered, "deliver")),
        SmsState::Undelivered => Some((SmsStatus::Undelivered, "lose")),
        SmsState::Rejected => Some((SmsStatus::Rejected, "reject")),
        SmsState::Expired => Some((SmsStatus::Expired, "expire")),
        SmsState::Other => None,
    }
}

async fn move_message(cx: &mut Cx, id: Uuid, state: SmsState, facts: Map<String, Json>) -> Result<(), Problem> {
    let message = platform_engine::load(cx, &SMS_MESSAGES, id).await?;
    let now: Option<SmsStatus> = message.text("status").and_then(|text| text.parse().ok());
    match sms_step(state) {
        Some((next, action)) if now.is_some_and(|now| now.may_become(next)) => {
            platform_engine::act(cx, &SMS_MESSAGES, id, action, facts).await?;
        }
        Some(_) | None => {
            platform_engine::change(cx, &SMS_MESSAGES, id, "report", facts).await?;
        }
    }
    Ok(())
}

/// A gateway took a message, or said why not for good.
async fn sent(cx: &mut Cx, result: &SmsResult) -> Result<(), Problem> {
    let Ok(id) = result.message_id.parse() else {
        return Ok(());
    };
    let facts = object(json!({
        "provider_ref": result.provider_ref, "segments": result.segments,
        "cost": result.cost.as_ref().map(|cost| major(cost.minor)), "reported_at": cx.now,
    }));
    // Taken, as long as it says nothing else.
    let state = if result.state == SmsState::Other {
        SmsState::Accepted
    } else {
        result.state
    };
    move_message(cx, id, state, facts).await
}

/// A gateway says what became of a message; one that this installation did not send is nobody's.
async fn reported(cx: &mut Cx, to: For<'_>, report: &SmsReport) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let mut found: Option<Uuid> = None;
    if let Some(id) = report.message_id.as_ref().and_then(|id| id.parse::<Uuid>().ok()) {
        found = sqlx::query_scalar(OWN_MESSAGE)
            .bind(organization_id)
            .bind(to.installation_id)
            .bind(id)
            .fetch_optional(cx.db())
            .await?;
    }
    if let (None, Some(reference)) = (found, &report.provider_ref) {
        found = sqlx::query_scalar(MESSAGE)
            .bind(organization_id)
            .bind(to.installation_id)
            .bind(reference)
            .fetch_optional(cx.db())
            .await?;
    }
    let Some(id) = found else { return Ok(()) };
    let facts = object(json!({
        "provider_ref": report.provider_ref, "segments": report.segments, "state_name": report.state_name,
        "status_reason": report.reason, "cost": report.cost.as_ref().map(|cost| major(cost.minor)),
        "reported_at": report.at.unwrap_or(cx.now),
    }));
    move_message(cx, id, report.state, facts).await
}

/// Work that the plugin asks to be called with later.
async fn asked(cx: &mut Cx, to: For<'_>, job: &JobRequest) -> Result<(), Problem> {
    let at = job.not_before.unwrap_or(cx.now).max(cx.now);
    let task = New {
        installation_id: to.installation_id,
        plugin: to.plugin,
        handler: "schedule.job",
        key: &format!("{}:{}", job.name, job.key),
        origin: "job",
        endpoint_id: None,
        subject: Some(job.name.chars().take(160).collect()),
        work: Work::Job {
            name: job.name.clone(),
            key: job.key.clone(),
        },
        body: &job.payload,
        at,
    };
    tasks::add(cx, task).await?;
    Ok(())
}

/// A batch's files are handed out, and the batch is prepared.
async fn prepared_batch(cx: &mut Cx, to: For<'_>, batch_id: Uuid, prepared: &PreparedBatch) -> Result<Stored, Problem> {
    let batch = platform_engine::load(cx, &PAYOUT_BATCHES, batch_id).await?;
    if !batch.is("status", "requested") {
        return Ok(Stored::Done(0));
    }
    for file in &prepared.files {
        let file_id = write_file(cx, &file.name, &file.media_type, &file.content).await?;
        let row = object(json!({"batch_id": batch_id, "name": file.name, "file_id": file_id}));
        platform_engine::create(cx, &PAYOUT_FILES, row).await?;
    }
    let facts = object(json!({"provider_ref": prepared.provider_ref}));
    platform_engine::act(cx, &PAYOUT_BATCHES, batch_id, "hand_out", facts).await?;
    for status in &prepared.statuses {
        paid(cx, to, status).await?;
    }
    Ok(Stored::Done(prepared.files.len() + prepared.statuses.len()))
}

/// The row of a file and its bytes. The bytes come first to disk: a row whose commit fails leaves a file nobody knows, never a
/// row without its file.
async fn write_file(cx: &mut Cx, name: &str, media_type: &str, content: &[u8]) -> Result<Uuid, Problem> {
    let (organization_id, id, now) = (cx.organization_id, new_id(), cx.now);
    sqlx::query(STORE_FILE)
        .bind(organization_id)
        .bind(id)
        .bind(name)
        .bind(media_type.chars().take(100).collect::<String>())
        .bind(i64::try_from(content.len()).unwrap_or(i64::MAX))
        .bind(hex::encode(Sha256::digest(content)))
        .bind(now)
        .execute(cx.db())
        .await?;
    let folder = cx.platform.data.join("files").join(organization_id.to_string());
    let write = async {
        tokio::fs::create_dir_all(&folder).await?;
        tokio::fs::write(folder.join(id.to_string()), content).await
    };
    write.await.map_err(|error| Problem::internal(&error))?;
    Ok(id)
}

/// What a bank says of a payment.
async fn paid(cx: &mut Cx, to: For<'_>, said: &PaidSaid) -> Result<(), Problem> {
    use platform_plugin_host::records::PayoutState as Said;
    let ours: Option<Uuid> = said.payout_id.as_ref().and_then(|id| id.parse().ok());
    let found: Option<Uuid> = sqlx::query_scalar(PAYOUT)
        .bind(cx.organization_id)
        .bind(to.installation_id)
        .bind(ours)
        .bind(said.provider_ref.as_ref())
        .fetch_optional(cx.db())
        .await?;
    let Some(id) = found else { return Ok(()) };
    let (next, action) = match said.state {
        Said::Pending => (PayoutStatus::Pending, "accept"),
        Said::Accepted => (PayoutStatus::Accepted, "accept"),
        Said::InTransit => (PayoutStatus::InTransit, "transfer"),
        Said::Paid => (PayoutStatus::Paid, "pay"),
        Said::Returned => (PayoutStatus::Returned, "send_back"),
        Said::Rejected => (PayoutStatus::Rejected, "reject"),
        Said::Cancelled => (PayoutStatus::Cancelled, "call_off"),
        Said::Other => (PayoutStatus::Other, "note"),
    };
    let facts = object(json!({
        "provider_ref": said.provider_ref, "state_name": said.state_name, "settled_on": said.settled_on,
        "fee": said.fee.as_ref().map(|fee| major(fee.minor)), "status_reason": said.reason,
    }));
    act_or_note(cx, &PAYOUTS, id, (next, action), facts).await
}

async fn act_or_note(
    cx: &mut Cx,
    resource: &'static Resource,
    id: Uuid,
    (next, action): (PayoutStatus, &str),
    facts: Map<String, Json>,
) -> Result<(), Problem> {
    let record = platform_engine::load(cx, resource, id).await?;
    let now: Option<PayoutStatus> = record.text("status").and_then(|text| text.parse().ok());
    if now.is_some_and(|now| now.may_become(next) && now != next) {
        platform_engine::act(cx, resource, id, action, facts).await?;
    } else if !facts.is_empty() {
        platform_engine::change(cx, resource, id, "report", facts).await?;
    }
    Ok(())
}
