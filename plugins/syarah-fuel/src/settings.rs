//! What the administrator set, checked together.

use barq_plugin::decimal::Separator;
use barq_plugin::time::Zone;
use barq_plugin::{Failure, Result, settings};
use barq_plugin_common::paging::Position;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::mapping::Mapping;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Petroapp,
    Json,
    Csv,
}

impl Mode {
    pub fn accepts(self) -> &'static str {
        match self {
            Self::Petroapp | Self::Json => "application/json",
            Self::Csv => "text/csv",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    Bearer,
    WsSk,
    XApiKey,
    None,
}

#[derive(Debug, Deserialize)]
pub struct Settings {
    pub mode: Mode,
    base_url: String,
    pub auth: Auth,
    #[serde(default)]
    path: String,
    #[serde(default)]
    mapping: Option<Value>,
    time_zone: String,
    /// `None` is automatic: what the page itself proves.
    #[serde(rename = "decimal_separator", deserialize_with = "separator")]
    pub separator: Option<Separator>,
    pub currency: String,
    pub page_limit: u32,
    pub overlap_days: i64,
}

fn separator<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Separator>, D::Error> {
    Ok(match String::deserialize(deserializer)?.as_str() {
        "point" => Some(Separator::Point),
        "comma" => Some(Separator::Comma),
        _ => None,
    })
}

impl Settings {
    pub fn load() -> Result<Self> {
        settings::all()
    }

    pub fn base_url(&self) -> &str {
        self.base_url.trim().trim_end_matches('/')
    }

    pub fn zone(&self) -> Result<Zone> {
        Zone::named(&self.time_zone)
            .ok_or_else(|| Failure::config("time_zone", format!("The time zone {:?} is not known.", self.time_zone)))
    }

    /// The address of one page of a mapped provider.
    pub fn url(&self, at: Position) -> Result<String> {
        let path = self.path.trim();
        if path.is_empty() {
            return Err(Failure::config("path", "Set the path of the provider's export."));
        }
        if at.page > 1 && !path.contains("{page}") {
            return Err(Failure::permanent(
                "repeated_page",
                "The provider announces more pages, but the path has no {page}.",
            ));
        }
        let path = path
            .replace("{from}", &at.from.to_string())
            .replace("{to}", &at.to.to_string());
        let path = path.replace("{page}", &at.page.to_string());
        Ok(format!("{}/{}", self.base_url(), path.trim_start_matches('/')))
    }

    /// PetroApp's is built in; others must be set.
    pub fn mapping(&self) -> Result<Mapping> {
        let value = match (self.mode, &self.mapping) {
            (Mode::Petroapp, _) => return Ok(Mapping::petroapp()),
            (Mode::Json | Mode::Csv, None | Some(Value::Null)) => {
                return Err(Failure::config("mapping", "Set the mapping of the provider's fields."));
            }
            (Mode::Json | Mode::Csv, Some(Value::String(text))) => serde_json::from_str(text),
            (Mode::Json | Mode::Csv, Some(value)) => serde_json::from_value(value.clone()),
        };
        let mut mapping: Mapping = value.map_err(|e| Failure::config("mapping", format!("The mapping: {e}.")))?;
        mapping.check(self.path.contains("{page}"))?;
        Ok(mapping)
    }
}
