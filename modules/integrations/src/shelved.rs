//! The organization's own list of versions: what it installed and uploaded, with the components, so that an installation keeps
//! what it runs. A component that many organizations run is compiled once and kept once in memory.

use std::sync::Arc;

use platform_core::{Cx, Doc, Method, Mode, Operation, Permit, Platform, Problem, Reply, Request, ids::new_id};
use platform_jobs::{JobCall, JobFailure};
use platform_plugin_host::{Component, Manifest, Plugin};
use platform_plugin_package::{MAX_PACKAGE_BYTES, Package, Trust, TrustedKey, TrustedKeys};
use platform_resource::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::Integrations;
use crate::resources::Installation;
use crate::shelf::Offer;
use crate::versions::PLUGIN_VERSIONS;

/// The job that looks at an uploaded component; its payload is [`Look`].
pub(crate) const JOB: &str = "plugin_check";

/// $2 the version.
pub(crate) const VERSION: &str = "SELECT v.component_digest, v.manifest, v.status FROM integrations.plugin_versions v
    WHERE v.organization_id = $1 AND v.id = $2 AND v.deleted_at IS NULL";
/// $2 the plugin, $3 the version's number.
pub(crate) const NUMBERED: &str =
    "SELECT v.id, v.component_digest, v.status, v.source FROM integrations.plugin_versions v
    WHERE v.organization_id = $1 AND v.plugin = $2 AND v.plugin_version = $3 AND v.deleted_at IS NULL";
/// Uploads that can be installed.
pub(crate) const UPLOADS: &str = "SELECT v.id, v.plugin, v.plugin_version FROM integrations.plugin_versions v
    WHERE v.organization_id = $1 AND v.source = 'upload' AND v.status = 'ready' AND v.deleted_at IS NULL";
pub(crate) const BYTES: &str = "SELECT c.bytes FROM integrations.plugin_components c
    WHERE c.organization_id = $1 AND c.digest = $2";
pub(crate) const KEEP: &str = "INSERT INTO integrations.plugin_components
    (organization_id, id, created_at, digest, bytes) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, digest) DO NOTHING";
/// Publishers that the organization itself believes.
pub(crate) const BELIEVED: &str = "SELECT k.publisher, k.public_key, k.status FROM integrations.plugin_keys k
    WHERE k.organization_id = $1 AND k.deleted_at IS NULL";

/// What the job is told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Look {
    version_id: Uuid,
}

/// The operations.
pub(crate) fn operations() -> Vec<Operation> {
    let mut upload = Operation::raw(
        Method::Post,
        "/integrations/plugin_versions/upload",
        "integrations.plugin_versions.upload",
        Permit::needs("plugins.manage"),
        |cx, request| Box::pin(upload(cx, request)),
    );
    upload.body_limit_bytes = MAX_PACKAGE_BYTES;
    upload.doc = Doc {
        summary: "Uploads a signed package of a private plugin; its component is looked at before it can be installed"
            .into(),
        request: Some((
            "application/octet-stream",
            json!({"type": "string", "format": "binary"}),
        )),
        answer: Some((201, "application/json", platform_engine::row_schema(&PLUGIN_VERSIONS))),
        ..Doc::default()
    };
    vec![upload]
}

/// A version as the organization has it.
pub(crate) struct Version {
    pub id: Uuid,
    pub plugin: Arc<Plugin>,
}

