//! Types generated from the contract, and their translation to what travels over the pipe.

mod adapter;
mod given;
mod returned;

mod generated {
    wasmtime::component::bindgen!({
        path: "../../plugin-sdk/wit/since_v1",
        world: "everything",
        imports: {
            "barq:plugin/kv@1.0.0.get": async | trappable,
            "barq:plugin/kv@1.0.0.set": async | trappable,
            "barq:plugin/kv@1.0.0.compare-and-set": async | trappable,
            "barq:plugin/kv@1.0.0.list-keys": async | trappable,
            "barq:plugin/secrets@1.0.0.sign": async | trappable,
            "barq:plugin/secrets@1.0.0.verify": async | trappable,
            "barq:plugin/secrets@1.0.0.digest": async | trappable,
            "barq:plugin/secrets@1.0.0.matches": async | trappable,
            "barq:plugin/secrets@1.0.0.forget": async | trappable,
            "barq:plugin/http@1.0.0.send": async | trappable,
            "barq:plugin/http@1.0.0.send-all": async | trappable,
            "barq:plugin/directory@1.0.0.read": async | trappable,
            "barq:plugin/directory@1.0.0.get": async | trappable,
            default: trappable,
        },
        exports: { default: async },
    });
}

/// Where the second contract differs from the first. What did not change is shared.
pub(crate) mod second {
    wasmtime::component::bindgen!({
        path: ["../../plugin-sdk/wit/since_v1", "../../plugin-sdk/wit/since_v2"],
        world: "barq:plugin/exports-fuel-source-v2@2.0.0",
        imports: { default: trappable },
        exports: { default: async },
        with: {
            "barq:plugin/types@1.0.0": super::generated::barq::plugin::types,
        },
    });
}

pub(crate) use adapter::second_fuel_page;
pub(crate) use generated::barq::plugin::{
    clock, directory, effects, fuel, http, kv, log, orders, payouts, random, secrets, settings, sms, types,
};
pub(crate) use generated::{Everything, exports};
pub(crate) use given::Give;
pub(crate) use returned::{
    effects as returned_effects, failure, fuel_page, health, notice_results, order_news, order_page, payout_report,
    prepared, reply, sms_reports, sms_results,
};

use super::state::State;
use crate::wire;

impl types::Host for State {}
impl fuel::Host for State {}
impl orders::Host for State {}
impl sms::Host for State {}
impl payouts::Host for State {}
impl effects::Host for State {}
impl second::barq::plugin2_0_0::fuel::Host for State {}

impl From<secrets::Mac> for wire::Mac {
    fn from(mac: secrets::Mac) -> Self {
        match mac {
            secrets::Mac::HmacSha1 => Self::HmacSha1,
            secrets::Mac::HmacSha256 => Self::HmacSha256,
            secrets::Mac::HmacSha512 => Self::HmacSha512,
        }
    }
}

impl From<secrets::Hash> for wire::Hash {
    fn from(hash: secrets::Hash) -> Self {
        match hash {
            secrets::Hash::Sha256 => Self::Sha256,
            secrets::Hash::Sha512 => Self::Sha512,
        }
    }
}

impl From<secrets::Part> for wire::Part {
    fn from(part: secrets::Part) -> Self {
        match part {
            secrets::Part::Plain(bytes) => Self::Plain(bytes),
            secrets::Part::Secret(name) => Self::Secret(name),
        }
    }
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
        let capture = |capture: http::Capture| wire::Capture {
            secret: capture.secret,
            pointer: capture.pointer,
            expires_in_s: capture.expires_in_s,
        };
        Self {
            method: match request.method {
                http::Method::Get => wire::Method::Get,
                http::Method::Head => wire::Method::Head,
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
                http::Body::JsonTemplate(text) => wire::Body::JsonTemplate(text),
            },
            timeout_ms: request.timeout_ms,
            idempotency_key: request.idempotency_key,
            captures: request.captures.into_iter().map(capture).collect(),
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
