//! Versions of an installation: an update comes by itself when it asks for nothing more, waits for a grant when it does, and
//! the installation stays on what it runs until the new version has taken over what it kept.

use platform_core::{Cx, Effect, Event, Operation, Permit, Problem};
use platform_plugin_host::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::installs::{Facts, save};
use crate::resources::{INSTALLATIONS, Installation, Standing, typed};
use crate::tasks::{self, New, Work};
use crate::{Integrations, handlers, shelf, shelved};

/// Installations that take updates by themselves.
pub(crate) const OLDER: &str = "SELECT i.id, i.plugin FROM integrations.installations i
    WHERE i.organization_id = $1 AND i.deleted_at IS NULL AND i.status IN ('needs_settings', 'active', 'needs_attention')
    ORDER BY i.id";
/// Who runs a version.
pub(crate) const RUNNING: &str = "SELECT i.id FROM integrations.installations i
    WHERE i.organization_id = $1 AND i.version_id = $2 AND i.deleted_at IS NULL AND i.status <> 'removed'";
/// Who runs what a key of the organization vouched for; $2 the key's id.
pub(crate) const VOUCHED: &str = "SELECT i.id FROM integrations.installations i
    JOIN integrations.plugin_versions v ON v.organization_id = i.organization_id AND v.id = i.version_id
    WHERE i.organization_id = $1 AND v.key_id = $2 AND v.trust = 'organization' AND i.deleted_at IS NULL
        AND i.status IN ('needs_settings', 'active')";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Upgrade {
    id: Uuid,
    /// Which version; the newest one by default.
    plugin_version: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

pub(crate) fn operations() -> Vec<Operation> {
    let upgrade = Operation::acting(
        "/integrations/installations/{id}/upgrade",
        "integrations.installations.upgrade",
        Permit::needs("plugins.manage"),
        202,
        |cx, input| Box::pin(upgrade(cx, input)),
    );
    let roll_back = Operation::acting(
        "/integrations/installations/{id}/roll_back",
        "integrations.installations.roll_back",
        Permit::needs("plugins.manage"),
        202,
        |cx, input| Box::pin(roll_back(cx, input)),
    );
    vec![
        upgrade.summary("Brings a plugin to another version, which waits for a grant when it asks for more"),
        roll_back.summary("Brings a plugin back to the version before"),
    ]
}

/// In the transaction of the cause.
pub(crate) const EFFECTS: &[Effect] = &[
    Effect {
        on: "integrations.plugin_versions.withdraw",
        run: |cx, event| Box::pin(withdrawn(cx, event)),
    },
    Effect {
        on: "integrations.plugin_keys.revoke",
        run: |cx, event| Box::pin(revoked(cx, event)),
    },
];

async fn upgrade(cx: &mut Cx, input: Upgrade) -> Result<Installation, Problem> {
    let record = platform_engine::load(cx, &INSTALLATIONS, input.id).await?;
    let installation: Installation = typed(&record)?;
    if installation.status == Standing::Removed {
        return Err(Problem::refused("plugin_removed"));
    }
    let wanted = shelved::wanted(cx, &installation.plugin, input.plugin_version.as_deref()).await?;
    let wanted = wanted.ok_or_else(|| Problem::field("plugin_version", "not_known"))?;
    if installation.version_id == Some(wanted.id) {
        return Err(Problem::refused("plugin_up_to_date"));
    }
    offer(cx, installation, &wanted).await
}

async fn roll_back(cx: &mut Cx, input: One) -> Result<Installation, Problem> {
    let record = platform_engine::load(cx, &INSTALLATIONS, input.id).await?;
    let installation: Installation = typed(&record)?;
    let previous = installation.previous_version_id;
    let previous = previous.ok_or_else(|| Problem::refused("plugin_no_previous"))?;
    if shelved::version(cx, previous).await?.is_none() {
        return Err(Problem::refused("plugin_missing"));
    }
    // Whoever goes back does not want to be brought forward again in an hour.
    let stay = json!({"updates_itself": false});
    let installation = save(
        cx,
        input.id,
        "roll_back",
        installation.status,
        stay.as_object().cloned().unwrap_or_default(),
    )
    .await?;
    begin(cx, installation, previous).await
}

/// What a version asks for beyond another.
pub(crate) fn asks_more(new: &Manifest, old: &Manifest) -> Vec<Json> {
    let more = new.asks_more_than(&old.asks());
    more.iter().filter_map(|ask| serde_json::to_value(ask).ok()).collect()
}

/// Begins an update, or lets it wait for a grant.
async fn offer(cx: &mut Cx, installation: Installation, wanted: &shelved::Version) -> Result<Installation, Problem> {
    let present = shelved::running(cx, &installation).await?;
    let more = match &present {
        Some(present) => asks_more(&wanted.plugin.manifest, &present.manifest),
        // What is gone says nothing of what was granted: everything is asked for again.
        None => asks_more(&wanted.plugin.manifest, &bare(&wanted.plugin.manifest)),
    };
    if more.is_empty() {
        return begin(cx, installation, wanted.id).await;
    }
    let row = json!({"waiting_version_id": wanted.id, "waiting_asks": {"asks": more}});
    let row = row.as_object().cloned().unwrap_or_default();
    save(cx, installation.id, "offer_update", installation.status, row).await
}

/// A manifest that asks for nothing.
fn bare(manifest: &Manifest) -> Manifest {
    Manifest {
        hosts: Vec::new(),
        reads: Vec::new(),
        secrets: Vec::new(),
        effects: Vec::new(),
        events: Vec::new(),
        schedules: Vec::new(),
        webhooks: Vec::new(),
        ..manifest.clone()
    }
}

