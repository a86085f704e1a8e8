//! What can be installed, and what each plugin asks for.

use std::collections::HashMap;

use platform_core::{Cx, Operation, Permit, Problem};
use platform_plugin_host::{HostAsk, Label, Manifest, SecretAsk, SettingKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sqlx::Row;
use uuid::Uuid;

use crate::resources::Standing;
use crate::standing::effects;
use crate::{Integrations, shelved};

pub(crate) const INSTALLED: &str = "SELECT plugin, id, settings, status FROM integrations.installations
    WHERE organization_id = $1 AND deleted_at IS NULL";

/// A text in both languages.
#[derive(Serialize, JsonSchema)]
struct Words {
    en: String,
    ar: String,
}

impl From<&Label> for Words {
    fn from(label: &Label) -> Self {
        Self {
            en: label.en.clone(),
            ar: label.ar.clone(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct Asked {
    /// What is granted: a name, or `{setting:…}` for whatever host that setting names.
    host: String,
    /// What it comes to with the settings of the installation, or with the defaults.
    resolved: Option<String>,
    reason: Words,
    required: bool,
}

#[derive(Serialize, JsonSchema)]
struct Read {
    resource: String,
    fields: Vec<String>,
    reason: Words,
    required: bool,
}

#[derive(Serialize, JsonSchema)]
struct Setting {
    name: String,
    /// text, integer, boolean, choice or json.
    kind: &'static str,
    label: Words,
    help: Option<Words>,
    required: bool,
    default: Option<Json>,
    values: Vec<String>,
    min: Option<i64>,
    max: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct Secret {
    name: String,
    label: Words,
    help: Option<Words>,
    /// The only hosts that it is sent to; none: it only signs.
    hosts: Vec<String>,
    required: bool,
}

#[derive(Serialize, JsonSchema)]
struct Heard {
    name: String,
    fields: Vec<String>,
    reason: Words,
    required: bool,
}

#[derive(Serialize, JsonSchema)]
struct Scheduled {
    name: String,
    /// `15m`, `6h`, `1d`, or five fields of cron in the organization's zone.
    runs: String,
    handler: String,
    reason: Words,
}

#[derive(Serialize, JsonSchema)]
struct Address {
    name: String,
    handler: String,
    /// Whether senders prove whose requests these are.
    is_signed: bool,
    reason: Words,
}

#[derive(Serialize, JsonSchema)]
struct Offer {
    name: String,
    version: String,
    title: Words,
    description: Words,
    publisher: String,
    handlers: Vec<&'static str>,
    hosts: Vec<Asked>,
    reads: Vec<Read>,
    /// Kinds of records that it brings.
    effects: Vec<String>,
    settings: Vec<Setting>,
    secrets: Vec<Secret>,
    /// The organization's installation, if it has one.
    installation_id: Option<Uuid>,
    /// Everything that it asks for, as an administrator is asked: `kind`, `subject`, `details`, `reason`, `required`.
    asks: Vec<Json>,
    /// Events that it hears.
    events: Vec<Heard>,
    /// What it does by the clock.
    schedules: Vec<Scheduled>,
    /// Addresses at which outside services reach it.
    webhooks: Vec<Address>,
    /// Every version that can be installed, the newest first.
    versions: Vec<String>,
    /// Whose it is: `registry` of the operator, `upload` of the organization.
    source: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Offers {
    data: Vec<Offer>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(crate) fn operations() -> Vec<Operation> {
    let list = Operation::get(
        "/integrations/catalogue",
        "integrations.catalogue.list",
        Permit::needs("plugins.read"),
        |cx, input| Box::pin(list(cx, input)),
    );
    let one = Operation::get(
        "/integrations/plugin_versions/{id}/offer",
        "integrations.plugin_versions.offer",
        Permit::needs("plugins.read"),
        |cx, input| Box::pin(version(cx, input)),
    );
    vec![
        list.summary("Plugins that can be installed, and what each asks for"),
        one.summary("What one version of a plugin asks for: the one that runs, or an update that waits"),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

async fn version(cx: &mut Cx, input: One) -> Result<Offer, Problem> {
    let plugin = shelved::version(cx, input.id).await?;
    let plugin = plugin.ok_or_else(Problem::not_found)?;
    let installed = installed(cx).await?;
    let manifest = &plugin.manifest;
    Ok(Offer {
        versions: vec![manifest.version.clone()],
        ..offer(manifest, installed.get(&manifest.name))
    })
}

async fn list(cx: &mut Cx, _: Nothing) -> Result<Offers, Problem> {
    let service = cx.platform.service::<Integrations>();
    let installed = installed(cx).await?;
    let mut data: Vec<Offer> = Vec::new();
    for offered in service.shelf.newest() {
        let manifest = &offered.plugin.manifest;
        data.push(Offer {
            versions: service.shelf.versions(&manifest.name),
            source: "registry",
            publisher: offered.publisher.clone(),
            ..offer(manifest, installed.get(&manifest.name))
        });
    }
    for version in shelved::own(cx).await? {
        let manifest = &version.plugin.manifest;
        data.retain(|offer| offer.name != manifest.name);
        data.push(Offer {
            versions: vec![manifest.version.clone()],
            source: "upload",
            ..offer(manifest, installed.get(&manifest.name))
        });
    }
    data.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Offers { data })
}

/// What an organization has of a plugin.
pub(crate) struct Installed {
    pub id: Uuid,
    pub settings: Map<String, Json>,
    /// It was uninstalled, and what it kept may be there.
    pub is_removed: bool,
}

/// The organization's installations by plugin.
pub(crate) async fn installed(cx: &mut Cx) -> Result<HashMap<String, Installed>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(INSTALLED).bind(organization_id).fetch_all(cx.db()).await?;
    let mut installed = HashMap::new();
    for row in rows {
        let settings: Json = row.try_get("settings")?;
        let settings = settings.as_object().cloned().unwrap_or_default();
        let one = Installed {
            id: row.try_get("id")?,
            settings,
            is_removed: row.try_get::<&str, _>("status")? == Standing::Removed.as_str(),
        };
        installed.insert(row.try_get("plugin")?, one);
    }
    Ok(installed)
}

fn offer(manifest: &Manifest, installation: Option<&Installed>) -> Offer {
    let none = Map::new();
    let settings = installation.map_or(&none, |installed| &installed.settings);
    let resolved = manifest
        .resolve_hosts(settings)
        .into_iter()
        .map(|resolved| resolved.host);
    let host = |(ask, resolved): (&HostAsk, Option<String>)| Asked {
        host: ask.host.clone(),
        resolved,
        reason: (&ask.reason).into(),
        required: ask.required,
    };
    let reads = manifest.reads.iter().map(|read| Read {
        resource: read.resource.clone(),
        fields: read.fields.clone(),
        reason: (&read.reason).into(),
        required: read.required,
    });
    let secret = |secret: &SecretAsk| Secret {
        name: secret.name.clone(),
        label: (&secret.label).into(),
        help: secret.help.as_ref().map(Words::from),
        hosts: secret.hosts.clone(),
        required: secret.required,
    };
    let events = manifest.events.iter().map(|ask| Heard {
        name: ask.name.clone(),
        fields: ask.fields.clone(),
        reason: (&ask.reason).into(),
        required: ask.required,
    });
    let schedules = manifest.schedules.iter().map(|ask| Scheduled {
        name: ask.name.clone(),
        runs: ask.pattern().to_owned(),
        handler: ask.handler.clone(),
        reason: (&ask.reason).into(),
    });
    let webhooks = manifest.webhooks.iter().map(|ask| Address {
        name: ask.name.clone(),
        handler: ask.handler.clone(),
        is_signed: ask
            .signature
            .as_ref()
            .is_some_and(|signature| signature.scheme != "none"),
        reason: (&ask.reason).into(),
    });
    Offer {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        title: (&manifest.title).into(),
        description: (&manifest.description).into(),
        publisher: manifest.publisher.clone(),
        handlers: manifest.handlers(),
        hosts: manifest.hosts.iter().zip(resolved).map(host).collect(),
        reads: reads.collect(),
        effects: effects(manifest),
        settings: manifest.settings.iter().map(setting).collect(),
        secrets: manifest
            .secrets
            .iter()
            .filter(|ask| !ask.captured)
            .map(secret)
            .collect(),
        asks: manifest
            .asks()
            .iter()
            .filter_map(|ask| serde_json::to_value(ask).ok())
            .collect(),
        events: events.collect(),
        schedules: schedules.collect(),
        webhooks: webhooks.collect(),
        installation_id: installation
            .filter(|installed| !installed.is_removed)
            .map(|installed| installed.id),
        versions: Vec::new(),
        source: "registry",
    }
}

fn setting(setting: &platform_plugin_host::Setting) -> Setting {
    Setting {
        name: setting.name.clone(),
        kind: match setting.kind {
            SettingKind::Text => "text",
            SettingKind::Integer => "integer",
            SettingKind::Boolean => "boolean",
            SettingKind::Choice => "choice",
            SettingKind::Json => "json",
        },
        label: (&setting.label).into(),
        help: setting.help.as_ref().map(Words::from),
        required: setting.required,
        default: setting.default.clone(),
        values: setting.values.clone(),
        min: setting.min,
        max: setting.max,
    }
}
