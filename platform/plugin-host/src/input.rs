//! What a plugin is called with: one case for each function of the contract. Serializable, so that work can wait as a row
//! and be recorded.

use chrono::{DateTime, Utc};
use platform_plugin_records::{Inbound, PayoutBatch, PayoutFile, PluginEvent, SmsMessage, SmsRef, StatusNotice};
use serde::{Deserialize, Serialize};

use crate::manifest::Export;

/// One call's function and arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    Check,
    Migrate {
        /// `None`: the installation is new.
        from_version: Option<String>,
    },
    FuelPull {
        cursor: Option<String>,
        since: DateTime<Utc>,
    },
    OrdersPull {
        cursor: Option<String>,
        since: DateTime<Utc>,
    },
    OrderEvent(Inbound),
    OrderStatus(Vec<StatusNotice>),
    SmsSend(Vec<SmsMessage>),
    SmsReport(Inbound),
    SmsQuery(Vec<SmsRef>),
    PayoutBatch(Box<PayoutBatch>),
    PayoutFile(PayoutFile),
    PayoutQuery {
        batch_id: String,
        provider_ref: Option<String>,
    },
    Event(PluginEvent),
    Schedule {
        name: String,
        planned_for: DateTime<Utc>,
    },
    Job {
        name: String,
        key: String,
        payload: Vec<u8>,
    },
    Webhook(Inbound),
}

impl Input {
    /// The function as manifests, cursors and records of calls name it.
    pub fn handler(&self) -> &'static str {
        match self {
            Self::Check => "lifecycle.check",
            Self::Migrate { .. } => "lifecycle.migrate",
            Self::FuelPull { .. } => "fuel-source.pull",
            Self::OrdersPull { .. } => "order-source.pull",
            Self::OrderEvent(_) => "order-source.event",
            Self::OrderStatus(_) => "order-source.push-status",
            Self::SmsSend(_) => "sms-gateway.send",
            Self::SmsReport(_) => "sms-gateway.report",
            Self::SmsQuery(_) => "sms-gateway.query",
            Self::PayoutBatch(_) => "payout-gateway.prepare",
            Self::PayoutFile(_) => "payout-gateway.read-file",
            Self::PayoutQuery { .. } => "payout-gateway.query",
            Self::Event(_) => "events.handle",
            Self::Schedule { .. } => "schedule.run",
            Self::Job { .. } => "schedule.job",
            Self::Webhook(_) => "webhook.receive",
        }
    }

    /// The interface a plugin must export for it; `None` for `lifecycle`, which every plugin has.
    pub fn export(&self) -> Option<Export> {
        match self {
            Self::Check | Self::Migrate { .. } => None,
            Self::FuelPull { .. } => Some(Export::FuelSource),
            Self::OrdersPull { .. } | Self::OrderEvent(_) | Self::OrderStatus(_) => Some(Export::OrderSource),
            Self::SmsSend(_) | Self::SmsReport(_) | Self::SmsQuery(_) => Some(Export::SmsGateway),
            Self::PayoutBatch(_) | Self::PayoutFile(_) | Self::PayoutQuery { .. } => Some(Export::PayoutGateway),
            Self::Event(_) => Some(Export::Events),
            Self::Schedule { .. } | Self::Job { .. } => Some(Export::Schedule),
            Self::Webhook(_) => Some(Export::Webhook),
        }
    }

    /// Texts that came from outside and may repeat a secret.
    pub(crate) fn inbound_mut(&mut self) -> Option<&mut Inbound> {
        match self {
            Self::OrderEvent(inbound) | Self::SmsReport(inbound) | Self::Webhook(inbound) => Some(inbound),
            _ => None,
        }
    }
}
