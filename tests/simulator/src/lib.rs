//! A fuel-card provider to test against: a real HTTP server with the shape of PetroApp's API and of a plain JSON and CSV
//! export, that can be good, slow, broken or hostile, and be switched while it runs.
//!
//! | Path | What |
//! |---|---|
//! | `GET /webservice/bills?from=&to=&page=` | PetroApp's bills; wants `WS-Version: v2.0` and the key as `Authorization: Bearer` or `WS-SK` |
//! | `GET /webservice/vehicles?page=` | PetroApp's vehicles |
//! | `POST /webservice/get_apiKey` | the key for a user name and a password, which is the key |
//! | `GET /export.json?from=&to=&page=` | `{"items": […], "meta": {"last_page": n}}` with other names for everything |
//! | `GET /export.csv?from=&to=` | the same as a file with `;` |
//! | `GET /control`, `POST /control` | read and change [`Config`] |

mod bills;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use bills::{Bill, Vehicle, default_fleet};

/// How the provider behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Good,
    /// Answers 500.
    Http500,
    /// Answers 200 with a page of a broken proxy.
    Garbage,
    /// Cuts the answer in the middle.
    Truncated,
    /// Announces one page more on every page.
    Endless,
    /// Ignores the page number.
    SamePage,
    /// Never answers.
    Hang,
    /// Answers after a second.
    Slow,
    /// Refuses every key.
    WrongAuth,
    /// Asks to wait a minute.
    RateLimited,
    /// Sends the caller to another address.
    Redirect,
    /// Answers with more than anyone should read.
    Huge,
    /// Gives every bill twice.
    Duplicates,
    /// The same bills with another cost: corrected by the provider afterwards.
    Changed,
    /// Decimal commas.
    Comma,
    /// Arabic digits.
    ArabicDigits,
    /// Bills without an id.
    NoIds,
}

/// What the provider has and how it behaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    /// The mode holds from this page on; pages before are good.
    pub from_page: u32,
    pub per_page: usize,
    /// No bill is older.
    pub first_day: NaiveDate,
    /// So many bills from the first day on and no more; all of them when absent.
    pub bills: Option<usize>,
    pub api_key: String,
    pub fleet: Vec<Vehicle>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Good,
            from_page: 1,
            per_page: 50,
            first_day: bills::epoch(),
            bills: None,
            api_key: "simulator-key".to_owned(),
            fleet: default_fleet(),
        }
    }
}

/// A running provider; ends when dropped.
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    config: Mutex<Config>,
    requests: AtomicU64,
}

impl Shared {
    fn config(&self) -> Config {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Simulator {
    /// Starts on a free port of this machine.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_on(config, ([127, 0, 0, 1], 0).into()).await
    }

    /// Starts on a given address.
    pub async fn start_on(config: Config, address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("listening on {address}"))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            config: Mutex::new(config),
            requests: AtomicU64::new(0),
        });
        let router = Router::new()
            .route("/webservice/bills", get(petroapp))
            .route("/webservice/vehicles", get(vehicles))
            .route("/webservice/get_apiKey", post(login))
            .route("/export.json", get(export_json))
            .route("/export.csv", get(export_csv))
            .route("/control", get(read_control).post(write_control))
            .with_state(shared.clone());
        let server = tokio::spawn(async move {
            // Ends only with the process or by being dropped.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`: the entry for the operator's allow-list.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes how it behaves from the next request on.
    pub fn control(&self, change: impl FnOnce(&mut Config)) {
        change(&mut self.shared.config.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Requests for bills so far.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// All bills of a period.
    pub fn bills(&self, from: NaiveDate, to: NaiveDate) -> Vec<Bill> {
        bills::between(&self.shared.config(), from, to)
    }

    /// Serves until the process is ended.
    pub async fn run(mut self) {
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug, Deserialize)]
struct Asked {
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default = "first")]
    page: u32,
}

fn first() -> u32 {
    1
}

type Shape = fn(&[Bill], u32, u32, &Config, &str) -> Response;

async fn petroapp(State(shared): State<Arc<Shared>>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let version = headers.get("ws-version").and_then(|value| value.to_str().ok());
    if version != Some("v2.0") {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"success": false, "message": "WS-Version"})),
        )
            .into_response();
    }
    answer(&shared, &headers, &asked, |page, number, last, config, path| {
        let data: Vec<Value> = page.iter().map(|bill| bill.petroapp(config.mode)).collect();
        let next = (number < last).then(|| format!("{path}?page={}", number + 1));
        Json(json!({"success": true, "message": "", "data": {
            "data": data, "current_page": number, "last_page": last, "next_page_url": next,
        }}))
        .into_response()
    })
    .await
}

/// As PetroApp lists vehicles: letters and digits of a plate apart, with blanks between.
async fn vehicles(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let config = shared.config();
    if !authorized(&headers, &config.api_key) || config.mode == Mode::WrongAuth {
        return refused();
    }
    let data: Vec<Value> = config.fleet.iter().map(Vehicle::petroapp).collect();
    Json(json!({"success": true, "message": "", "data": {"data": data, "current_page": 1, "last_page": 1}}))
        .into_response()
}