/// Lets the new version take over: the installation stays on what it runs until it has.
pub(crate) async fn begin(cx: &mut Cx, installation: Installation, version_id: Uuid) -> Result<Installation, Problem> {
    let row = json!({"waiting_version_id": version_id, "waiting_asks": null});
    let row = row.as_object().cloned().unwrap_or_default();
    let from_version = installation.version_id.map(|_| installation.plugin_version.clone());
    if !installation.status.works() {
        // Nothing runs that could be in the way, and nothing may be called: the pointer moves at once.
        return switch(cx, installation.id, version_id).await;
    }
    let installation = save(cx, installation.id, "begin_update", installation.status, row).await?;
    let task = New {
        installation_id: installation.id,
        plugin: &installation.plugin,
        handler: "lifecycle.migrate",
        key: &format!("{version_id}:{}", installation.version),
        origin: "manual",
        endpoint_id: None,
        subject: from_version.clone(),
        work: Work::Migrate {
            version_id,
            from_version,
        },
        body: &[],
        at: cx.now,
    };
    tasks::add(cx, task).await?;
    Ok(installation)
}

/// Moves the pointer of an installation to a version.
pub(crate) async fn switch(cx: &mut Cx, id: Uuid, version_id: Uuid) -> Result<Installation, Problem> {
    let record = platform_engine::load(cx, &INSTALLATIONS, id).await?;
    let now: Installation = typed(&record)?;
    let plugin = shelved::version(cx, version_id).await?;
    let plugin = plugin.ok_or_else(|| Problem::refused("plugin_missing"))?;
    let (standing, previous) = (now.status, now.version_id);
    let mut facts = Facts::of(&plugin, now);
    // Another version is what a suspended installation waits for.
    facts.held = facts.held.filter(|held| *held != Standing::Suspended);
    let mut row = facts.row();
    if standing == Standing::NeedsAttention && row["status"] == Standing::Active.as_str() {
        // Only a call that succeeds takes the mark away.
        for field in ["status", "status_reason", "status_detail"] {
            row.remove(field);
        }
    }
    row.insert("version_id".into(), json!(version_id));
    row.insert(
        "previous_version_id".into(),
        json!(previous.filter(|previous| *previous != version_id)),
    );
    row.insert("waiting_version_id".into(), Json::Null);
    row.insert("waiting_asks".into(), Json::Null);
    let installation = save(cx, id, "upgrade", standing, row).await?;
    handlers::sync(cx, id, &plugin.manifest, &installation).await?;
    tasks::release(cx, &installation).await?;
    Ok(installation)
}

/// Looks for newer versions of what is installed.
pub(crate) async fn look(cx: &mut Cx) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(OLDER).bind(organization_id).fetch_all(cx.db()).await?;
    for row in rows {
        let (id, name): (Uuid, String) = (row.try_get("id")?, row.try_get("plugin")?);
        let service = cx.platform.service::<Integrations>();
        let Some(newest) = service.shelf.latest(&name) else {
            continue;
        };
        let installation: Installation = typed(&platform_engine::load(cx, &INSTALLATIONS, id).await?)?;
        let present = shelved::running(cx, &installation).await?;
        let is_newer = |present: &platform_plugin_host::Plugin| {
            shelf::version(&newest.plugin.manifest) > shelf::version(&present.manifest)
        };
        if !installation.updates_itself || !present.as_deref().is_some_and(is_newer) {
            continue;
        }
        let wanted = shelved::adopt(cx, newest).await?;
        if installation.waiting_version_id != Some(wanted.id) {
            offer(cx, installation, &wanted).await?;
        }
    }
    Ok(())
}

/// A version was taken back: whoever runs it stops.
async fn withdrawn(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let running: Vec<Uuid> = sqlx::query_scalar(RUNNING)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_all(cx.db())
        .await?;
    for id in running {
        let record = platform_engine::load(cx, &INSTALLATIONS, id).await?;
        let installation: Installation = typed(&record)?;
        handlers::stop(cx, id).await?;
        mark(cx, &installation, "suspend", Standing::Suspended, "plugin_withdrawn").await?;
    }
    Ok(())
}

/// A key got lost: what it vouched for goes on, and somebody has to look at it.
async fn revoked(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let key = platform_engine::load(cx, &crate::PLUGIN_KEYS, event.subject).await?;
    let key = key.text("public_key").and_then(|text| text.parse().ok());
    let Some(id) = key.map(|key: platform_plugin_package::PublicKey| key.id().to_string()) else {
        return Ok(());
    };
    let vouched: Vec<Uuid> = sqlx::query_scalar(VOUCHED)
        .bind(cx.organization_id)
        .bind(id)
        .fetch_all(cx.db())
        .await?;
    for id in vouched {
        let record = platform_engine::load(cx, &INSTALLATIONS, id).await?;
        let installation: Installation = typed(&record)?;
        mark(
            cx,
            &installation,
            "need_attention",
            Standing::NeedsAttention,
            "plugin_key_revoked",
        )
        .await?;
    }
    Ok(())
}

/// Writes down why an installation stands where it does.
pub(crate) async fn mark(
    cx: &mut Cx,
    installation: &Installation,
    verb: &'static str,
    standing: Standing,
    reason: &str,
) -> Result<(), Problem> {
    let row = json!({"status": standing.as_str(), "status_reason": reason, "status_detail": null});
    let row: Map<String, Json> = row.as_object().cloned().unwrap_or_default();
    save(cx, installation.id, verb, installation.status, row).await?;
    Ok(())
}
