//! What generic handlers ask the platform to store: everything in one transaction, or nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::check::{
    MAX_WORDS_LENGTH, RefusedRow, Rules, Verdict, attributes, id, optional_id, planned, settle, sift, slug,
    tidy_required,
};
use crate::vocabulary::vocabulary;
use crate::{
    Attributes, Flag, FuelTransaction, Order, OrderUpdate, PayoutStatus, SmsReport, check_fuel_transactions,
    check_order_updates, check_orders, check_payout_statuses, check_sms_reports,
};

const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
/// Jobs, notices and events of one call, each.
const MAX_ASKED: usize = 100;

vocabulary! {
    /// Kinds of what a plugin may return, as manifests and grants name them.
    #[derive(PartialOrd, Ord)]
    EffectKind {
        FuelTransactions = "fuel-transactions",
        Orders = "orders",
        OrderUpdates = "order-updates",
        SmsReports = "sms-reports",
        PayoutStatuses = "payout-statuses",
        Notices = "notices",
        Jobs = "jobs",
        Events = "events",
    }
}

impl EffectKind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

vocabulary! {
    /// How much a notice matters.
    Severity {
        Info = "info",
        Warning = "warning",
        Critical = "critical",
        Other = "other",
    }
}

/// A text for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub en: String,
    pub ar: String,
}

/// A word to the organization's people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// A second notice with the same key replaces the first.
    pub key: Option<String>,
    pub severity: Severity,
    pub title: Words,
    pub body: Words,
    /// Resource and id of the row it is about.
    pub about: Option<(String, String)>,
    pub attributes: Attributes,
    /// Set by the checks, never by the plugin.
    pub flags: Vec<Flag>,
}

/// Work the plugin wants to be called with later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// A second job with the same key, while the first waits, is dropped.
    pub key: String,
    pub name: String,
    #[serde(with = "crate::inbound::bytes")]
    pub payload: Vec<u8>,
    pub not_before: Option<DateTime<Utc>>,
    pub attributes: Attributes,
}

/// An event of the plugin's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmittedEvent {
    pub name: String,
    /// JSON.
    pub data: String,
    pub attributes: Attributes,
}

/// An effect as a plugin returned it: shape checked, meaning not yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawEffect {
    FuelTransaction(Box<FuelTransaction>),
    Order(Box<Order>),
    OrderUpdate(Box<OrderUpdate>),
    SmsReport(Box<SmsReport>),
    PayoutStatus(Box<PayoutStatus>),
    Notice(Box<Notice>),
    Job(JobRequest),
    Emit(EmittedEvent),
    /// A kind this server does not know.
    Other(String),
    /// One whose time no calendar has: kind, id and field.
    Unreadable(RefusedRow),
}

/// Effects after the checks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    pub fuel_transactions: Vec<FuelTransaction>,
    pub orders: Vec<Order>,
    pub order_updates: Vec<OrderUpdate>,
    pub sms_reports: Vec<SmsReport>,
    pub payout_statuses: Vec<PayoutStatus>,
    pub notices: Vec<Notice>,
    pub jobs: Vec<JobRequest>,
    pub events: Vec<EmittedEvent>,
    pub refused: Vec<RefusedRow>,
}

impl Effects {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.fuel_transactions.is_empty()
            && self.orders.is_empty()
            && self.order_updates.is_empty()
            && self.sms_reports.is_empty()
            && self.payout_statuses.is_empty()
            && self.notices.is_empty()
            && self.jobs.is_empty()
            && self.events.is_empty()
    }
}

/// What an installation may return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permitted {
    pub kinds: Vec<EffectKind>,
    /// Names of events it may emit.
    pub emits: Vec<String>,
}

/// Sorts effects by kind and checks each. One of a kind that is not permitted is refused.
pub fn check_effects(given: Vec<RawEffect>, permitted: &Permitted, rules: &Rules) -> Effects {
    let mut effects = Effects::default();
    let refuse = |refused: &mut Vec<RefusedRow>, record: &str, index, field: &str, reason: &str| {
        refused.push(RefusedRow {
            record: crate::clean(record, 60).0.unwrap_or_default(),
            index: Some(index),
            external_id: String::new(),
            field: field.to_owned(),
            reason: reason.to_owned(),
        });
    };
    for (index, effect) in given.into_iter().enumerate() {
        let kind = match &effect {
            RawEffect::FuelTransaction(_) => EffectKind::FuelTransactions,
            RawEffect::Order(_) => EffectKind::Orders,
            RawEffect::OrderUpdate(_) => EffectKind::OrderUpdates,
            RawEffect::SmsReport(_) => EffectKind::SmsReports,
            RawEffect::PayoutStatus(_) => EffectKind::PayoutStatuses,
            RawEffect::Notice(_) => EffectKind::Notices,
            RawEffect::Job(_) => EffectKind::Jobs,
            RawEffect::Emit(_) => EffectKind::Events,
            RawEffect::Other(name) => {
                refuse(&mut effects.refused, name, index, "kind", "unknown");
                continue;
            }
            RawEffect::Unreadable(row) => {
                effects.refused.push(row.clone());
                continue;
            }
        };
        if !permitted.kinds.contains(&kind) {
            refuse(&mut effects.refused, kind.as_str(), index, "kind", "not_granted");
            continue;
        }
        match effect {
            RawEffect::FuelTransaction(record) => effects.fuel_transactions.push(*record),
            RawEffect::Order(record) => effects.orders.push(*record),
            RawEffect::OrderUpdate(record) => effects.order_updates.push(*record),
            RawEffect::SmsReport(record) => effects.sms_reports.push(*record),
            RawEffect::PayoutStatus(record) => effects.payout_statuses.push(*record),
            RawEffect::Notice(record) => effects.notices.push(*record),
            RawEffect::Job(record) => effects.jobs.push(record),
            RawEffect::Emit(record) => effects.events.push(record),
            RawEffect::Other(_) | RawEffect::Unreadable(_) => {}
        }
    }
    check_each(&mut effects, permitted, rules);
    effects
}

