//! `barq plugin run`: the plugin against the real service, from this machine.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, anyhow};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use clap::Args;
use platform_core::Clock;
use platform_plugin_host::guard::Guard;
use platform_plugin_host::{Input, NoDirectory, PluginHost};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::Context;
use crate::build::{BuildArgs, build};
use crate::dev::{Dev, FILE};
use crate::fake::Kept;
use crate::folder::Folder;
use crate::scenario::{self, CURRENCY, LOCALE, TIME_ZONE};
use crate::trial::{Moment, Trial, check, told};

/// Options of `barq plugin run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// One call, as `sms-gateway.send`; without it calls are taken at the address below until it is stopped.
    pub handler: Option<String>,
    /// The call's input: JSON, or `@FILE` with JSON in it.
    #[arg(long, requires = "handler")]
    pub input: Option<String>,
    /// Where calls are taken: POST /call/HANDLER with the input, and any request at /hooks/WEBHOOK.
    #[arg(long, default_value = "127.0.0.1:8097")]
    pub listen: SocketAddr,
    /// Addresses, settings and secrets for the trial.
    #[arg(long, default_value = FILE)]
    pub dev: PathBuf,
}

pub(crate) async fn run(args: &RunArgs, context: &mut Context<'_>) -> Result<bool> {
    let folder = Folder::open(context.folder)?;
    let dev = Dev::read(&folder.path.join(&args.dev))?;
    check(&folder.manifest, &dev.settings, &dev.secrets)?;
    let host = context.host()?.with_guard(Guard::new(dev.allow()?)?);
    match &args.handler {
        Some(handler) => {
            let input = args.input.as_deref().map(given).transpose()?.unwrap_or_default();
            let mut bench = Bench::new(host, dev);
            let input = scenario::input(handler, input, Clock::System.now())?;
            let (answer, good) = bench.call(input, context).await?;
            context.say.line(&format!("{answer:#}"));
            Ok(good)
        }
        None => serve(args.listen, Bench::new(host, dev), context).await.map(|()| true),
    }
}

fn given(text: &str) -> Result<Value> {
    let text = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?,
        None => text.to_owned(),
    };
    serde_json::from_str(&text).context("--input is not JSON")
}

/// The plugin as it is now, and what it kept so far.
struct Bench {
    host: PluginHost,
    dev: Dev,
    kept: Kept,
    calls: usize,
}

impl Bench {
    fn new(host: PluginHost, dev: Dev) -> Self {
        Self {
            host,
            dev,
            kept: Kept::default(),
            calls: 0,
        }
    }

    /// Compiles what changed, calls, and says what came of it.
    async fn call(&mut self, input: Input, context: &mut Context<'_>) -> Result<(Value, bool)> {
        let folder = Folder::open(context.folder)?;
        if folder.is_stale() {
            build(
                &BuildArgs {
                    locked: false,
                    quiet: true,
                },
                context,
            )
            .await?;
        }
        let plugin = folder.plugin()?;
        self.calls += 1;
        let secrets: BTreeMap<String, String> = self.dev.secrets.clone();
        let trial = Trial {
            plugin: &plugin,
            settings: self.dev.settings.clone(),
            secrets: secrets.into_iter().collect(),
            kept: std::mem::take(&mut self.kept),
            directory: &NoDirectory,
            time_zone: TIME_ZONE.to_owned(),
            locale: LOCALE.to_owned(),
            currency: CURRENCY.to_owned(),
            name: "run".to_owned(),
        };
        let moment = Moment {
            now: Clock::System.now(),
            attempt: 1,
            number: self.calls,
        };
        let handler = input.handler();
        let outcome = trial.call(&self.host, input, &moment).await;
        self.kept = trial.kept;
        for http in &outcome.http {
            let end = http
                .status
                .map(|status| status.to_string())
                .or_else(|| http.error.clone())
                .unwrap_or_default();
            context.say.step(&format!(
                "  {} {}{}  {end}, {} ms",
                http.method, http.host, http.path, http.took_ms
            ));
        }
        for line in &outcome.logs {
            let fields: Vec<_> = line
                .fields
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            context.say.step(&format!(
                "  {}: {} {}",
                line.level.as_str(),
                line.message,
                fields.join(" ")
            ));
        }
        let stats = &outcome.stats;
        context.say.step(&format!(
            "{handler}: {} ms, {}.{} ms of them in the plugin",
            stats.wall_us / 1_000,
            stats.guest_us / 1_000,
            stats.guest_us % 1_000 / 100
        ));
        Ok((told(&outcome), outcome.answer.is_ok()))
    }
}

