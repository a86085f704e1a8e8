//! A certified OpenID provider, started by the test from the npm registry; a proxy before it, which can put another token into an
//! answer; and a browser that signs in there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use platform_core::{Clock, ids};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::{Value as Json, json};
use tenancy::{Outbound, Outside, Provider};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

use crate::shared::{Answer, DATA, World, target};

/// The address that people open in these tests.
pub const HOME: &str = "http://localhost:8080";

/// The packages, installed as the lock file says, once for all tests.
async fn packages() -> PathBuf {
    static INSTALLED: OnceCell<PathBuf> = OnceCell::const_new();
    let install = || async {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider");
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openid-provider");
        std::fs::create_dir_all(&to).unwrap();
        // Tests run as processes of their own: one installs, and none finds a file that another one is just writing.
        let lock = std::fs::File::create(to.join(".lock")).unwrap();
        lock.lock().unwrap();
        for file in ["package.json", "package-lock.json", "server.mjs"] {
            let ours = std::fs::read(from.join(file)).unwrap();
            if std::fs::read(to.join(file)).is_ok_and(|there| there == ours) {
                continue;
            }
            let fresh = to.join(format!(".{file}"));
            std::fs::write(&fresh, ours).unwrap();
            std::fs::rename(fresh, to.join(file)).unwrap();
        }
        if !to.join("node_modules/.package-lock.json").exists() {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&to);
            let done = npm.output().await.expect("npm is on this machine");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        to
    };
    INSTALLED.get_or_init(install).await.clone()
}

/// What the proxy does with the answers of the token endpoint.
struct Between {
    upstream: Mutex<String>,
    host: String,
    /// The last token that the provider made.
    seen: Mutex<Option<String>>,
    /// Put into the next answer in its place.
    instead: Mutex<Option<String>>,
    client: Client,
}

/// A running provider.
pub struct Running {
    pub issuer: String,
    between: Arc<Between>,
    _process: Child,
}

impl Running {
    /// With clients `barq` and `other`, and people by the names that they type.
    pub async fn start(people: Json) -> Self {
        let folder = packages().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let issuer = format!("http://{host}");
        let client = |id: &str| {
            json!({"client_id": id, "client_secret": format!("the secret of {id}"),
                   "redirect_uris": [format!("{HOME}/sign-in/return")], "require_auth_time": true})
        };
        let settings = json!({"clients": [client("barq"), client("other")], "people": people});
        let mut process = Command::new("node")
            .args(["server.mjs", &issuer, &settings.to_string()])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node is on this machine");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the provider says where it listens");
        let port = line.rsplit(' ').next().unwrap().to_owned();
        // It says more later, and ends when nobody listens.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let between = Arc::new(Between {
            upstream: Mutex::new(format!("http://127.0.0.1:{port}")),
            host,
            seen: Mutex::default(),
            instead: Mutex::default(),
            client: client_without_redirects(),
        });
        let router = Router::new().fallback(pass).with_state(between.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            issuer,
            between,
            _process: process,
        }
    }

    /// As the operator of an installation enters it.
    pub fn entry(&self, id: &str, is_shared: bool) -> Provider {
        Provider {
            id: id.to_owned(),
            title: "Provider of the tests".to_owned(),
            issuer: self.issuer.clone(),
            client_id: "barq".to_owned(),
            client_secret: Some("the secret of barq".to_owned()),
            scopes: Vec::new(),
            is_shared,
        }
    }

    /// The last token that was made.
    pub fn seen(&self) -> String {
        self.between.seen.lock().unwrap().clone().expect("a token was made")
    }

    /// Puts another token into the next answer.
    pub fn instead(&self, token: &str) {
        *self.between.instead.lock().unwrap() = Some(token.to_owned());
    }

    /// Signs a person in at the provider in a new browser, and says what comes back to us.
    pub async fn visit(&self, url: &str, login: &str) -> HashMap<String, String> {
        let client = client_without_redirects();
        let mut cookies: HashMap<String, String> = HashMap::new();
        let mut at = Url::parse(url).unwrap();
        let mut form: Option<&str> = None;
        let signing_in = format!("prompt=login&login={login}&password=any");
        let mut steps = [signing_in.as_str(), "prompt=consent"].into_iter();
        for _ in 0..20 {
            let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request = match form.take() {
                Some(form) => client
                    .post(at.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form.to_owned()),
                None => client.get(at.clone()),
            };
            let answer = request.header("cookie", jar.join("; ")).send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(next) = answer.headers().get("location") {
                at = at.join(next.to_str().unwrap()).unwrap();
                if at.as_str().starts_with(HOME) {
                    return at.query_pairs().into_owned().collect();
                }
            } else {
                let status = answer.status();
                let text = answer.text().await.unwrap();
                let is_page = status.is_success() && at.path().starts_with("/interaction/");
                assert!(is_page, "{status} {at}: {text}");
                form = Some(steps.next().expect("the provider asks twice"));
            }
        }
        panic!("the provider sends the browser round and round");
    }

    /// A code and a token for the other client, as a thief would get who runs one.
    pub async fn token_of_other(&self, login: &str, nonce: &str) -> (String, String) {
        let back = format!("{HOME}/sign-in/return");
        let query = [
            ("client_id", "other"),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("redirect_uri", &back),
            ("state", "x"),
            ("nonce", nonce),
        ];
        let url = Url::parse_with_params(&format!("{}/auth", self.issuer), query).unwrap();
        let spare = self.visit(url.as_str(), login).await["code"].clone();
        let code = self.visit(url.as_str(), login).await["code"].clone();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &back),
        ];
        let answer = client_without_redirects()
            .post(format!("{}/token", self.issuer))
            .basic_auth("other", Some("the%20secret%20of%20other"))
            .form(&form)
            .send()
            .await
            .unwrap();
        let answer: Json = answer.json().await.unwrap();
        (
            spare,
            answer["id_token"]
                .as_str()
                .unwrap_or_else(|| panic!("{answer}"))
                .to_owned(),
        )
    }
}

