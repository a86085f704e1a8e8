//! A server, as a client with an API key sees it.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use platform_plugin_host::guard::{AllowList, Guard, Outbound};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use url::Url;

/// An upload of the largest package over a slow line.
const TIMEOUT: Duration = Duration::from_mins(2);
const MAX_REPLY_BYTES: u64 = 32 * 1024 * 1024;

/// Which server, and with whose word.
#[derive(Args, Debug)]
pub struct ServerArgs {
    /// Its address, as https://fleet.example.com.
    #[arg(long, env = "BARQ_SERVER", value_name = "URL")]
    pub server: String,
    /// A key of the organization (Settings, API keys).
    #[arg(long, env = "BARQ_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: String,
}

/// A server that is spoken to.
pub(crate) struct Server {
    guard: Guard,
    base: Url,
    authorization: HeaderValue,
}

/// What a server answered.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Server {
    pub fn new(args: &ServerArgs) -> Result<Self> {
        let base = Url::parse(&args.server)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let base = base.ok_or_else(|| {
            anyhow!(
                "{:?} is no address of a server: write it as https://fleet.example.com",
                args.server
            )
        })?;
        let origin = base.origin().ascii_serialization();
        // The author names this one address; the rules on addresses are for those that plugins name.
        let allow: AllowList = origin.parse().map_err(|error: String| anyhow!(error))?;
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", args.api_key)).context("the API key")?;
        authorization.set_sensitive(true);
        Ok(Self {
            guard: Guard::new(allow)?,
            base,
            authorization,
        })
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await?.good()
    }

    /// Also a refusal is an answer.
    pub async fn try_get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    /// The organization's installation of a plugin.
    pub async fn installation(&self, plugin: &str) -> Result<Option<Value>> {
        let found = self.get("/installations?limit=100").await?;
        let rows = found["data"].as_array().cloned().unwrap_or_default();
        Ok(rows.into_iter().find(|row| text(row, "plugin") == plugin))
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.try_post(path, body).await?.good()
    }

    /// Also a refusal is an answer.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(
            Method::POST,
            path,
            Some((body.to_string().into_bytes(), "application/json")),
        )
        .await
    }

    pub async fn upload(&self, path: &str, bytes: Vec<u8>) -> Result<Answer> {
        self.send(Method::POST, path, Some((bytes, "application/octet-stream")))
            .await
    }

    async fn send(&self, method: Method, path: &str, body: Option<(Vec<u8>, &'static str)>) -> Result<Answer> {
        let url = self
            .base
            .join(&format!("/api/v1/integrations{path}"))
            .context("the server's address")?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        let body = body.map(|(bytes, kind)| {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            bytes
        });
        let to = self
            .guard
            .admit(url.as_str())
            .map_err(|refusal| anyhow!("{url}: {refusal}"))?;
        let outbound = Outbound {
            method,
            to,
            headers,
            body: body.unwrap_or_default(),
            timeout: TIMEOUT,
            max_response_bytes: MAX_REPLY_BYTES,
        };
        let reply = self.guard.send(outbound).await;
        let reply = reply.map_err(|error| {
            anyhow!(
                "{}: {error}. Is the server running, and is this its address?",
                self.base
            )
        })?;
        Ok(Answer {
            status: reply.status,
            body: serde_json::from_slice(&reply.body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&reply.body).chars().take(300).collect())),
        })
    }
}

impl Answer {
    /// The code of a refusal.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// What was asked for, or the refusal in the server's words.
    pub fn good(self) -> Result<Value> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        bail!("{}", self.told())
    }

    fn told(&self) -> String {
        let words = ["detail", "title"].iter().find_map(|key| self.body[key].as_str());
        let words = words.map_or_else(|| self.body.to_string(), str::to_owned);
        let hint = match (self.status, self.code()) {
            (401, _) => ": the API key is wrong or has ended; make one under Settings, API keys",
            (403, _) => ": the API key lacks the permission; plugins.manage installs, plugins.read shows calls",
            _ => "",
        };
        let fields: Vec<String> = self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                format!(
                    "\n  {}: {}",
                    error["field"].as_str().unwrap_or_default(),
                    error["code"].as_str().unwrap_or_default()
                )
            })
            .collect();
        format!(
            "the server answers {} {}: {words}{hint}{}",
            self.status,
            self.code(),
            fields.concat()
        )
    }
}

/// A text of an answer.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
