//! Requests from outside: the address says for whom, the signature says from whom, and what is stored is answered.
//!
//! An address is the organization, the endpoint and a keyed hash of both and of how often it was changed: nobody can guess one,
//! none is stored, and another one is made by counting up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use platform_core::{Cx, KEY_BYTES, Method, Mode, Operation, Permit, Problem, Reply, Visit};
use platform_plugin_host::Manifest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use sqlx::Row;
use uuid::Uuid;

use crate::resources::Standing;
use crate::rules::dedupe::{self, Knock};
use crate::rules::signature::{self, Encoding, Hash, Scheme, Signed};
use crate::tasks::{self, New, Work};
use crate::{Integrations, replies, shelved};

/// The name under which this appears as an actor.
const JOB: &str = "plugin_hook";
const TAG: usize = 16;
/// Requests that may wait for one organization: more is a flood, and senders come again.
const MOST_WAITING: i64 = 10_000;
/// Headers of a request that are kept.
const MOST_HEADERS: usize = 64;
const LONGEST_HEADER: usize = 8 * 1024;
/// Largest request.
const LARGEST: usize = 1024 * 1024;

/// Without a lock: requests of one sender do not wait for each other.
pub(crate) const ENDPOINT: &str =
    "SELECT e.name, e.rotation, e.status, i.id AS installation_id, i.plugin, i.version_id,
        i.status AS standing
    FROM integrations.plugin_endpoints e
    JOIN integrations.installations i ON i.organization_id = e.organization_id AND i.id = e.installation_id
    WHERE e.organization_id = $1 AND e.id = $2 AND e.deleted_at IS NULL AND i.deleted_at IS NULL";
/// To the minute, for the same reason.
pub(crate) const HEARD: &str = "UPDATE integrations.plugin_endpoints SET last_received_at = $3
    WHERE organization_id = $1 AND id = $2
        AND (last_received_at IS NULL OR last_received_at < $3::timestamptz - interval '1 minute')";
pub(crate) const WAITING: &str = "SELECT count(*) FROM (SELECT FROM integrations.plugin_tasks
    WHERE organization_id = $1 AND status = 'queued' LIMIT $2) AS waiting";

/// Makes and checks addresses.
pub(crate) struct Addresses([u8; KEY_BYTES]);

/// Whose an address says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Address {
    organization_id: Uuid,
    endpoint_id: Uuid,
    tag: [u8; TAG],
}

impl Addresses {
    /// With a key that only this installation of the product has.
    pub const fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(key)
    }

    fn mac(&self, organization_id: Uuid, endpoint_id: Uuid, rotation: i64) -> Hmac<Sha256> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("any key will do");
        mac.chain_update(organization_id)
            .chain_update(endpoint_id)
            .chain_update(rotation.to_be_bytes())
    }

    /// The last part of an endpoint's path.
    pub fn token(&self, organization_id: Uuid, endpoint_id: Uuid, rotation: i64) -> String {
        let tag = self.mac(organization_id, endpoint_id, rotation).finalize().into_bytes();
        let mut bytes = Vec::with_capacity(32 + TAG);
        bytes.extend_from_slice(organization_id.as_bytes());
        bytes.extend_from_slice(endpoint_id.as_bytes());
        bytes.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn is_good(&self, address: Address, rotation: i64) -> bool {
        let mac = self.mac(address.organization_id, address.endpoint_id, rotation);
        mac.verify_truncated_left(&address.tag).is_ok()
    }
}