fn client_without_redirects() -> Client {
    let roots = rustls::RootCertStore::empty();
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy();
    client.build().unwrap()
}

impl Between {
    fn note(&self, body: Bytes) -> Bytes {
        let Ok(mut answer) = serde_json::from_slice::<Json>(&body) else {
            return body;
        };
        if let Some(token) = answer["id_token"].as_str() {
            *self.seen.lock().unwrap() = Some(token.to_owned());
        }
        match self.instead.lock().unwrap().take() {
            Some(other) => {
                answer["id_token"] = other.into();
                answer.to_string().into()
            }
            None => body,
        }
    }
}

/// Passes a request on to the provider.
async fn pass(State(between): State<Arc<Between>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let upstream = between.upstream.lock().unwrap().clone();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = parts.headers;
    headers.insert(header::HOST, between.host.parse().unwrap());
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let sent = between
        .client
        .request(parts.method, format!("{upstream}{path}"))
        .headers(headers)
        .body(body);
    let answer = match sent.send().await {
        Ok(answer) => answer,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let (status, mut headers): (StatusCode, HeaderMap) = (answer.status(), answer.headers().clone());
    let mut body = answer.bytes().await.unwrap();
    if parts.uri.path() == "/token" {
        body = between.note(body);
    }
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        headers.remove(name);
    }
    (status, headers, body).into_response()
}

/// A world that reaches providers on this machine, at the time of the day: providers have clocks of their own.
pub async fn world(records: Arc<dyn tenancy::TextRecords>) -> World {
    let clock = Clock::fixed(Clock::System.now());
    let world = World::start(target().await, DATA.path(), clock).await;
    let outside = Outside::new(Outbound::new(true).unwrap(), records);
    world.tenancy.use_outside(outside).ok().unwrap();
    world
}

/// A browser that was sent to a provider: where to, and its cookie.
pub struct Sent {
    pub url: String,
    pub cookie: String,
}

impl Sent {
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        Self {
            url: answer.text("/url"),
            cookie: answer.cookie(),
        }
    }

    /// A value of the address.
    pub fn part(&self, name: &str) -> String {
        let url = Url::parse(&self.url).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("{name} in {url}")).1.into_owned()
    }

    /// The address with another value in it.
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut url = Url::parse(&self.url).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.into()
    }
}

/// A short name that no other test uses.
pub fn name() -> String {
    format!("p{}", &ids::new_id().simple().to_string()[16..])
}