fn check_each(effects: &mut Effects, permitted: &Permitted, rules: &Rules) {
    let refused = &mut effects.refused;
    let checked = check_fuel_transactions(std::mem::take(&mut effects.fuel_transactions), rules);
    effects.fuel_transactions = checked.transactions;
    refused.extend(checked.refused);
    effects.orders = check_orders(std::mem::take(&mut effects.orders), rules, refused);
    effects.order_updates = check_order_updates(std::mem::take(&mut effects.order_updates), rules, refused);
    effects.sms_reports = check_sms_reports(std::mem::take(&mut effects.sms_reports), rules, refused);
    effects.payout_statuses = check_payout_statuses(std::mem::take(&mut effects.payout_statuses), rules, refused);

    let mut counted = Counter::default();
    let notices = std::mem::take(&mut effects.notices);
    // Notices without a key are all different.
    let keyed = |notice: &Notice| match &notice.key {
        Some(key) => format!("k{key}"),
        None => format!("n{}\u{0}{}", notice.title.en, notice.body.en),
    };
    let check = |notice: &mut Notice| counted.count().and_then(|()| check_notice(notice));
    effects.notices = sift("notice", notices, keyed, check, refused).0;

    let mut counted = Counter::default();
    let jobs = std::mem::take(&mut effects.jobs);
    let check = |job: &mut JobRequest| counted.count().and_then(|()| check_job(job, rules));
    effects.jobs = sift("job", jobs, |job| job.key.clone(), check, refused).0;

    let mut counted = Counter::default();
    let events = std::mem::take(&mut effects.events);
    let check = |event: &mut EmittedEvent| counted.count().and_then(|()| check_event(event, permitted));
    effects.events = sift(
        "event",
        events,
        |event| format!("{}\u{0}{}", event.name, event.data),
        check,
        refused,
    )
    .0;
}

/// Counts what is asked of people and queues.
#[derive(Default)]
struct Counter(usize);

impl Counter {
    fn count(&mut self) -> Verdict {
        self.0 += 1;
        if self.0 > MAX_ASKED {
            return Err(("count", "too_many"));
        }
        Ok(())
    }
}

fn check_notice(notice: &mut Notice) -> Verdict {
    let flags = &mut notice.flags;
    flags.clear();
    optional_id("key", notice.key.as_ref())?;
    tidy_required("title.en", &mut notice.title.en, 200, flags)?;
    tidy_required("title.ar", &mut notice.title.ar, 200, flags)?;
    tidy_required("body.en", &mut notice.body.en, MAX_WORDS_LENGTH, flags)?;
    tidy_required("body.ar", &mut notice.body.ar, MAX_WORDS_LENGTH, flags)?;
    if let Some((resource, row)) = &notice.about {
        slug("about", resource)?;
        id("about", row)?;
    }
    attributes(&mut notice.attributes, flags)?;
    settle(flags);
    Ok(())
}

fn check_job(job: &mut JobRequest, rules: &Rules) -> Verdict {
    id("key", &job.key)?;
    slug("name", &job.name)?;
    if job.payload.len() > MAX_PAYLOAD_BYTES {
        return Err(("payload", "too_long"));
    }
    if let Some(at) = job.not_before {
        planned("not_before", at, rules)?;
    }
    attributes(&mut job.attributes, &mut Vec::new())
}

fn check_event(event: &mut EmittedEvent, permitted: &Permitted) -> Verdict {
    if !permitted.emits.contains(&event.name) {
        return Err(("name", "not_granted"));
    }
    if event.data.len() > MAX_PAYLOAD_BYTES {
        return Err(("data", "too_long"));
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(&event.data).is_err() {
        return Err(("data", "unknown"));
    }
    attributes(&mut event.attributes, &mut Vec::new())
}

#[cfg(test)]
mod tests;
