//! Types generated from the contract, and their translation to what travels over the pipe.

use chrono::DateTime;
use platform_plugin_records::{Failure, FailureKind, FuelProduct, FuelTransaction};

use crate::wire::{self, RawPage};

mod generated {
    wasmtime::component::bindgen!({
        path: "../../plugin-sdk/wit/since_v1",
        world: "everything",
        imports: {
            "barq:plugin/kv@1.0.0.get": async | trappable,
            "barq:plugin/secrets@1.0.0.sign": async | trappable,
            "barq:plugin/http@1.0.0.send": async | trappable,
            default: trappable,
        },
        exports: { default: async },
    });
}

pub(crate) use generated::barq::plugin::{clock, http, kv, log, records, secrets, settings, types};
pub(crate) use generated::{Everything, exports};

use exports::barq::plugin::fuel_source;

impl From<types::Failure> for Failure {
    fn from(failure: types::Failure) -> Self {
        let kind = match failure.kind {
            types::FailureKind::Transient => FailureKind::Transient,
            types::FailureKind::RateLimited => FailureKind::RateLimited,
            types::FailureKind::Auth => FailureKind::Auth,
            types::FailureKind::Permanent => FailureKind::Permanent,
            types::FailureKind::Config => FailureKind::Config,
            types::FailureKind::Unsupported => FailureKind::Unsupported,
        };
        Self {
            kind,
            code: failure.code,
            message: failure.message,
            retry_after_ms: failure.retry_after_ms,
        }
    }
}

/// The page as it travels. A transaction whose time no calendar has is set aside as unreadable.
pub(crate) fn page(page: fuel_source::Page) -> RawPage {
    let unreadable = page
        .unreadable
        .into_iter()
        .map(|row| (row.external_id, row.field, row.reason));
    let mut raw = RawPage {
        transactions: Vec::with_capacity(page.transactions.len()),
        unreadable: unreadable.collect(),
        cursor: page.cursor,
        more: page.more,
    };
    for record in page.transactions {
        match transaction(record) {
            Ok(record) => raw.transactions.push(record),
            Err(external_id) => raw
                .unreadable
                .push((external_id, "occurred_at".into(), "out_of_range".into())),
        }
    }
    raw
}

fn transaction(record: records::FuelTransaction) -> Result<FuelTransaction, String> {
    let Some(occurred_at) = DateTime::from_timestamp_millis(record.occurred_at) else {
        return Err(record.external_id);
    };
    Ok(FuelTransaction {
        external_id: record.external_id,
        occurred_at,
        time_known: record.time_known,
        product: match record.product {
            records::FuelProduct::Gasoline91 => FuelProduct::Gasoline91,
            records::FuelProduct::Gasoline95 => FuelProduct::Gasoline95,
            records::FuelProduct::Gasoline98 => FuelProduct::Gasoline98,
            records::FuelProduct::Diesel => FuelProduct::Diesel,
            records::FuelProduct::Electric => FuelProduct::Electric,
            records::FuelProduct::Other => FuelProduct::Other,
        },
        product_name: record.product_name,
        volume_ml: record.volume_ml,
        unit_price_e4: record.unit_price_e4,
        amount_minor: record.amount.minor,
        currency: record.amount.currency,
        vat_minor: record.vat_minor,
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

fn sealed(value: http::Sealed) -> wire::Sealed {
    match value {
        http::Sealed::Plain(text) => wire::Sealed::Plain(text),
        http::Sealed::WithSecret((prefix, secret, suffix)) => wire::Sealed::WithSecret { prefix, secret, suffix },
        http::Sealed::Basic((user, password)) => wire::Sealed::Basic { user, password },
    }
}

fn pairs(pairs: Vec<(String, http::Sealed)>) -> Vec<(String, wire::Sealed)> {
    pairs.into_iter().map(|(name, value)| (name, sealed(value))).collect()
}

impl From<http::Request> for wire::HttpRequest {
    fn from(request: http::Request) -> Self {
        Self {
            method: match request.method {
                http::Method::Get => wire::Method::Get,
                http::Method::Post => wire::Method::Post,
                http::Method::Put => wire::Method::Put,
                http::Method::Patch => wire::Method::Patch,
                http::Method::Delete => wire::Method::Delete,
            },
            url: request.url,
            query: pairs(request.query),
            headers: pairs(request.headers),
            body: match request.body {
                http::Body::Empty => wire::Body::Empty,
                http::Body::Bytes(bytes) => wire::Body::Bytes(bytes),
                http::Body::Form(form) => wire::Body::Form(pairs(form)),
            },
            timeout_ms: request.timeout_ms,
            idempotency_key: request.idempotency_key,
        }
    }
}

impl From<wire::HttpResponse> for http::Response {
    fn from(response: wire::HttpResponse) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}

impl From<wire::HttpError> for http::HttpError {
    fn from(error: wire::HttpError) -> Self {
        match error {
            wire::HttpError::Denied(why) => Self::Denied(why),
            wire::HttpError::BlockedAddress => Self::BlockedAddress,
            wire::HttpError::Dns => Self::Dns,
            wire::HttpError::Connect => Self::Connect,
            wire::HttpError::Tls => Self::Tls,
            wire::HttpError::Timeout => Self::Timeout,
            wire::HttpError::TooLarge => Self::TooLarge,
            wire::HttpError::Budget => Self::Budget,
            wire::HttpError::Protocol(what) => Self::Protocol(what),
        }
    }
}
