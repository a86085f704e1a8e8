//! What a plugin is called with: from a task and the rows that it is about.

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem};
use platform_plugin_host::Input;
use platform_plugin_host::records::{
    Amount, BankAccount, Inbound, OrderStatus, Payout, PayoutBatch, PluginEvent, Purpose, SmsKind, SmsMessage, SmsRef,
    StatusNotice, WageParts,
};
use platform_resource::Record;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::resources::Installation;
use crate::task_run::About;
use crate::tasks::Work;
use crate::{PAYOUT_BATCHES, PAYOUTS, PLATFORM_ORDERS, SMS_MESSAGES};

/// Messages of an installation that the gateway took since $3 and nothing more was heard of.
pub(crate) const OPEN_MESSAGES: &str = "SELECT m.id, m.provider_ref FROM integrations.sms_messages m
    WHERE m.organization_id = $1 AND m.installation_id = $2 AND m.status IN ('accepted', 'sent') AND m.created_at > $3
        AND m.deleted_at IS NULL ORDER BY m.id LIMIT 100";
/// Payments of a batch.
pub(crate) const OF_BATCH: &str = "SELECT p.id FROM integrations.payouts p
    WHERE p.organization_id = $1 AND p.batch_id = $2 AND p.deleted_at IS NULL ORDER BY p.id LIMIT 5001";
/// The courier of an order, as the platform is told of him.
pub(crate) const COURIER: &str = "SELECT c.full_name, c.mobile_number FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.id = $2 AND c.deleted_at IS NULL";

/// How long a gateway is asked for a message.
const ASKED_FOR: TimeDelta = TimeDelta::days(3);
/// Payments of one batch.
const MOST_PAYOUTS: usize = 5000;

