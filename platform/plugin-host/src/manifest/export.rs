//! The interfaces a plugin may export, by name and as a set.

use serde::{Deserialize, Serialize};

use platform_plugin_records::EffectKind;

/// An interface of the contract the platform calls, besides `lifecycle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Export {
    FuelSource,
    OrderSource,
    SmsGateway,
    PayoutGateway,
    Events,
    Schedule,
    Webhook,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::FuelSource,
        Self::OrderSource,
        Self::SmsGateway,
        Self::PayoutGateway,
        Self::Events,
        Self::Schedule,
        Self::Webhook,
    ];

    /// The name of the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FuelSource => "fuel-source",
            Self::OrderSource => "order-source",
            Self::SmsGateway => "sms-gateway",
            Self::PayoutGateway => "payout-gateway",
            Self::Events => "events",
            Self::Schedule => "schedule",
            Self::Webhook => "webhook",
        }
    }

    /// Kinds of records that come of it whatever the manifest lists.
    pub(super) fn effects(self) -> &'static [EffectKind] {
        match self {
            Self::FuelSource => &[EffectKind::FuelTransactions],
            Self::OrderSource => &[EffectKind::Orders, EffectKind::OrderUpdates],
            Self::SmsGateway => &[EffectKind::SmsReports],
            Self::PayoutGateway => &[EffectKind::PayoutStatuses],
            Self::Events | Self::Schedule | Self::Webhook => &[],
        }
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of interfaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exports(u8);

impl Exports {
    pub const NONE: Self = Self(0);

    pub fn has(self, export: Export) -> bool {
        self.0 & export.bit() != 0
    }
}

impl FromIterator<Export> for Exports {
    fn from_iter<I: IntoIterator<Item = Export>>(exports: I) -> Self {
        Self(exports.into_iter().fold(0, |set, export| set | export.bit()))
    }
}
