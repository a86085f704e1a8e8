//! From what a guest returned to our records. A record with a time that no calendar has is set aside; everything else about
//! its meaning is checked by the server.

use chrono::{DateTime, Utc};
use platform_plugin_records as records;
use platform_plugin_records::{RawEffect, RefusedRow};

use super::exports::barq::plugin::{fuel_source, lifecycle, order_source, payout_gateway, webhook};
use super::{effects as guest_effects, fuel, orders, payouts, sms, types};
use crate::wire::{Answer, RawPage};

/// Of a record that cannot be read: field and the id it had.
pub(super) type Unread = (&'static str, String);

fn moment(field: &'static str, id: &str, ms: i64) -> Result<DateTime<Utc>, Unread> {
    DateTime::from_timestamp_millis(ms).ok_or_else(|| (field, id.to_owned()))
}

fn maybe(field: &'static str, id: &str, ms: Option<i64>) -> Result<Option<DateTime<Utc>>, Unread> {
    ms.map(|ms| moment(field, id, ms)).transpose()
}

/// The records that can be read, and rows for the others.
pub(super) fn read<G, T>(
    record: &str,
    given: Vec<G>,
    unreadable: &mut Vec<RefusedRow>,
    convert: impl Fn(G) -> Result<T, Unread>,
) -> Vec<T> {
    let mut read = Vec::with_capacity(given.len());
    for (index, item) in given.into_iter().enumerate() {
        match convert(item) {
            Ok(item) => read.push(item),
            Err(unread) => unreadable.push(unread_row(record, index, unread)),
        }
    }
    read
}

fn unread_row(record: &str, index: usize, (field, external_id): Unread) -> RefusedRow {
    RefusedRow {
        record: record.to_owned(),
        index: Some(index),
        external_id,
        field: field.to_owned(),
        reason: "out_of_range".to_owned(),
    }
}

pub(super) fn unreadable(rows: Vec<types::UnreadableRow>) -> Vec<RefusedRow> {
    let row = |row: types::UnreadableRow| RefusedRow {
        external_id: row.external_id,
        field: row.field,
        reason: row.reason,
        ..RefusedRow::default()
    };
    rows.into_iter().map(row).collect()
}

fn amount(money: types::Money) -> records::Amount {
    records::Amount {
        minor: money.minor,
        currency: money.currency,
    }
}

fn point(point: types::GeoPoint) -> records::Point {
    records::Point {
        lat_e7: point.lat_e7,
        lon_e7: point.lon_e7,
    }
}

pub(crate) fn failure(failure: types::Failure) -> records::Failure {
    records::Failure {
        kind: match failure.kind {
            types::FailureKind::Transient => records::FailureKind::Transient,
            types::FailureKind::RateLimited => records::FailureKind::RateLimited,
            types::FailureKind::Auth => records::FailureKind::Auth,
            types::FailureKind::Permanent => records::FailureKind::Permanent,
            types::FailureKind::Config => records::FailureKind::Config,
            types::FailureKind::Unsupported => records::FailureKind::Unsupported,
            types::FailureKind::Other => records::FailureKind::Other,
        },
        code: failure.code,
        message: failure.message,
        retry_after_ms: failure.retry_after_ms,
        attributes: failure.attributes.into_iter().collect(),
    }
}

pub(crate) fn health(health: lifecycle::Health) -> Answer {
    let degraded = match health {
        lifecycle::Health::Ok => None,
        lifecycle::Health::Degraded(why) | lifecycle::Health::Other(why) => Some(why),
    };
    Answer::Health { degraded }
}

pub(crate) fn fuel_page(page: fuel_source::Page) -> Answer {
    let mut unread = unreadable(page.unreadable);
    let records = read("fuel_transaction", page.transactions, &mut unread, transaction);
    Answer::FuelPage(RawPage {
        records,
        unreadable: unread,
        cursor: page.cursor,
        more: page.more,
    })
}

pub(super) fn transaction(record: fuel::FuelTransaction) -> Result<records::FuelTransaction, Unread> {
    Ok(records::FuelTransaction {
        occurred_at: moment("occurred_at", &record.external_id, record.occurred_at)?,
        external_id: record.external_id,
        time_known: record.time_known,
        product: match record.product {
            fuel::FuelProduct::Gasoline91 => records::FuelProduct::Gasoline91,
            fuel::FuelProduct::Gasoline95 => records::FuelProduct::Gasoline95,
            fuel::FuelProduct::Gasoline98 => records::FuelProduct::Gasoline98,
            fuel::FuelProduct::Diesel => records::FuelProduct::Diesel,
            fuel::FuelProduct::Electric => records::FuelProduct::Electric,
            fuel::FuelProduct::Other => records::FuelProduct::Other,
        },
        product_name: record.product_name,
        volume_ml: record.volume_ml,
        unit_price_e4: record.unit_price_e4,
        amount_minor: record.amount.minor,
        currency: record.amount.currency,
        vat_minor: record.vat_minor,
        // The first contract has none.
        discount_minor: None,
        card_ref: record.card_ref,
        plate_ref: record.plate_ref,
        plate_ref_ar: record.plate_ref_ar,
        vin_ref: record.vin_ref,
        internal_ref: record.internal_ref,
        driver_ref: record.driver_ref,
        station_name: record.station_name,
        station_city: record.station_city,
        station_lat_e7: record.station_location.map(|point| point.lat_e7),
        station_lon_e7: record.station_location.map(|point| point.lon_e7),
        odometer_m: record.odometer_m,
        receipt_no: record.receipt_no,
        attributes: record.attributes.into_iter().collect(),
        flags: Vec::new(),
    })
}

pub(crate) fn order_page(page: order_source::Page) -> Answer {
    let news = order_source::News {
        orders: page.orders,
        updates: page.updates,
        unreadable: page.unreadable,
    };
    match order_news(news) {
        Answer::Orders(raw, updates) => Answer::Orders(
            RawPage {
                cursor: page.cursor,
                more: page.more,
                ..raw
            },
            updates,
        ),
        other => other,
    }
}

pub(crate) fn order_news(news: order_source::News) -> Answer {
    let mut unread = unreadable(news.unreadable);
    let updates = read("order_update", news.updates, &mut unread, order_update);
    let records = read("order", news.orders, &mut unread, order);
    let page = RawPage {
        records,
        unreadable: unread,
        cursor: None,
        more: false,
    };
    Answer::Orders(page, updates)
}

fn status(status: orders::OrderStatus) -> records::OrderStatus {
    match status {
        orders::OrderStatus::Pending => records::OrderStatus::Pending,
        orders::OrderStatus::Accepted => records::OrderStatus::Accepted,
        orders::OrderStatus::Ready => records::OrderStatus::Ready,
        orders::OrderStatus::Assigned => records::OrderStatus::Assigned,
        orders::OrderStatus::AtPickup => records::OrderStatus::AtPickup,
        orders::OrderStatus::PickedUp => records::OrderStatus::PickedUp,
        orders::OrderStatus::InTransit => records::OrderStatus::InTransit,
        orders::OrderStatus::AtDropoff => records::OrderStatus::AtDropoff,
        orders::OrderStatus::Delivered => records::OrderStatus::Delivered,
        orders::OrderStatus::Failed => records::OrderStatus::Failed,
        orders::OrderStatus::Cancelled => records::OrderStatus::Cancelled,
        orders::OrderStatus::Returned => records::OrderStatus::Returned,
        orders::OrderStatus::Other => records::OrderStatus::Other,
    }
}

fn stop(id: &str, stop: Option<orders::Stop>) -> Result<Option<records::Stop>, Unread> {
    let Some(stop) = stop else { return Ok(None) };
    Ok(Some(records::Stop {
        name: stop.name,
        phone: stop.phone,
        address: stop.address,
        location: stop.location.map(point),
        window_start: maybe("window_start", id, stop.window_start)?,
        window_end: maybe("window_end", id, stop.window_end)?,
        notes: stop.notes,
        attributes: stop.attributes.into_iter().collect(),
    }))
}

fn item(item: orders::OrderItem) -> records::OrderItem {
    records::OrderItem {
        sku: item.sku,
        name: item.name,
        quantity: item.quantity,
        price: item.price.map(amount),
        attributes: item.attributes.into_iter().collect(),
    }
}

fn order(order: orders::PlatformOrder) -> Result<records::Order, Unread> {
    let id = &order.external_id;
    Ok(records::Order {
        as_of: moment("as_of", id, order.as_of)?,
        placed_at: maybe("placed_at", id, order.placed_at)?,
        pickup: stop(id, order.pickup)?,
        dropoff: stop(id, order.dropoff)?,
        external_id: order.external_id,
        event_id: order.event_id,
        platform: order.platform,
        display_id: order.display_id,
        tracking_number: order.tracking_number,
        status: status(order.status),
        status_name: order.status_name,
        kind: match order.kind {
            orders::OrderKind::Food => records::OrderKind::Food,
            orders::OrderKind::Grocery => records::OrderKind::Grocery,
            orders::OrderKind::Parcel => records::OrderKind::Parcel,
            orders::OrderKind::Pharmacy => records::OrderKind::Pharmacy,
            orders::OrderKind::Other => records::OrderKind::Other,
        },
        items: order.items.into_iter().map(item).collect(),
        payment: order.payment.map(|payment| match payment {
            orders::Payment::Prepaid => records::Payment::Prepaid,
            orders::Payment::Cash => records::Payment::Cash,
            orders::Payment::CardOnDelivery => records::Payment::CardOnDelivery,
            orders::Payment::Wallet => records::Payment::Wallet,
            orders::Payment::Other => records::Payment::Other,
        }),
        total: order.total.map(amount),
        delivery_fee: order.delivery_fee.map(amount),
        cash_to_collect: order.cash_to_collect.map(amount),
        distance_m: order.distance_m,
        courier_ref: order.courier_ref,
        reason: order.reason,
        attributes: order.attributes.into_iter().collect(),
        flags: Vec::new(),
    })
}

fn order_update(update: orders::OrderUpdate) -> Result<records::OrderUpdate, Unread> {
    Ok(records::OrderUpdate {
        as_of: moment("as_of", &update.external_id, update.as_of)?,
        external_id: update.external_id,
        event_id: update.event_id,
        platform: update.platform,
        status: status(update.status),
        status_name: update.status_name,
        courier_ref: update.courier_ref,
        courier_location: update.courier_location.map(point),
        reason: update.reason,
        attributes: update.attributes.into_iter().collect(),
        flags: Vec::new(),
    })
}

pub(crate) fn notice_results(results: Vec<orders::NoticeResult>) -> Answer {
    let result = |result: orders::NoticeResult| records::NoticeResult {
        notice_id: result.notice_id,
        outcome: match result.outcome {
            types::ItemOutcome::Done => records::ItemOutcome::Done,
            types::ItemOutcome::Skipped(why) => records::ItemOutcome::Skipped(why),
            types::ItemOutcome::Failed(why) => records::ItemOutcome::Failed(failure(why)),
        },
        attributes: result.attributes.into_iter().collect(),
    };
    Answer::NoticeResults(results.into_iter().map(result).collect())
}

fn message_state(state: sms::MessageState) -> records::SmsState {
    match state {
        sms::MessageState::Accepted => records::SmsState::Accepted,
        sms::MessageState::Queued => records::SmsState::Queued,
        sms::MessageState::Sent => records::SmsState::Sent,
        sms::MessageState::Delivered => records::SmsState::Delivered,
        sms::MessageState::Undelivered => records::SmsState::Undelivered,
        sms::MessageState::Rejected => records::SmsState::Rejected,
        sms::MessageState::Expired => records::SmsState::Expired,
        sms::MessageState::Other => records::SmsState::Other,
    }
}

pub(crate) fn sms_results(results: Vec<sms::SendResult>) -> Answer {
    let result = |result: sms::SendResult| records::SmsResult {
        message_id: result.message_id,
        provider_ref: result.provider_ref,
        state: message_state(result.state),
        segments: result.segments,
        cost: result.cost.map(amount),
        failure: result.failure.map(failure),
        attributes: result.attributes.into_iter().collect(),
    };
    Answer::SmsResults(results.into_iter().map(result).collect())
}

fn report(report: sms::DeliveryReport) -> Result<records::SmsReport, Unread> {
    let id = report.provider_ref.as_ref().or(report.message_id.as_ref());
    Ok(records::SmsReport {
        at: maybe("at", id.map_or("", String::as_str), report.at)?,
        provider_ref: report.provider_ref,
        message_id: report.message_id,
        state: message_state(report.state),
        state_name: report.state_name,
        segments: report.segments,
        cost: report.cost.map(amount),
        reason: report.reason,
        attributes: report.attributes.into_iter().collect(),
        flags: Vec::new(),
    })
}

pub(crate) fn sms_reports(reports: Vec<sms::DeliveryReport>) -> Answer {
    let mut unread = Vec::new();
    let records = read("sms_report", reports, &mut unread, report);
    Answer::SmsReports(RawPage {
        records,
        unreadable: unread,
        cursor: None,
        more: false,
    })
}

fn payout_status(status: payouts::PayoutStatus) -> records::PayoutStatus {
    records::PayoutStatus {
        payout_id: status.payout_id,
        provider_ref: status.provider_ref,
        state: match status.state {
            payouts::PayoutState::Pending => records::PayoutState::Pending,
            payouts::PayoutState::Accepted => records::PayoutState::Accepted,
            payouts::PayoutState::InTransit => records::PayoutState::InTransit,
            payouts::PayoutState::Paid => records::PayoutState::Paid,
            payouts::PayoutState::Returned => records::PayoutState::Returned,
            payouts::PayoutState::Rejected => records::PayoutState::Rejected,
            payouts::PayoutState::Cancelled => records::PayoutState::Cancelled,
            payouts::PayoutState::Other => records::PayoutState::Other,
        },
        state_name: status.state_name,
        settled_on: status.settled_on,
        amount: status.amount.map(amount),
        fee: status.fee.map(amount),
        reason: status.reason,
        attributes: status.attributes.into_iter().collect(),
        flags: Vec::new(),
    }
}

pub(crate) fn prepared(prepared: payouts::Prepared) -> Answer {
    let file = |file: payouts::File| records::PayoutFile {
        name: file.name,
        media_type: file.media_type,
        content: file.content,
    };
    Answer::Prepared(Box::new(records::PreparedBatch {
        files: prepared.files.into_iter().map(file).collect(),
        provider_ref: prepared.provider_ref,
        statuses: prepared.statuses.into_iter().map(payout_status).collect(),
        attributes: prepared.attributes.into_iter().collect(),
    }))
}

pub(crate) fn payout_report(report: payout_gateway::Report) -> Answer {
    Answer::PayoutReport(RawPage {
        records: report.statuses.into_iter().map(payout_status).collect(),
        unreadable: unreadable(report.unreadable),
        cursor: None,
        more: false,
    })
}

fn words(words: guest_effects::Words) -> records::Words {
    records::Words {
        en: words.en,
        ar: words.ar,
    }
}

fn effect(effect: guest_effects::Effect) -> Result<RawEffect, (&'static str, Unread)> {
    Ok(match effect {
        guest_effects::Effect::FuelTransaction(record) => RawEffect::FuelTransaction(Box::new(
            transaction(record).map_err(|unread| ("fuel_transaction", unread))?,
        )),
        guest_effects::Effect::Order(record) => {
            RawEffect::Order(Box::new(order(record).map_err(|unread| ("order", unread))?))
        }
        guest_effects::Effect::OrderUpdate(record) => RawEffect::OrderUpdate(Box::new(
            order_update(record).map_err(|unread| ("order_update", unread))?,
        )),
        guest_effects::Effect::SmsReport(record) => {
            RawEffect::SmsReport(Box::new(report(record).map_err(|unread| ("sms_report", unread))?))
        }
        guest_effects::Effect::PayoutStatus(record) => RawEffect::PayoutStatus(Box::new(payout_status(record))),
        guest_effects::Effect::Notice(notice) => RawEffect::Notice(Box::new(records::Notice {
            key: notice.key,
            severity: match notice.severity {
                guest_effects::Severity::Info => records::Severity::Info,
                guest_effects::Severity::Warning => records::Severity::Warning,
                guest_effects::Severity::Critical => records::Severity::Critical,
                guest_effects::Severity::Other => records::Severity::Other,
            },
            title: words(notice.title),
            body: words(notice.body),
            about: notice.about,
            attributes: notice.attributes.into_iter().collect(),
            flags: Vec::new(),
        })),
        guest_effects::Effect::Job(job) => RawEffect::Job(records::JobRequest {
            not_before: maybe("not_before", &job.key, job.not_before).map_err(|unread| ("job", unread))?,
            key: job.key,
            name: job.name,
            payload: job.payload,
            attributes: job.attributes.into_iter().collect(),
        }),
        guest_effects::Effect::Emit(event) => RawEffect::Emit(records::EmittedEvent {
            name: event.name,
            data: event.data,
            attributes: event.attributes.into_iter().collect(),
        }),
        guest_effects::Effect::Other(other) => RawEffect::Other(other.kind),
    })
}

pub(crate) fn effects(given: Vec<guest_effects::Effect>, reply: Option<records::Reply>) -> Answer {
    let each = given.into_iter().enumerate().map(|(index, given)| match effect(given) {
        Ok(effect) => effect,
        Err((record, unread)) => RawEffect::Unreadable(unread_row(record, index, unread)),
    });
    Answer::Effects {
        reply,
        effects: each.collect(),
    }
}

pub(crate) fn reply(reply: webhook::Reply) -> records::Reply {
    records::Reply {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    }
}