/// The component and manifest that a version is; none when the organization has no such version.
pub(crate) async fn version(cx: &mut Cx, id: Uuid) -> Result<Option<Arc<Plugin>>, Problem> {
    let organization_id = cx.organization_id;
    let row = sqlx::query(VERSION)
        .bind(organization_id)
        .bind(id)
        .fetch_optional(cx.db())
        .await?;
    let Some(row) = row.filter(|row| {
        row.try_get::<&str, _>("status")
            .is_ok_and(|status| status != "withdrawn")
    }) else {
        return Ok(None);
    };
    let digest: String = row.try_get("component_digest")?;
    let manifest: Json = row.try_get("manifest")?;
    let service = cx.platform.service::<Integrations>();
    let name: [u8; 32] = Sha256::new()
        .chain_update(&digest)
        .chain_update(manifest.to_string())
        .finalize()
        .into();
    if let Some(plugin) = service.loaded.get(&name) {
        return Ok(Some(plugin));
    }
    // One of a contract that is no longer spoken here is as good as gone.
    let Ok(manifest) = serde_json::from_value::<Manifest>(manifest) else {
        return Ok(None);
    };
    // The bytes that another organization's version has in memory are these bytes.
    let component = if let Some(component) = service.component(&digest) {
        component
    } else {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar(BYTES)
            .bind(organization_id)
            .bind(&digest)
            .fetch_optional(cx.db())
            .await?;
        let Some(bytes) = bytes else { return Ok(None) };
        let component = Component::new(bytes);
        if hex::encode(component.sha256) != digest {
            return Err(Problem::internal(&"a stored component is not what its digest says"));
        }
        component
    };
    let plugin = Arc::new(Plugin { manifest, component });
    service.loaded.insert(name, plugin.clone());
    Ok(Some(plugin))
}

/// What an installation runs: its version, or for installations older than versions what the operator offers.
pub(crate) async fn running(cx: &mut Cx, installation: &Installation) -> Result<Option<Arc<Plugin>>, Problem> {
    run_by(cx, installation.version_id, &installation.plugin).await
}

/// The same by the two facts that decide it.
pub(crate) async fn run_by(
    cx: &mut Cx,
    version_id: Option<Uuid>,
    plugin: &str,
) -> Result<Option<Arc<Plugin>>, Problem> {
    if let Some(id) = version_id {
        return version(cx, id).await;
    }
    let service = cx.platform.service::<Integrations>();
    Ok(service.shelf.latest(plugin).map(|offer| offer.plugin.clone()))
}

/// Takes a version of the operator's into the organization's list, or finds it there.
pub(crate) async fn adopt(cx: &mut Cx, offer: &Offer) -> Result<Version, Problem> {
    let manifest = &offer.plugin.manifest;
    let component = &offer.plugin.component;
    let digest = hex::encode(component.sha256);
    let row = facts(
        &offer.plugin,
        &json!({
            "status": "ready", "source": "registry", "trust": "operator", "publisher": offer.publisher,
            "key_id": offer.key_id, "readme": offer.readme,
        }),
        cx,
    )?;
    let found = numbered(cx, &manifest.name, &manifest.version).await?;
    let id = match found {
        Some((id, same, _, _)) if same == digest => id,
        // Whoever builds a plugin builds it again under the same number.
        Some((id, _, _, source)) if source == "registry" => {
            platform_engine::change(cx, &PLUGIN_VERSIONS, id, "rebuild", row).await?;
            id
        }
        Some(_) => return Err(Problem::refused("plugin_version_taken")),
        None => created(&platform_engine::create(cx, &PLUGIN_VERSIONS, row).await?)?,
    };
    keep(cx, &digest, &component.bytes).await?;
    Ok(Version {
        id,
        plugin: offer.plugin.clone(),
    })
}

/// A version that was uploaded and can be installed: the newest, or the one of this number.
pub(crate) async fn uploaded(cx: &mut Cx, plugin: &str, number: Option<&str>) -> Result<Option<Version>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(UPLOADS).bind(organization_id).fetch_all(cx.db()).await?;
    let mut best: Option<(platform_plugin_package::Version, Uuid)> = None;
    for row in rows {
        let text: String = row.try_get("plugin_version")?;
        let is_meant = row.try_get::<&str, _>("plugin")? == plugin && number.is_none_or(|number| number == text);
        let Some(version) = text.parse().ok().filter(|_| is_meant) else {
            continue;
        };
        if best.as_ref().is_none_or(|(other, _)| *other < version) {
            best = Some((version, row.try_get("id")?));
        }
    }
    let Some((_, id)) = best else { return Ok(None) };
    let plugin = version(cx, id).await?;
    Ok(plugin.map(|plugin| Version { id, plugin }))
}

