//! Records with what every one has; the rest is filled by `FuelTransaction { card_ref, ..FuelTransaction::new(…) }`.

use crate::time::Moment;
use crate::{
    DeliveryReport, Effect, Failure, FuelPage, FuelProduct, FuelTransaction, Handled, ItemOutcome, JobRequest, Money,
    Notice, NoticeResult, OrderItem, OrderKind, OrderNews, OrderPage, OrderStatus, OrderUpdate, PayoutReport,
    PayoutState, PayoutStatus, PlatformOrder, Prepared, Reply, Severity, SmsResult, SmsState, Stop, UnreadableRow,
    Words,
};

impl FuelTransaction {
    /// A purchase of `volume_ml` millilitres for `amount`, value added tax included.
    pub fn new(external_id: impl Into<String>, at: Moment, volume_ml: i64, amount: Money) -> Self {
        Self {
            external_id: external_id.into(),
            occurred_at: at.instant_ms,
            time_known: at.time_known,
            product: FuelProduct::Other,
            product_name: None,
            volume_ml,
            unit_price_e4: None,
            amount,
            vat_minor: None,
            card_ref: None,
            plate_ref: None,
            plate_ref_ar: None,
            vin_ref: None,
            internal_ref: None,
            driver_ref: None,
            station_name: None,
            station_city: None,
            station_location: None,
            odometer_m: None,
            receipt_no: None,
            attributes: Vec::new(),
        }
    }
}

impl FuelPage {
    /// The last page: nothing follows until the next run, which begins at `cursor`.
    pub fn last(transactions: Vec<FuelTransaction>, cursor: Option<String>) -> Self {
        Self {
            transactions,
            unreadable: Vec::new(),
            cursor,
            more: false,
        }
    }
}