/// The key for a user name and a password; the password is the key, so that a test has one value to know.
async fn login(State(shared): State<Arc<Shared>>, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let config = shared.config();
    let given = |name: &str| fields.iter().any(|(key, value)| key == name && !value.is_empty());
    let knows = fields
        .iter()
        .any(|(key, value)| key == "password" && *value == config.api_key);
    if !given("username") || !knows {
        return refused();
    }
    let data = json!({"api_key": config.api_key, "token_type": "bearer", "expires_in": 31_536_000});
    Json(json!({"success": true, "message": "", "data": data})).into_response()
}

fn refused() -> Response {
    let body = Json(json!({"success": false, "message": "Unauthenticated."}));
    (StatusCode::UNAUTHORIZED, body).into_response()
}

async fn export_json(State(shared): State<Arc<Shared>>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    answer(&shared, &headers, &asked, |page, _, last, config, _| {
        let items: Vec<Value> = page.iter().map(|bill| bill.export(config.mode)).collect();
        Json(json!({"items": items, "meta": {"last_page": last}})).into_response()
    })
    .await
}

async fn export_csv(State(shared): State<Arc<Shared>>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    // A file has no pages.
    shared.requests.fetch_add(1, Ordering::Relaxed);
    let mut config = shared.config();
    config.per_page = usize::MAX;
    respond(&config, &headers, &asked, |page, _, _, config, _| {
        let lines = page.iter().map(|bill| bill.csv_line(config.mode));
        let text = std::iter::once(bills::CSV_HEADER.to_owned())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\r\n");
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response()
    })
    .await
}

async fn answer(shared: &Shared, headers: &HeaderMap, asked: &Asked, shape: Shape) -> Response {
    shared.requests.fetch_add(1, Ordering::Relaxed);
    respond(&shared.config(), headers, asked, shape).await
}

async fn respond(config: &Config, headers: &HeaderMap, asked: &Asked, shape: Shape) -> Response {
    let mut config = config.clone();
    if asked.page < config.from_page {
        config.mode = Mode::Good;
    }
    if !authorized(headers, &config.api_key) || config.mode == Mode::WrongAuth {
        return refused();
    }
    let bills = bills::between(&config, asked.from, asked.to);
    let last = u32::try_from(bills.len().div_ceil(config.per_page).max(1)).unwrap_or(u32::MAX);
    let path = "/webservice/bills";
    let page = |number: u32| {
        let from = usize::try_from(number.saturating_sub(1))
            .unwrap_or(usize::MAX)
            .saturating_mul(config.per_page);
        let rows = bills.iter().skip(from).take(config.per_page).cloned();
        match config.mode {
            Mode::Duplicates => rows.flat_map(|bill| [bill.clone(), bill]).collect::<Vec<_>>(),
            _ => rows.collect(),
        }
    };
    match config.mode {
        Mode::Good | Mode::Duplicates | Mode::Changed | Mode::Comma | Mode::ArabicDigits | Mode::NoIds => {
            shape(&page(asked.page), asked.page, last, &config, path)
        }
        Mode::WrongAuth => StatusCode::UNAUTHORIZED.into_response(),
        Mode::Http500 => (StatusCode::INTERNAL_SERVER_ERROR, "Server Error").into_response(),
        Mode::Garbage => (
            [(header::CONTENT_TYPE, "text/html")],
            "<html><body>502 Bad Gateway</body></html>",
        )
            .into_response(),
        Mode::Truncated => truncated(shape(&page(asked.page), asked.page, last, &config, path)).await,
        Mode::Endless => {
            // New bills for ever: the same ones under ids that were never seen.
            let mut rows = page((asked.page - 1) % last + 1);
            for bill in &mut rows {
                bill.id += u64::from(asked.page) * 1_000_000;
            }
            shape(&rows, asked.page, asked.page + 1, &config, path)
        }
        Mode::SamePage => shape(&page(1), asked.page, last.max(9), &config, path),
        Mode::Hang => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::NO_CONTENT.into_response()
        }
        Mode::Slow => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shape(&page(asked.page), asked.page, last, &config, path)
        }
        Mode::RateLimited => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, "60")],
            "Slow down",
        )
            .into_response(),
        Mode::Redirect => (
            StatusCode::FOUND,
            [(header::LOCATION, "http://169.254.169.254/latest/meta-data/")],
        )
            .into_response(),
        Mode::Huge => vec![b' '; 8 * 1024 * 1024].into_response(),
    }
}

fn authorized(headers: &HeaderMap, key: &str) -> bool {
    let given = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    given("authorization") == Some(&format!("Bearer {key}"))
        || given("ws-sk") == Some(key)
        || given("x-api-key") == Some(key)
}

async fn truncated(whole: Response) -> Response {
    let body = axum::body::to_bytes(whole.into_body(), usize::MAX)
        .await
        .unwrap_or_default();
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.slice(..body.len() / 2),
    )
        .into_response()
}

async fn read_control(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let config = shared.config();
    Json(
        json!({"mode": config.mode, "from_page": config.from_page, "per_page": config.per_page, "bills": config.bills,
                "requests": shared.requests.load(Ordering::Relaxed)}),
    )
}

/// Takes any part of the configuration; the rest stays.
async fn write_control(State(shared): State<Arc<Shared>>, Json(change): Json<Value>) -> Response {
    let mut config = shared.config.lock().unwrap_or_else(PoisonError::into_inner);
    let mut whole = json!(*config);
    if let (Some(whole), Value::Object(change)) = (whole.as_object_mut(), change) {
        whole.extend(change);
    }
    match serde_json::from_value(whole) {
        Ok(changed) => {
            *config = changed;
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    }
}