/// The newest upload of each plugin.
pub(crate) async fn own(cx: &mut Cx) -> Result<Vec<Version>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(UPLOADS).bind(organization_id).fetch_all(cx.db()).await?;
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get("plugin")).collect::<Result<_, _>>()?;
    names.sort_unstable();
    names.dedup();
    let mut versions = Vec::new();
    for name in names {
        versions.extend(uploaded(cx, &name, None).await?);
    }
    Ok(versions)
}

/// The version that an installation would get: what was uploaded under the name, or what the operator offers.
pub(crate) async fn wanted(cx: &mut Cx, plugin: &str, number: Option<&str>) -> Result<Option<Version>, Problem> {
    if let Some(version) = uploaded(cx, plugin, number).await? {
        return Ok(Some(version));
    }
    let service = cx.platform.service::<Integrations>();
    let offer = match number {
        Some(number) => service.shelf.get(plugin, number),
        None => service.shelf.latest(plugin),
    };
    match offer {
        Some(offer) => adopt(cx, offer).await.map(Some),
        None => Ok(None),
    }
}

type Numbered = (Uuid, String, String, String);

async fn numbered(cx: &mut Cx, plugin: &str, number: &str) -> Result<Option<Numbered>, Problem> {
    let row = sqlx::query(NUMBERED)
        .bind(cx.organization_id)
        .bind(plugin)
        .bind(number)
        .fetch_optional(cx.db())
        .await?;
    let row = row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)));
    row.transpose().map_err(|error: sqlx::Error| error.into())
}

async fn keep(cx: &mut Cx, digest: &str, bytes: &[u8]) -> Result<(), Problem> {
    let now = cx.now;
    sqlx::query(KEEP)
        .bind(cx.organization_id)
        .bind(new_id())
        .bind(now)
        .bind(digest)
        .bind(bytes)
        .execute(cx.db())
        .await?;
    Ok(())
}

fn created(record: &Record) -> Result<Uuid, Problem> {
    record
        .uuid("id")
        .ok_or_else(|| Problem::internal(&"a row without an id"))
}

fn facts(plugin: &Plugin, more: &Json, cx: &Cx) -> Result<Map<String, Json>, Problem> {
    let manifest = serde_json::to_value(&plugin.manifest).map_err(|error| Problem::internal(&error))?;
    let row = json!({
        "plugin": plugin.manifest.name,
        "plugin_version": plugin.manifest.version,
        "component_digest": hex::encode(plugin.component.sha256),
        "size_bytes": plugin.component.bytes.len(),
        "manifest": manifest,
        "added_by": cx.actor_name().chars().take(200).collect::<String>(),
    });
    let mut row = row.as_object().cloned().unwrap_or_default();
    row.extend(more.as_object().cloned().unwrap_or_default());
    Ok(row)
}

/// `POST /integrations/plugin_versions/upload`.
async fn upload(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let body = request.body.clone();
    let package = Package::read(&body).map_err(|refused| {
        let text: String = refused.to_string().chars().take(300).collect();
        Problem::field("body", refused.code()).with("detail", text)
    })?;
    let (trust, publisher, key_id) = believed(cx, &package).await?;
    let contents = package.contents();
    let manifest = Manifest::parse(contents.manifest()).map_err(|error| {
        let text: String = error.to_string().chars().take(300).collect();
        Problem::field("body", "package_manifest_wrong").with("detail", text)
    })?;
    let plugin = Plugin {
        manifest,
        component: Component::new(contents.component().to_vec()),
    };
    let digest = hex::encode(plugin.component.sha256);
    let found = numbered(cx, &plugin.manifest.name, &plugin.manifest.version).await?;
    let record = match found {
        Some((id, same, status, _)) if same == digest => {
            if status == "refused" {
                platform_engine::act(cx, &PLUGIN_VERSIONS, id, "reconsider", Map::new()).await?
            } else {
                platform_engine::load(cx, &PLUGIN_VERSIONS, id).await?
            }
        }
        Some(_) => return Err(Problem::refused("plugin_version_taken")),
        None => {
            let more = json!({
                "status": "checking", "source": "upload", "trust": trust, "publisher": publisher, "key_id": key_id,
                "readme": contents.readme(),
            });
            let row = facts(&plugin, &more, cx)?;
            platform_engine::create(cx, &PLUGIN_VERSIONS, row).await?
        }
    };
    keep(cx, &digest, &plugin.component.bytes).await?;
    let version_id = created(&record)?;
    if record.is("status", "checking") {
        let look = serde_json::to_value(Look { version_id }).map_err(|error| Problem::internal(&error))?;
        let now = cx.now;
        platform_jobs::enqueue(cx, JOB, Some(&format!("{JOB}:{version_id}")), look, now).await?;
    }
    Ok(Reply::json(axum::http::StatusCode::CREATED, &record.0))
}

