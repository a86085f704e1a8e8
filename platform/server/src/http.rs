//! HTTP: every operation under `/api/v1`, the documents, the console, and what an operator's tools ask for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get};
use platform_core::{Locale, Method, Operation, Platform, Problem, Reply, dispatch};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::edges::Edges;
use crate::metrics::Metrics;

/// Longest time for an answer; statements of the database end before.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is left of an Ethernet frame after the headers of every layer.
const ONE_PACKET_BYTES: u64 = 1400;

/// The whole product as one service. `console` is the folder of the built console.
pub fn router(app: &App, console: Option<PathBuf>) -> Router {
    let metrics = Metrics::new();
    let edges = Arc::new(app.edges.clone());
    let mut paths: BTreeMap<String, MethodRouter> = BTreeMap::new();
    for operation in &app.operations {
        let route = route(app.platform.clone(), operation.clone(), metrics.clone(), edges.clone());
        let path = format!("/api/v1{}", operation.path);
        let methods = paths.remove(&path).unwrap_or_default();
        paths.insert(path, methods.on(filter(operation.method), route));
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        let platform = app.platform.clone();
        let refuse =
            move |request: Request| std::future::ready(refusal(&platform, &request, StatusCode::METHOD_NOT_ALLOWED));
        router = router.route(&path, methods.fallback(refuse));
    }
    let platform = app.platform.clone();
    let unknown = move |request: Request| std::future::ready(refusal(&platform, &request, StatusCode::NOT_FOUND));
    router = router.route("/api/{*rest}", axum::routing::any(unknown));
    let document = app.document.clone();
    router = router
        .route(
            "/api/v1/openapi.json",
            get(move || std::future::ready(json(document.clone()))),
        )
        .route("/docs", get(|| std::future::ready(Html(include_str!("docs.html")))))
        .route(
            "/docs.js",
            get(|| std::future::ready(([(header::CONTENT_TYPE, "text/javascript")], include_str!("docs.js")))),
        )
        .merge(health(&app.platform))
        .route("/metrics", get(move || std::future::ready(metrics.text())));
    if let Some(console) = console {
        let index = ServeFile::new(console.join("index.html"));
        router = router.fallback_service(ServeDir::new(console).precompressed_gzip().fallback(index));
    }
    let mut router = router
        .layer(
            // What fits one packet gains nothing. Of larger answers the fastest level already takes nine tenths away.
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(SizeAbove::new(ONE_PACKET_BYTES))),
        )
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    if let Some(cors) = edges.cors() {
        router = router.layer(cors);
    }
    let headers: Arc<[_]> = edges.headers().into();
    router.layer(axum::middleware::map_response(move |response| {
        std::future::ready(harden(response, &headers))
    }))
}

/// Whether the process lives, and whether it can reach what it needs.
pub fn health(platform: &Arc<Platform>) -> Router {
    Router::new()
        .route("/livez", get(|| std::future::ready("ok")))
        .route("/readyz", get(ready(platform.clone())))
}

fn harden(mut response: Response, headers: &[(HeaderName, HeaderValue)]) -> Response {
    let sent = response.headers_mut();
    for (name, value) in headers {
        sent.entry(name.clone()).or_insert_with(|| value.clone());
    }
    response
}

fn json(text: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

fn refusal(platform: &Platform, request: &Request, status: StatusCode) -> Response {
    let language = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let code = if status == StatusCode::METHOD_NOT_ALLOWED {
        "not_that_way"
    } else {
        "not_found"
    };
    Problem::new(status, code)
        .reply(&platform.catalogue, Locale::from_accept(language))
        .into_response()
}

/// The values of a path, or that it cannot be read.
type Parts = Result<RawPathParams, RawPathParamsRejection>;
type Answer = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

/// One operation as a handler.
fn route(
    platform: Arc<Platform>,
    operation: Arc<Operation>,
    metrics: Metrics,
    edges: Arc<Edges>,
) -> impl Fn(Parts, Request) -> Answer + Clone + Send + Sync + 'static {
    move |path: Parts, request: Request| -> Answer {
        let (platform, operation, metrics) = (platform.clone(), operation.clone(), metrics.clone());
        let edges = edges.clone();
        Box::pin(async move {
            let began = tokio::time::Instant::now();
            let request_id = request_id(&request);
            // What is not even text is not there.
            let Ok(path) = path else {
                return refusal(&platform, &request, StatusCode::NOT_FOUND);
            };
            let path = path
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let peer = peer.map(|ConnectInfo(address)| address.ip());
            let peer = edges.client(peer, request.headers());
            let peer = peer.map(|address| address.to_string()).unwrap_or_default();
            let reply = answer(platform, operation.clone(), path, peer, &request_id, request).await;
            metrics.answered(&operation.id, reply.status.as_u16(), began.elapsed());
            let reply = match reply.get("cache-control") {
                Some(_) => reply,
                // Whatever is answered is somebody's own.
                None => reply.header("cache-control", "no-store"),
            };
            reply.header("x-request-id", request_id).into_response()
        })
    }
}

/// The caller's id of the request when it is harmless, else one of ours.
fn request_id(request: &Request) -> String {
    let given = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let harmless =
        |id: &&str| (8..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    given
        .filter(harmless)
        .map_or_else(|| platform_core::ids::new_id().simple().to_string(), ToOwned::to_owned)
}

async fn answer(
    platform: Arc<Platform>,
    operation: Arc<Operation>,
    path: Vec<(String, String)>,
    address: String,
    request_id: &str,
    request: Request,
) -> Reply {
    let (parts, body) = request.into_parts();
    let language = parts
        .headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let locale = Locale::from_accept(language);
    let Ok(body) = to_bytes(body, operation.body_limit_bytes).await else {
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_much").with("max", operation.body_limit_bytes);
        return problem.reply(&platform.catalogue, locale);
    };
    let mut headers = parts.headers;
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", value);
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    dispatch(
        platform,
        operation,
        platform_core::Request {
            path,
            query,
            headers,
            body,
            address,
        },
    )
    .await
}

/// Ready when the database answers.
fn ready(platform: Arc<Platform>) -> impl Fn() -> Answer + Clone + Send + Sync + 'static {
    move || {
        let platform = platform.clone();
        Box::pin(async move {
            let nobody = uuid::Uuid::nil();
            let answer = platform_core::Cx::begin_job(&platform, nobody, "readyz", platform_core::Mode::Read).await;
            match answer {
                Ok(cx) => {
                    // The transaction is empty; how it ends does not matter.
                    let _ = cx.rollback().await;
                    "ready".into_response()
                }
                Err(problem) => (problem.status, problem.code).into_response(),
            }
        })
    }
}