impl UnreadableRow {
    pub fn new(external_id: impl Into<String>, field: &str, reason: impl Into<String>) -> Self {
        Self {
            external_id: external_id.into(),
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

impl PlatformOrder {
    /// An order as it was `as_of` (milliseconds since 1970).
    pub fn new(platform: &str, external_id: impl Into<String>, status: OrderStatus, as_of: i64) -> Self {
        Self {
            external_id: external_id.into(),
            event_id: None,
            as_of,
            platform: platform.to_owned(),
            display_id: None,
            tracking_number: None,
            status,
            status_name: None,
            kind: OrderKind::Food,
            placed_at: None,
            pickup: None,
            dropoff: None,
            items: Vec::new(),
            payment: None,
            total: None,
            delivery_fee: None,
            cash_to_collect: None,
            distance_m: None,
            courier_ref: None,
            reason: None,
            attributes: Vec::new(),
        }
    }
}

impl OrderUpdate {
    /// The order's status `as_of` (milliseconds since 1970).
    pub fn new(platform: &str, external_id: impl Into<String>, status: OrderStatus, as_of: i64) -> Self {
        Self {
            external_id: external_id.into(),
            event_id: None,
            as_of,
            platform: platform.to_owned(),
            status,
            status_name: None,
            courier_ref: None,
            courier_location: None,
            reason: None,
            attributes: Vec::new(),
        }
    }
}

impl OrderItem {
    pub fn new(name: impl Into<String>, quantity: u32) -> Self {
        Self {
            sku: None,
            name: name.into(),
            quantity,
            price: None,
            attributes: Vec::new(),
        }
    }
}

/// A stop of which nothing is known.
impl Default for Stop {
    /// Nothing is known of it.
    fn default() -> Self {
        Self {
            name: None,
            phone: None,
            address: None,
            location: None,
            window_start: None,
            window_end: None,
            notes: None,
            attributes: Vec::new(),
        }
    }
}

impl OrderPage {
    /// The last page: nothing follows until the next run, which begins at `cursor`.
    pub fn last(orders: Vec<PlatformOrder>, cursor: Option<String>) -> Self {
        Self {
            orders,
            updates: Vec::new(),
            unreadable: Vec::new(),
            cursor,
            more: false,
        }
    }
}

impl OrderNews {
    /// A message that says nothing about an order: a test of the connection, an event of another kind.
    pub fn nothing() -> Self {
        Self {
            orders: Vec::new(),
            updates: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl From<PlatformOrder> for OrderNews {
    fn from(order: PlatformOrder) -> Self {
        Self {
            orders: vec![order],
            ..Self::nothing()
        }
    }
}

impl From<OrderUpdate> for OrderNews {
    fn from(update: OrderUpdate) -> Self {
        Self {
            updates: vec![update],
            ..Self::nothing()
        }
    }
}

impl NoticeResult {
    fn new(notice_id: &str, outcome: ItemOutcome) -> Self {
        Self {
            notice_id: notice_id.to_owned(),
            outcome,
            attributes: Vec::new(),
        }
    }

    pub fn done(notice_id: &str) -> Self {
        Self::new(notice_id, ItemOutcome::Done)
    }

    /// The platform has no use for this one.
    pub fn skipped(notice_id: &str, why: impl Into<String>) -> Self {
        Self::new(notice_id, ItemOutcome::Skipped(why.into()))
    }

    pub fn failed(notice_id: &str, failure: Failure) -> Self {
        Self::new(notice_id, ItemOutcome::Failed(failure))
    }
}

impl SmsResult {
    fn new(message_id: &str, state: SmsState) -> Self {
        Self {
            message_id: message_id.to_owned(),
            provider_ref: None,
            state,
            segments: None,
            cost: None,
            failure: None,
            attributes: Vec::new(),
        }
    }

    /// The gateway took the message and calls it `provider_ref`.
    pub fn accepted(message_id: &str, provider_ref: impl Into<String>) -> Self {
        Self {
            provider_ref: Some(provider_ref.into()),
            ..Self::new(message_id, SmsState::Accepted)
        }
    }

    /// The gateway did not take the message; the failure's kind says whether it is tried again.
    pub fn refused(message_id: &str, failure: Failure) -> Self {
        Self {
            failure: Some(failure),
            ..Self::new(message_id, SmsState::Rejected)
        }
    }
}

impl DeliveryReport {
    /// News of the message the gateway calls `provider_ref`.
    pub fn new(provider_ref: impl Into<String>, state: SmsState) -> Self {
        Self {
            provider_ref: Some(provider_ref.into()),
            message_id: None,
            state,
            state_name: None,
            at: None,
            segments: None,
            cost: None,
            reason: None,
            attributes: Vec::new(),
        }
    }
}

impl PayoutStatus {
    /// News of the payout with the platform's id.
    pub fn new(payout_id: impl Into<String>, state: PayoutState) -> Self {
        Self {
            payout_id: Some(payout_id.into()),
            provider_ref: None,
            state,
            state_name: None,
            settled_on: None,
            amount: None,
            fee: None,
            reason: None,
            attributes: Vec::new(),
        }
    }
}

impl PayoutReport {
    pub fn new(statuses: Vec<PayoutStatus>) -> Self {
        Self {
            statuses,
            unreadable: Vec::new(),
        }
    }
}

impl Prepared {
    /// A file for a person to bring to the bank.
    pub fn file(name: impl Into<String>, media_type: &str, content: Vec<u8>) -> Self {
        let file = crate::BatchFile {
            name: name.into(),
            media_type: media_type.to_owned(),
            content,
        };
        Self {
            files: vec![file],
            provider_ref: None,
            statuses: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// The bank took the batch and calls it `provider_ref`.
    pub fn submitted(provider_ref: impl Into<String>) -> Self {
        Self {
            files: Vec::new(),
            provider_ref: Some(provider_ref.into()),
            statuses: Vec::new(),
            attributes: Vec::new(),
        }
    }
}

impl Words {
    pub fn new(en: impl Into<String>, ar: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            ar: ar.into(),
        }
    }
}

impl Notice {
    pub fn new(severity: Severity, title: Words, body: Words) -> Self {
        Self {
            key: None,
            severity,
            title,
            body,
            about: None,
            attributes: Vec::new(),
        }
    }
}

impl JobRequest {
    /// Work to be called with later; a second job with the same key is dropped while this one waits.
    pub fn new(name: &str, key: impl Into<String>, payload: Vec<u8>) -> Self {
        Self {
            key: key.into(),
            name: name.to_owned(),
            payload,
            not_before: None,
            attributes: Vec::new(),
        }
    }
}

macro_rules! effects {
    ($($record:ty => $case:ident),* $(,)?) => {
        $(impl From<$record> for Effect {
            fn from(record: $record) -> Self {
                Self::$case(record)
            }
        })*
    };
}

effects! {
    FuelTransaction => FuelTransaction,
    PlatformOrder => Order,
    OrderUpdate => OrderUpdate,
    DeliveryReport => SmsReport,
    PayoutStatus => PayoutStatus,
    Notice => Notice,
    JobRequest => Job,
    crate::EmittedEvent => Emit,
}

impl From<Vec<Effect>> for Handled {
    fn from(effects: Vec<Effect>) -> Self {
        Self { reply: None, effects }
    }
}

impl Reply {
    /// For endpoints that answer after the call.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: value.to_string().into_bytes(),
        }
    }
}
