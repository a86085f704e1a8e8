//! What can be installed, and what each plugin asks for.

use std::collections::HashMap;

use platform_core::{Cx, Operation, Permit, Problem};
use platform_plugin_host::{HostAsk, Label, Manifest, SecretAsk, SettingKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sqlx::Row;
use uuid::Uuid;

use crate::Integrations;

pub(crate) const INSTALLED: &str = "SELECT plugin, id, settings FROM integrations.installations
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
    vec![list.summary("Plugins that can be installed, and what each asks for")]
}

async fn list(cx: &mut Cx, _: Nothing) -> Result<Offers, Problem> {
    let service = cx.platform.service::<Integrations>();
    let installed = installed(cx).await?;
    let plugins = service.catalogue.plugins().iter();
    let data = plugins.map(|plugin| offer(&plugin.manifest, installed.get(&plugin.manifest.name)));
    Ok(Offers { data: data.collect() })
}

/// The organization's installations by plugin: id and settings.
pub(crate) async fn installed(cx: &mut Cx) -> Result<HashMap<String, (Uuid, Map<String, Json>)>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(INSTALLED).bind(organization_id).fetch_all(cx.db()).await?;
    let mut installed = HashMap::new();
    for row in rows {
        let settings: Json = row.try_get("settings")?;
        let settings = settings.as_object().cloned().unwrap_or_default();
        installed.insert(row.try_get("plugin")?, (row.try_get("id")?, settings));
    }
    Ok(installed)
}

fn offer(manifest: &Manifest, installation: Option<&(Uuid, Map<String, Json>)>) -> Offer {
    let none = Map::new();
    let settings = installation.map_or(&none, |(_, settings)| settings);
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
    });
    let secret = |secret: &SecretAsk| Secret {
        name: secret.name.clone(),
        label: (&secret.label).into(),
        help: secret.help.as_ref().map(Words::from),
        hosts: secret.hosts.clone(),
        required: secret.required,
    };
    Offer {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        title: (&manifest.title).into(),
        description: (&manifest.description).into(),
        publisher: manifest.publisher.clone(),
        handlers: manifest.handlers(),
        hosts: manifest.hosts.iter().zip(resolved).map(host).collect(),
        reads: reads.collect(),
        effects: manifest.effects.clone(),
        settings: manifest.settings.iter().map(setting).collect(),
        secrets: manifest.secrets.iter().map(secret).collect(),
        installation_id: installation.map(|(id, _)| *id),
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