/// Who vouches for a package that the operator or the organization believes.
async fn believed(cx: &mut Cx, package: &Package) -> Result<(&'static str, String, String), Problem> {
    let service = cx.platform.service::<Integrations>();
    let refused = |code| Err(Problem::field("body", code));
    let own = match package.trust(&service.shelf.publishers) {
        Trust::Good { key_id, publisher } => return Ok(("operator", publisher, key_id.to_string())),
        Trust::Broken(_) => return refused("package_signature_wrong"),
        // What the operator no longer believes, the organization does not get in beside him.
        Trust::RevokedKey(_) => return refused("package_key_revoked"),
        Trust::Unsigned => return refused("package_unsigned"),
        Trust::UnknownKey(_) => own_keys(cx).await?,
    };
    match package.trust(&own) {
        Trust::Good { key_id, publisher } => Ok(("organization", publisher, key_id.to_string())),
        Trust::Broken(_) => refused("package_signature_wrong"),
        Trust::RevokedKey(_) => refused("package_key_revoked"),
        Trust::Unsigned | Trust::UnknownKey(_) => refused("package_publisher_unknown"),
    }
}

async fn own_keys(cx: &mut Cx) -> Result<TrustedKeys, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(BELIEVED).bind(organization_id).fetch_all(cx.db()).await?;
    let mut keys = Vec::new();
    for row in &rows {
        // The rule of the resource lets no other text in.
        let Ok(key) = row.try_get::<&str, _>("public_key")?.parse() else {
            continue;
        };
        keys.push(TrustedKey {
            publisher: row.try_get("publisher")?,
            key,
            revoked: row.try_get::<&str, _>("status")? == "revoked",
        });
    }
    Ok(keys.into_iter().collect())
}

/// Looks at an uploaded component: compiled out of the way, probed for what it takes and offers.
pub(crate) async fn check(platform: Arc<Platform>, job: JobCall) -> Result<(), JobFailure> {
    let dead = |error: serde_json::Error| JobFailure::Dead {
        error: error.to_string(),
    };
    let look: Look = serde_json::from_value(job.payload.clone()).map_err(dead)?;
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Read).await?;
    let plugin = version(&mut cx, look.version_id).await?;
    cx.commit().await?;
    let Some(plugin) = plugin else { return Ok(()) };
    let service = platform.service::<Integrations>();
    let verdict = if job.exhausted {
        Err(("plugin_crashed", "the process ended in every look at it".to_owned()))
    } else {
        let prepared = service.host.prepare(&plugin).await;
        match prepared {
            Ok(()) => Ok(()),
            Err(fault) if fault.kind.retryable() && job.attempt < job.max_attempts => {
                return Err(JobFailure::retry(fault.detail));
            }
            Err(fault) => Err((crate::problems::of_fault(fault.kind), fault.detail)),
        }
    };
    let mut cx = Cx::begin_job(&platform, job.organization_id, JOB, Mode::Write).await?;
    if !job.holds(&mut cx).await? {
        return Ok(());
    }
    let record = platform_engine::load(&mut cx, &PLUGIN_VERSIONS, look.version_id).await?;
    if record.is("status", "checking") {
        let (action, input) = match verdict {
            Ok(()) => ("accept", Map::new()),
            Err((code, detail)) => {
                let detail: String = detail.chars().take(2000).collect();
                let input = json!({"refused_code": code, "refused_detail": detail});
                ("refuse", input.as_object().cloned().unwrap_or_default())
            }
        };
        platform_engine::act(&mut cx, &PLUGIN_VERSIONS, look.version_id, action, input).await?;
    }
    Ok(cx.commit().await?)
}