/// What became of making it.
pub(crate) enum Made {
    Input(Box<Input>),
    /// There is nothing to do, and why.
    Nothing(&'static str),
}

impl Made {
    fn input(input: Input) -> Self {
        Self::Input(Box::new(input))
    }
}

/// Makes the input of a task.
pub(crate) async fn of(
    cx: &mut Cx,
    work: &Work,
    body: Vec<u8>,
    task_id: Uuid,
    installation: &Installation,
    about: &About,
) -> Result<Made, Problem> {
    let attributes = std::collections::BTreeMap::new();
    Ok(match work.clone() {
        Work::Inbound {
            endpoint,
            method,
            query,
            headers,
            received_at,
            verified,
            address,
        } => {
            let inbound = Inbound {
                request_id: task_id.to_string(),
                endpoint,
                address,
                method,
                path: String::new(),
                query,
                headers,
                body,
                received_at,
                verified,
                attributes,
            };
            let record = platform_engine::load(cx, &crate::PLUGIN_TASKS, task_id).await?;
            match record.text("handler") {
                Some("order-source.event") => Made::input(Input::OrderEvent(inbound)),
                Some("sms-gateway.report") => Made::input(Input::SmsReport(inbound)),
                _ => Made::input(Input::Webhook(inbound)),
            }
        }
        Work::Event {
            event_id,
            name,
            subject,
            occurred_at,
            hops: _,
        } => Made::input(Input::Event(PluginEvent {
            event_id: event_id.to_string(),
            data: granted(cx, installation, &name, &body).await?,
            name,
            version: 1,
            occurred_at,
            subject_id: Some(subject.to_string()),
            attributes,
        })),
        Work::Schedule { name, planned_for } => Made::input(Input::Schedule { name, planned_for }),
        Work::Job { name, key } => Made::input(Input::Job {
            name,
            key,
            payload: body,
        }),
        Work::Migrate { from_version, .. } => Made::input(Input::Migrate { from_version }),
        Work::Sms { message_id } => message(cx, message_id).await?,
        Work::SmsQuery => open_messages(cx, installation.id).await?,
        Work::OrderStatus {
            order_id,
            status,
            at,
            reason,
        } => notice(cx, task_id, order_id, &status, (at, reason)).await?,
        Work::Payouts { batch_id } => batch(cx, batch_id, about).await?,
    })
}

/// Of what happened, the fields that the manifest names for this event.
async fn granted(cx: &mut Cx, installation: &Installation, name: &str, body: &[u8]) -> Result<String, Problem> {
    let plugin = crate::shelved::running(cx, installation).await?;
    let fields = plugin.and_then(|plugin| {
        let ask = plugin.manifest.events.iter().find(|ask| ask.name == name);
        ask.map(|ask| ask.fields.clone())
    });
    let fields = fields.unwrap_or_default();
    let data: Map<String, Json> = serde_json::from_slice(body).unwrap_or_default();
    let data: Map<String, Json> = data.into_iter().filter(|(field, _)| fields.contains(field)).collect();
    Ok(Json::Object(data).to_string())
}

async fn message(cx: &mut Cx, id: Uuid) -> Result<Made, Problem> {
    let message = platform_engine::load(cx, &SMS_MESSAGES, id).await?;
    if !message.is("status", "queued") {
        return Ok(Made::Nothing("sms_not_queued"));
    }
    if message.instant("expires_at").is_some_and(|at| at <= cx.now) {
        platform_engine::act(cx, &SMS_MESSAGES, id, "expire", Map::new()).await?;
        return Ok(Made::Nothing("sms_expired"));
    }
    let text = |field: &str| message.text(field).map(ToOwned::to_owned);
    let kind = SmsKind::ALL.iter().find(|kind| message.is("kind", kind.as_str()));
    Ok(Made::input(Input::SmsSend(vec![SmsMessage {
        message_id: id.to_string(),
        to: text("recipient_phone").unwrap_or_default(),
        sender_name: text("sender_name"),
        body: text("body").unwrap_or_default(),
        kind: kind.copied().unwrap_or(SmsKind::Other),
        expires_at: message.instant("expires_at"),
        attributes: std::collections::BTreeMap::new(),
    }])))
}

async fn open_messages(cx: &mut Cx, installation_id: Uuid) -> Result<Made, Problem> {
    let since = cx.now - ASKED_FOR;
    let rows = sqlx::query(OPEN_MESSAGES)
        .bind(cx.organization_id)
        .bind(installation_id)
        .bind(since)
        .fetch_all(cx.db())
        .await?;
    if rows.is_empty() {
        return Ok(Made::Nothing("sms_nothing_open"));
    }
    let messages = rows.iter().map(|row| {
        Ok(SmsRef {
            message_id: row.try_get::<Uuid, _>("id")?.to_string(),
            provider_ref: row.try_get("provider_ref")?,
        })
    });
    let messages: Vec<SmsRef> = messages.collect::<Result<_, sqlx::Error>>()?;
    Ok(Made::input(Input::SmsQuery(messages)))
}

async fn notice(
    cx: &mut Cx,
    task_id: Uuid,
    order_id: Uuid,
    status: &str,
    (at, reason): (DateTime<Utc>, Option<String>),
) -> Result<Made, Problem> {
    let order = platform_engine::load(cx, &PLATFORM_ORDERS, order_id).await?;
    let status = OrderStatus::ALL.iter().find(|known| known.as_str() == status);
    let mut courier = (None, None);
    if let Some(id) = order.uuid("courier_id") {
        let row = sqlx::query(COURIER)
            .bind(cx.organization_id)
            .bind(id)
            .fetch_optional(cx.db())
            .await?;
        if let Some(row) = row {
            courier = (row.try_get("full_name")?, row.try_get("mobile_number")?);
        }
    }
    let text = |field: &str| order.text(field).map(ToOwned::to_owned);
    Ok(Made::input(Input::OrderStatus(vec![StatusNotice {
        notice_id: task_id.to_string(),
        external_id: text("platform_order_id").unwrap_or_default(),
        platform: text("platform").unwrap_or_default(),
        status: status.copied().unwrap_or(OrderStatus::Other),
        at,
        courier_ref: text("platform_driver_id"),
        courier_name: courier.0,
        courier_phone: courier.1,
        location: None,
        reason,
        attributes: std::collections::BTreeMap::new(),
    }])))
}

/// Major units of an amount as minor ones; amounts have two decimals.
fn minor(record: &Record, field: &str) -> i64 {
    let amount = record.decimal(field).unwrap_or_default();
    (amount * Decimal::ONE_HUNDRED).to_i64().unwrap_or_default()
}

async fn batch(cx: &mut Cx, id: Uuid, about: &About) -> Result<Made, Problem> {
    let batch = platform_engine::load(cx, &PAYOUT_BATCHES, id).await?;
    if !batch.is("status", "requested") {
        return Ok(Made::Nothing("batch_not_requested"));
    }
    let ids: Vec<Uuid> = sqlx::query_scalar(OF_BATCH)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    let problem = match ids.len() {
        0 => Some("batch_empty"),
        many if many > MOST_PAYOUTS => Some("batch_too_large"),
        _ => None,
    };
    if let Some(code) = problem {
        let why = json!({"problem_code": code});
        let why = why.as_object().cloned().unwrap_or_default();
        platform_engine::act(cx, &PAYOUT_BATCHES, id, "fail", why).await?;
        return Ok(Made::Nothing(code));
    }
    let amount = |minor: i64| Amount {
        minor,
        currency: about.currency.clone(),
    };
    let (mut payouts, mut total) = (Vec::with_capacity(ids.len()), 0);
    for payout_id in ids {
        let row = platform_engine::load(cx, &PAYOUTS, payout_id).await?;
        let text = |field: &str| row.text(field).map(ToOwned::to_owned);
        let parts = ["basic_amount", "housing_amount", "other_amount", "deductions_amount"];
        let wage = parts.iter().any(|part| row.has(part)).then(|| WageParts {
            basic_minor: minor(&row, parts[0]),
            housing_minor: minor(&row, parts[1]),
            other_minor: minor(&row, parts[2]),
            deductions_minor: minor(&row, parts[3]),
        });
        total += minor(&row, "amount");
        payouts.push(Payout {
            payout_id: payout_id.to_string(),
            amount: amount(minor(&row, "amount")),
            beneficiary: BankAccount {
                holder: text("holder").unwrap_or_default(),
                iban: text("iban").unwrap_or_default(),
                bank_code: text("bank_code"),
                attributes: std::collections::BTreeMap::new(),
            },
            identity_no: text("identity_number"),
            wage,
            memo: text("memo").unwrap_or_default(),
            attributes: std::collections::BTreeMap::new(),
        });
    }
    let facts = json!({"total_amount": crate::order_records::major(total), "payouts": payouts.len()});
    let facts = facts.as_object().cloned().unwrap_or_default();
    platform_engine::change(cx, &PAYOUT_BATCHES, id, "count", facts).await?;
    let text = |field: &str| batch.text(field).map(ToOwned::to_owned);
    let purpose = Purpose::ALL
        .iter()
        .find(|purpose| batch.is("purpose", purpose.as_str()));
    Ok(Made::input(Input::PayoutBatch(Box::new(PayoutBatch {
        batch_id: id.to_string(),
        reference: short(batch.text("batch_number").unwrap_or_default()),
        purpose: purpose.copied().unwrap_or(Purpose::Other),
        value_day: batch.date("value_day").map(|day| day.to_string()).unwrap_or_default(),
        total: amount(total),
        payer: BankAccount {
            holder: text("payer_holder").unwrap_or_default(),
            iban: text("payer_iban").unwrap_or_default(),
            bank_code: text("payer_bank_code"),
            attributes: std::collections::BTreeMap::new(),
        },
        establishment_no: text("establishment_number"),
        payouts,
        attributes: std::collections::BTreeMap::new(),
    }))))
}

/// A batch's number in the sixteen characters that banks have room for: `PAY-20261123-0001` without its first hyphen.
fn short(number: &str) -> String {
    let mut short: String = number.replacen('-', "", 1);
    short.truncate(16);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_minor_units_exactly() {
        let row = json!({"amount": "4500.05", "none": null});
        let row = Record(row.as_object().cloned().expect("an object"));
        assert_eq!((minor(&row, "amount"), minor(&row, "none")), (450_005, 0));
    }

    #[test]
    fn a_number_fits_into_a_bank_file() {
        assert_eq!(short("PAY-20261123-0001"), "PAY20261123-0001");
    }
}