/// A call that somebody asked for over HTTP, and where its outcome goes.
struct Asked {
    handler: String,
    input: Value,
    answer: oneshot::Sender<std::result::Result<(Value, bool), String>>,
}

#[derive(Clone)]
struct Shared {
    asked: mpsc::Sender<Asked>,
    /// Webhooks of the manifest and their handlers.
    hooks: Arc<BTreeMap<String, String>>,
    requests: Arc<AtomicUsize>,
}

/// Calls are made one after the other: each sees what the one before kept.
async fn serve(listen: SocketAddr, mut bench: Bench, context: &mut Context<'_>) -> Result<()> {
    let folder = Folder::open(context.folder)?;
    let hooks = folder
        .manifest
        .webhooks
        .iter()
        .map(|hook| (hook.name.clone(), hook.handler.clone()))
        .collect();
    let (asked, mut waiting) = mpsc::channel::<Asked>(16);
    let shared = Shared {
        asked,
        hooks: Arc::new(hooks),
        requests: Arc::default(),
    };
    let routes = Router::new()
        .route("/call/{handler}", post(call))
        .route("/hooks/{name}", any(hook))
        .with_state(shared);
    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("listening on {listen}: choose another address with --listen"))?;
    context.say.line(&format!(
        "{} takes calls at http://{}: POST /call/HANDLER with the input as JSON, webhooks at /hooks/NAME",
        folder.manifest.name,
        listener.local_addr()?
    ));
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    let mut stopped = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let next = tokio::select! {
            next = waiting.recv() => next,
            _ = &mut stopped => None,
        };
        let Some(Asked { handler, input, answer }) = next else {
            serving.abort();
            return Ok(());
        };
        let came = match scenario::input(&handler, input, Clock::System.now()) {
            Ok(input) => bench.call(input, context).await,
            Err(error) => Err(error),
        };
        if let Ok((value, _)) = &came {
            context.say.line(&format!("{value:#}"));
        }
        // Whoever asked may have gone.
        let _ = answer.send(came.map_err(|error| format!("{error:#}")));
    }
}

async fn put(shared: &Shared, handler: String, input: Value) -> Result<(Value, bool)> {
    let (answer, came) = oneshot::channel();
    let asked = Asked { handler, input, answer };
    shared
        .asked
        .send(asked)
        .await
        .map_err(|_| anyhow!("it is being stopped"))?;
    came.await
        .map_err(|_| anyhow!("it is being stopped"))?
        .map_err(|error| anyhow!(error))
}

fn refused(error: &anyhow::Error) -> Response {
    (StatusCode::BAD_REQUEST, format!("{error:#}\n")).into_response()
}

async fn call(State(shared): State<Shared>, UrlPath(handler): UrlPath<String>, body: Bytes) -> Response {
    let input = match body.is_empty() {
        true => Value::Null,
        false => match serde_json::from_slice(&body) {
            Ok(input) => input,
            Err(error) => return refused(&anyhow!("the body is not JSON: {error}")),
        },
    };
    match put(&shared, handler, input).await {
        Ok((value, _)) => axum::Json(value).into_response(),
        Err(error) => refused(&error),
    }
}

/// A request from outside, as the platform would hand it over; whether its signature is good is not looked at here.
async fn hook(
    State(shared): State<Shared>,
    UrlPath(name): UrlPath<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(handler) = shared.hooks.get(&name).cloned() else {
        return (
            StatusCode::NOT_FOUND,
            format!("plugin.toml has no [[webhook]] {name:?}\n"),
        )
            .into_response();
    };
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(k, v)| [k.into_owned(), v.into_owned()])
        .collect();
    let kept = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let plain = !matches!(name.as_str(), "authorization" | "cookie");
        Some([name.to_string(), value.to_str().ok()?.to_owned()]).filter(|_| plain)
    };
    let body = match std::str::from_utf8(&body) {
        Ok(text) => json!(text),
        Err(_) => json!(body.to_vec()),
    };
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let input = json!({
        "request_id": format!("r-{number}"), "endpoint": name, "method": method.as_str(), "query": pairs,
        "headers": headers.iter().filter_map(kept).collect::<Vec<_>>(), "body": body, "verified": false,
    });
    match put(&shared, handler, input).await {
        Ok((value, true)) => axum::Json(value).into_response(),
        Ok((value, false)) => (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(value)).into_response(),
        Err(error) => refused(&error),
    }
}