impl Address {
    fn parse(token: &str) -> Option<Self> {
        let bytes: [u8; 32 + TAG] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (ids, tag) = bytes.split_at(32);
        Some(Self {
            organization_id: Uuid::from_slice(&ids[..16]).ok()?,
            endpoint_id: Uuid::from_slice(&ids[16..]).ok()?,
            tag: tag.try_into().ok()?,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
struct Accepted {
    /// What became of it can be asked for by this id.
    id: Option<Uuid>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Name in the plugin's manifest.
    name: String,
    /// The path at this server.
    path: String,
    /// How often the address was changed.
    rotation: i64,
}

pub(crate) fn operations() -> Vec<Operation> {
    let mut hook = Operation::public::<Nothing, Accepted>(
        Method::Post,
        "/integrations/hooks/{token}",
        "integrations.hooks.receive",
        202,
        |visit| Box::pin(receive(visit)),
    );
    hook.body_limit_bytes = LARGEST;
    // 128 bits are not guessed, and a sender has to get through when nobody can count.
    hook.can_guess = false;
    hook.doc.request = Some((
        "application/octet-stream",
        json!({"type": "string", "format": "binary"}),
    ));
    let address = Operation::get(
        "/integrations/plugin_endpoints/{id}/address",
        "integrations.plugin_endpoints.address",
        Permit::needs("plugins.manage"),
        |cx, input| Box::pin(address(cx, input)),
    );
    vec![
        hook.summary("Takes a request of a service that a plugin listens to: stored, then answered"),
        address.summary("The address that an outside service is told"),
    ]
}

/// Where an endpoint is.
async fn address(cx: &mut Cx, input: One) -> Result<Shown, Problem> {
    let record = platform_engine::load(cx, &crate::PLUGIN_ENDPOINTS, input.id).await?;
    let rotation = record.integer("rotation").unwrap_or_default();
    let service = cx.platform.service::<Integrations>();
    let token = service.addresses.token(cx.organization_id, input.id, rotation);
    Ok(Shown {
        name: record.text("name").unwrap_or_default().to_owned(),
        path: format!("/api/v1/integrations/hooks/{token}"),
        rotation,
    })
}

/// `POST /integrations/hooks/{token}`.
async fn receive(visit: &Visit) -> Result<Reply, Problem> {
    let address = Address::parse(visit.request.part("token")).ok_or_else(Problem::not_found)?;
    let mut cx = Cx::begin_job(&visit.platform, address.organization_id, JOB, Mode::Write).await?;
    match take(&mut cx, visit, address).await {
        Ok(taken) => {
            // What is answered is stored.
            cx.commit().await?;
            let said = match taken.waits_for {
                Some(task_id) => replies::of(&visit.platform, address.organization_id, task_id).await?,
                None => None,
            };
            Ok(said.unwrap_or(taken.reply))
        }
        Err(problem) => {
            let _ = cx.rollback().await;
            Err(problem)
        }
    }
}

/// A request that is stored.
struct Taken {
    reply: Reply,
    /// The task whose plugin speaks for itself.
    waits_for: Option<Uuid>,
}

async fn take(cx: &mut Cx, visit: &Visit, address: Address) -> Result<Taken, Problem> {
    let service = cx.platform.service::<Integrations>();
    if !cx.has_module("integrations") {
        return Err(Problem::not_found());
    }
    let row = sqlx::query(ENDPOINT)
        .bind(address.organization_id)
        .bind(address.endpoint_id)
        .fetch_optional(cx.db())
        .await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let name: String = row.try_get("name")?;
    let is_open = row.try_get::<&str, _>("status")? == "open";
    if !is_open || !service.addresses.is_good(address, row.try_get("rotation")?) {
        return Err(Problem::not_found());
    }
    let installation_id: Uuid = row.try_get("installation_id")?;
    let plugin_name: String = row.try_get("plugin")?;
    let standing: Option<Standing> = row.try_get::<&str, _>("standing")?.parse().ok();
    // Until settings are complete, what comes in is kept and waits; what is switched off or gone hears nothing.
    let hears = match standing {
        Some(Standing::NeedsSettings | Standing::Active | Standing::NeedsAttention) => true,
        Some(Standing::Suspended | Standing::Disabled | Standing::Removed) | None => false,
    };
    let plugin = shelved::run_by(cx, row.try_get("version_id")?, &plugin_name).await?;
    let plugin = plugin.filter(|_| hears);
    let plugin = plugin.ok_or_else(Problem::not_found)?;
    let manifest: &Manifest = &plugin.manifest;
    let webhook = manifest.webhooks.iter().find(|webhook| webhook.name == name);
    let webhook = webhook.ok_or_else(Problem::not_found)?;
    let request = &visit.request;
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    let verified = match &webhook.signature {
        Some(asked) if asked.is_checked_by_host() => {
            let key = service.vault.one(cx, installation_id, &asked.secret).await?;
            let key = key.and_then(|key| manifest.secret_bytes(&asked.secret, &key));
            let key = key.ok_or_else(|| Problem::refused("webhook_not_ready"))?;
            let scheme = scheme(asked).ok_or_else(|| Problem::internal(&"a scheme that nobody knows"))?;
            let signed = Signed {
                header: &header,
                body: &request.body,
            };
            if let Err(doubt) = signature::check(scheme, &key, &signed, visit.now) {
                tracing::info!(installation.id = %installation_id, ?doubt, "A request to {name} is not believed");
                return Err(Problem::new(
                    axum::http::StatusCode::UNAUTHORIZED,
                    "webhook_signature_wrong",
                ));
            }
            true
        }
        Some(_) | None => false,
    };
    let waiting: i64 = sqlx::query_scalar(WAITING)
        .bind(cx.organization_id)
        .bind(MOST_WAITING)
        .fetch_one(cx.db())
        .await?;
    if waiting >= MOST_WAITING {
        return Err(Problem {
            retry_after_s: Some(60),
            ..Problem::new(axum::http::StatusCode::TOO_MANY_REQUESTS, "too_many_requests").with("seconds", 60)
        });
    }
    let knock = Knock {
        header: &header,
        query: &request.query,
        body: &request.body,
    };
    let task_key = format!("{name}:{}", dedupe::key(&webhook.dedupe, &knock));
    let task = New {
        installation_id,
        plugin: &plugin_name,
        handler: &webhook.handler,
        key: &task_key,
        origin: "webhook",
        endpoint_id: Some(address.endpoint_id),
        subject: None,
        work: Work::Inbound {
            endpoint: name.clone(),
            method: "POST".into(),
            query: request.pairs().unwrap_or_default(),
            headers: kept_headers(visit),
            received_at: visit.now,
            verified,
            address: called_at(visit),
        },
        body: &request.body,
        at: visit.now,
    };
    let id = tasks::add(cx, task).await?;
    heard(cx, address.endpoint_id, visit.now).await?;
    let waits_for = match id {
        _ if webhook.answers != "after" => None,
        Some(id) => Some(id),
        None => replies::known(cx, installation_id, &webhook.handler, &task_key).await?,
    };
    let reply = match &webhook.reply {
        Some(reply) => replies::shown(reply.status, &reply.content_type, reply.body.clone().into_bytes()),
        None => Reply::json(axum::http::StatusCode::ACCEPTED, &Accepted { id }),
    };
    Ok(Taken { reply, waits_for })
}

async fn heard(cx: &mut Cx, endpoint_id: Uuid, now: DateTime<Utc>) -> Result<(), Problem> {
    sqlx::query(HEARD)
        .bind(cx.organization_id)
        .bind(endpoint_id)
        .bind(now)
        .execute(cx.db())
        .await?;
    Ok(())
}

/// The address as the sender wrote it: some sign it.
fn called_at(visit: &Visit) -> String {
    let header = |name: &str| visit.request.header(name).unwrap_or_default().to_owned();
    let host = header("host");
    let scheme = if visit.request.header("x-forwarded-proto") == Some("http") || host.starts_with("127.") {
        "http"
    } else {
        "https"
    };
    let query = &visit.request.query;
    let mark = if query.is_empty() { "" } else { "?" };
    let token = visit.request.part("token");
    format!("{scheme}://{host}/api/v1/integrations/hooks/{token}{mark}{query}")
}

/// Headers that a plugin may see: none that says who somebody is.
fn kept_headers(visit: &Visit) -> Vec<(String, String)> {
    let private = [
        "authorization",
        "cookie",
        "proxy-authorization",
        "x-forwarded-for",
        "forwarded",
        "x-real-ip",
    ];
    let kept = visit.request.headers.iter().filter_map(|(name, value)| {
        let text = value.to_str().ok().filter(|text| text.len() <= LONGEST_HEADER)?;
        (!private.contains(&name.as_str())).then(|| (name.as_str().to_owned(), text.to_owned()))
    });
    kept.take(MOST_HEADERS).collect()
}

/// What a manifest says, as the rule takes it.
fn scheme(asked: &platform_plugin_host::SignatureAsk) -> Option<Scheme<'_>> {
    Some(Scheme {
        hash: match asked.scheme.as_str() {
            "hmac-sha1" => Hash::Sha1,
            "hmac-sha256" => Hash::Sha256,
            "hmac-sha512" => Hash::Sha512,
            _ => return None,
        },
        encoding: match asked.encoding.as_str() {
            "hex" => Encoding::Hex,
            "base64" => Encoding::Base64,
            _ => return None,
        },
        header: &asked.header,
        prefix: &asked.prefix,
        signs: &asked.signs,
        timestamp_header: asked.timestamp_header.as_deref(),
        tolerance: TimeDelta::seconds(i64::from(asked.tolerance_s)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_where_it_was_made_until_it_is_changed() {
        let ours = Addresses::new([7; KEY_BYTES]);
        let (organization, endpoint) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = ours.token(organization, endpoint, 0);
        assert_eq!(token.len(), 64);
        let address = Address::parse(&token).expect("an address");
        assert_eq!((address.organization_id, address.endpoint_id), (organization, endpoint));
        assert!(ours.is_good(address, 0));
        assert!(!ours.is_good(address, 1), "it was changed");
        assert!(!Addresses::new([8; KEY_BYTES]).is_good(address, 0));
        for other in [
            Address {
                organization_id: endpoint,
                ..address
            },
            Address {
                endpoint_id: organization,
                ..address
            },
            Address {
                tag: [0; TAG],
                ..address
            },
        ] {
            assert!(!ours.is_good(other, 0));
        }
    }

    #[test]
    fn what_is_no_address() {
        for bad in [
            "",
            "x",
            "nothing",
            &"A".repeat(63),
            &"A".repeat(65),
            &format!("{}=", "A".repeat(63)),
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}
