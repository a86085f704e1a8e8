//! The way out to other people's servers: which addresses may be reached, and how.
//!
//! https to a name only; the name must resolve to public addresses, and the connection uses exactly the address that was
//! checked. Addresses written as numbers never reach a resolver, so they are refused by form. No redirect is followed and
//! no proxy is used. An operator may list origins (`http://127.0.0.1:8099`) that are exempt: a test provider, a gateway
//! inside the company.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use url::{Host, Url};

use crate::host::BoxFuture;

/// A host that does not answer a connection in this time is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Long enough for the next page, short enough that a changed address is noticed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_URL_LENGTH: usize = 8 * 1024;

/// Origins the operator exempts from the rules on addresses and on https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    origins: BTreeSet<(String, String, u16)>,
}

impl FromStr for AllowList {
    type Err = String;

    /// Origins separated by commas or blanks: `http://127.0.0.1:8099, https://gateway.internal`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut origins = BTreeSet::new();
        for entry in text.split([',', ' ', '\n']).filter(|entry| !entry.is_empty()) {
            let bad = || format!("{entry:?} is not an origin such as http://127.0.0.1:8099");
            let url = Url::parse(entry).map_err(|_| bad())?;
            let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            origins.insert(origin(&url).filter(|_| bare && !credentials(&url)).ok_or_else(bad)?);
        }
        Ok(Self { origins })
    }
}

impl AllowList {
    fn lists(&self, url: &Url) -> bool {
        origin(url).is_some_and(|origin| self.origins.contains(&origin))
    }
}

fn origin(url: &Url) -> Option<(String, String, u16)> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    Some((
        url.scheme().to_owned(),
        url.host_str()?.to_owned(),
        url.port_or_known_default()?,
    ))
}

fn credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// How grants name the host of a URL: `api.example.com`, with the port unless it is 443. `None` unless http or https.
pub fn authority(url: &Url) -> Option<String> {
    let (_, host, port) = origin(url)?;
    Some(if port == 443 { host } else { format!("{host}:{port}") })
}

/// Why a URL is refused before any packet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the URL cannot be read")]
    Unreadable,
    #[error("the URL is longer than {MAX_URL_LENGTH} bytes")]
    TooLong,
    #[error("the URL must not carry a user name or password")]
    Credentials,
    #[error("only https is allowed")]
    NotHttps,
    #[error("a host must be a name, not an address")]
    Address,
}

/// A URL that passed the rules of form. Where its name leads is checked when it is resolved.
#[derive(Debug, Clone)]
pub struct Admitted {
    url: Url,
    listed: bool,
}

impl Admitted {
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// As grants name it.
    pub fn authority(&self) -> String {
        authority(&self.url).expect("an admitted URL is http or https with a host")
    }

    /// Adds pairs to the query.
    pub fn add_query(&mut self, pairs: &[(String, String)]) {
        if !pairs.is_empty() {
            self.url.query_pairs_mut().extend_pairs(pairs);
        }
    }
}

/// A reply within its limits.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the name leads to an address that is not public")]
    BlockedAddress,
    #[error("the name cannot be resolved")]
    Dns,
    #[error("no connection")]
    Connect,
    #[error("no TLS connection")]
    Tls,
    #[error("no answer in time")]
    Timeout,
    #[error("the answer is too large")]
    TooLarge,
    #[error("{0}")]
    Protocol(&'static str),
}

/// One request and its limits.
#[derive(Debug)]
pub struct Outbound {
    pub method: Method,
    pub to: Admitted,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub timeout: Duration,
    pub max_response_bytes: u64,
}

/// What stands in for the network: recorded replies, when an author tries a plugin out. Whether a request may be made at all
/// was decided before it is asked.
pub trait Network: Send + Sync {
    fn exchange(&self, request: Outbound) -> BoxFuture<'_, Result<Reply, SendError>>;
}

/// Sends requests that keep the rules.
#[derive(Clone)]
pub struct Guard {
    allow: AllowList,
    public: Client,
    listed: Client,
    instead: Option<Arc<dyn Network>>,
}

impl Guard {
    pub fn new(allow: AllowList) -> anyhow::Result<Self> {
        let tls = tls_config()?;
        let client = || {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(IDLE_TIMEOUT)
        };
        let public = client().https_only(true).dns_resolver(Arc::new(PublicOnly)).build();
        Ok(Self {
            allow,
            public: public.context("building the HTTP client")?,
            listed: client().build().context("building the HTTP client")?,
            instead: None,
        })
    }

