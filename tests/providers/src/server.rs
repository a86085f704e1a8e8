//! What all servers have: an address of their own, a memory of every request, and trouble on demand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Larger requests are nobody's.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// What goes wrong, whoever the provider is. Each provider's own refusals are its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Trouble {
    #[default]
    None,
    /// 429 and a pause of seven seconds.
    RateLimited,
    /// 503.
    ServerError,
    /// 200 with a page of a broken proxy.
    Garbage,
    /// The answer breaks off in the middle.
    Truncated,
    /// No answer at all.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A field of a form; the first of that name.
    pub fn form(&self, name: &str) -> Option<String> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&self.body).ok()?;
        fields.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

#[derive(Default)]
struct Shared {
    trouble: Mutex<(Trouble, usize)>,
    per_second: Mutex<Option<(usize, Vec<Instant>)>>,
    received: Mutex<Vec<Received>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running server; ends when dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves `routes` on an address of this machine; port 0 is any free one.
    pub(crate) async fn start(routes: Router, address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("listening on {address}"))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let routes = routes.layer(from_fn_with_state(shared.clone(), gate));
        let task = tokio::spawn(async move {
            // Ends only with the process or by being dropped.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, shared, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`: the entry for the operator's allow-list.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, after so many good answers, this goes wrong.
    pub fn trouble(&self, trouble: Trouble, after: usize) {
        *lock(&self.shared.trouble) = (trouble, after);
    }

    /// Answers 429 to more requests than this in one second.
    pub fn limit_per_second(&self, requests: usize) {
        *lock(&self.shared.per_second) = Some((requests, Vec::new()));
    }

    /// Every request so far, also those that were refused.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.shared.received).clear();
    }

    /// Serves until the process is ended.
    pub async fn run(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn current_trouble(&self) -> Trouble {
        let mut planned = lock(&self.trouble);
        if planned.0 != Trouble::None && planned.1 > 0 {
            planned.1 -= 1;
            return Trouble::None;
        }
        planned.0
    }

    /// Whether one more request fits into this second.
    fn admits(&self) -> bool {
        let mut limit = lock(&self.per_second);
        let Some((most, times)) = limit.as_mut() else {
            return true;
        };
        let now = Instant::now();
        times.retain(|time| now.duration_since(*time) < Duration::from_secs(1));
        let admitted = times.len() < *most;
        if admitted {
            times.push(now);
        }
        admitted
    }
}

async fn gate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    lock(&shared.received).push(Received {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.clone(),
        body: body.clone(),
    });
    if !shared.admits() {
        return slow_down("1");
    }
    match shared.current_trouble() {
        Trouble::None => next.run(Request::from_parts(parts, Body::from(body))).await,
        Trouble::RateLimited => slow_down("7"),
        Trouble::ServerError => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response(),
        Trouble::Garbage => (
            [(header::CONTENT_TYPE, "text/html")],
            "<html><body>Bad Gateway</body></html>",
        )
            .into_response(),
        Trouble::Truncated => {
            let whole = next.run(Request::from_parts(parts, Body::from(body))).await;
            let status = whole.status();
            let body = axum::body::to_bytes(whole.into_body(), MAX_BODY_BYTES)
                .await
                .unwrap_or_default();
            (status, body.slice(..body.len() / 2)).into_response()
        }
        Trouble::Hang => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn slow_down(seconds: &'static str) -> Response {
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, seconds)],
        "Too many requests",
    )
        .into_response()
}