    /// The same rules, and nothing leaves this process.
    pub fn answered_by(self, network: Arc<dyn Network>) -> Self {
        Self {
            instead: Some(network),
            ..self
        }
    }

    /// Checks the form of a URL.
    pub fn admit(&self, url: &str) -> Result<Admitted, Refusal> {
        if url.len() > MAX_URL_LENGTH {
            return Err(Refusal::TooLong);
        }
        let mut url = Url::parse(url).map_err(|_| Refusal::Unreadable)?;
        url.set_fragment(None);
        if credentials(&url) {
            return Err(Refusal::Credentials);
        }
        let listed = self.allow.lists(&url);
        match url.host() {
            None => return Err(Refusal::Unreadable),
            Some(_) if listed => {}
            Some(_) if url.scheme() != "https" => return Err(Refusal::NotHttps),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Refusal::Address),
            Some(Host::Domain(_)) => {}
        }
        Ok(Admitted { url, listed })
    }

    /// Sends one request and reads the whole reply.
    pub async fn send(&self, request: Outbound) -> Result<Reply, SendError> {
        let client = if request.to.listed { &self.listed } else { &self.public };
        let timeout = request.timeout;
        let max = request.max_response_bytes;
        if let Some(network) = &self.instead {
            let exchange = tokio::time::timeout(timeout, network.exchange(request));
            let reply = exchange.await.unwrap_or(Err(SendError::Timeout))?;
            return if reply.body.len() as u64 > max {
                Err(SendError::TooLarge)
            } else {
                Ok(reply)
            };
        }
        let exchange = async {
            let sent = client
                .request(request.method, request.to.url)
                .headers(request.headers)
                .body(request.body);
            let response = sent.send().await.map_err(|e| cause(&e))?;
            read(response, max).await
        };
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or(Err(SendError::Timeout))
    }
}

async fn read(mut response: reqwest::Response, max: u64) -> Result<Reply, SendError> {
    if response.content_length().is_some_and(|length| length > max) {
        return Err(SendError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| cause(&e))? {
        if (body.len() + chunk.len()) as u64 > max {
            return Err(SendError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body,
    })
}

fn tls_config() -> anyhow::Result<rustls::ClientConfig> {
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("choosing TLS versions")?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct NotPublic;

#[derive(Debug, thiserror::Error)]
#[error("no such name")]
struct NoName;

/// Resolves a name to its public addresses. What it returns is what is connected to, so an answer that changes a moment
/// later changes nothing.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| NoName)?;
            let found: Vec<SocketAddr> = found.collect();
            // One private answer among public ones is a trick, not a configuration.
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            if found.is_empty() {
                return Err(NoName.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn cause(error: &reqwest::Error) -> SendError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = source {
        if e.is::<NotPublic>() {
            return SendError::BlockedAddress;
        }
        if e.is::<NoName>() {
            return SendError::Dns;
        }
        // A TLS failure arrives inside an io::Error, whose `source` skips the error it wraps.
        let wrapped = e
            .downcast_ref::<std::io::Error>()
            .and_then(|e| e.get_ref()?.downcast_ref::<rustls::Error>());
        if wrapped.is_some() || e.is::<rustls::Error>() {
            return SendError::Tls;
        }
        source = e.source();
    }
    match error {
        e if e.is_timeout() => SendError::Timeout,
        e if e.is_connect() => SendError::Connect,
        e if e.is_body() || e.is_decode() => SendError::Protocol("the answer broke off"),
        _ => SendError::Protocol("the answer is not HTTP"),
    }
}

/// Whether an address is one of the public internet. Forms that carry an IPv4 address inside are judged by it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // This network, private, loopback, multicast and future use.
        (0 | 10 | 127 | 224..=255, _, _)
        // Carrier-grade NAT.
        | (100, 64..=127, _)
        // Link local: cloud metadata lives here.
        | (169, 254, _)
        // Private.
        | (172, 16..=31, _) | (192, 168, _)
        // Protocol assignments, documentation, 6to4 relays.
        | (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113)
        // Benchmarks.
        | (198, 18..=19, _)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        // v4-mapped, NAT64 and 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        // Protocol assignments (Teredo, ORCHID) and documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Global unicast is 2000::/3 and nothing else is.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests;
