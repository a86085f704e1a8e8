//! What stands between the network and the operations: who calls, from which pages, and what every answer says to browsers.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Sent with every answer. The console needs nothing from elsewhere and may not be framed.
pub const SECURITY_HEADERS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    ),
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
         object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
];

/// Two years, the least that browsers' own lists take.
const HTTPS_ONLY: (&str, &str) = ("strict-transport-security", "max-age=63072000; includeSubDomains");

/// Where an installation stands.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    /// Pages of other sites that may call the API, without cookies.
    pub origins: Vec<Origin>,
    /// Machines that stand before us and say for whom they call.
    pub proxies: Vec<Network>,
    /// Whether browsers are told never to come without TLS.
    pub https_only: bool,
}

impl Edges {
    /// The headers of every answer.
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let https_only = self.https_only.then_some(HTTPS_ONLY);
        SECURITY_HEADERS
            .into_iter()
            .chain(https_only)
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    /// What other sites' pages may do; nothing when none may do anything. Cookies are never among it: what they allow is for
    /// our own pages.
    pub fn cors(&self) -> Option<CorsLayer> {
        if self.origins.is_empty() {
            return None;
        }
        let origins = self.origins.iter().map(|origin| origin.0.clone());
        let spoken = ["idempotency-key", "if-match", "x-request-id"].map(HeaderName::from_static);
        let heard = ["idempotent-replay", "ratelimit", "ratelimit-policy", "x-request-id"].map(HeaderName::from_static);
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers(
                [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE]
                    .into_iter()
                    .chain(spoken)
                    .collect::<Vec<_>>(),
            )
            .expose_headers(
                [
                    header::ETAG,
                    header::LOCATION,
                    header::RETRY_AFTER,
                    header::CONTENT_DISPOSITION,
                ]
                .into_iter()
                .chain(heard)
                .collect::<Vec<_>>(),
            )
            .max_age(Duration::from_mins(10));
        Some(layer)
    }

    /// Who calls. What a proxy of ours says of its caller is believed, and what the caller says is not: the list is read from
    /// its end, where the nearest proxy writes.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.to_canonical();
        let is_proxy = |address: &IpAddr| self.proxies.iter().any(|network| network.has(*address));
        if !is_proxy(&peer) {
            return Some(peer);
        }
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let named = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        let mut last = peer;
        for name in named {
            let Ok(address) = name.trim().parse::<IpAddr>() else {
                break;
            };
            last = address.to_canonical();
            if !is_proxy(&last) {
                break;
            }
        }
        Some(last)
    }
}

/// The origin of somebody's pages, as `https://reports.example.sa`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("“{text}” is no origin: give it as https://reports.example.sa");
        let (scheme, host) = text.split_once("://").ok_or_else(refused)?;
        let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
        if !matches!(scheme, "http" | "https") || host.is_empty() || !host.chars().all(is_host) {
            return Err(refused());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| refused())
    }
}

/// Addresses that begin alike, as `10.0.0.0/8`; one address alone without the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u32,
}

impl Network {
    fn has(self, address: IpAddr) -> bool {
        let same =
            |ours: u128, other: u128, bits: u32| (ours ^ other).checked_shr(bits - self.length).unwrap_or(0) == 0;
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => same(ours.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(ours), IpAddr::V6(other)) => same(ours.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("“{text}” is no address: give it as 10.0.0.7 or 10.0.0.0/8");
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| refused())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(bits), |length| length.parse().map_err(|_| refused()))?;
        if length > bits {
            return Err(refused());
        }
        Ok(Self { address, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for good in ["https://reports.example.sa", "http://localhost:5173", "http://[::1]:80"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "",
            "https://",
            "https://a.sa/",
            "https://*.a.sa",
            "ftp://a.sa",
            "a.sa",
            "https://A.sa",
            "https://a.sa b",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_caller_cannot_say_who_he_is() {
        let edges = Edges {
            proxies: ["10.0.0.0/8", "2001:db8::7"]
                .map(|network| network.parse().unwrap())
                .into(),
            ..Edges::default()
        };
        let client = |peer: &str, lines: &[&'static str]| {
            let lines = lines.iter().map(|line| {
                (
                    HeaderName::from_static("x-forwarded-for"),
                    HeaderValue::from_static(line),
                )
            });
            let mut headers = HeaderMap::new();
            lines.for_each(|(name, value)| {
                headers.append(name, value);
            });
            edges.client(Some(peer.parse().unwrap()), &headers).unwrap().to_string()
        };
        assert_eq!(client("192.0.2.1", &["198.51.100.9"]), "192.0.2.1", "no proxy of ours");
        assert_eq!(client("10.1.2.3", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(client("::ffff:10.1.2.3", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(client("10.1.2.3", &["1.1.1.1, 198.51.100.9, 10.9.9.9"]), "198.51.100.9");
        assert_eq!(client("10.1.2.3", &["1.1.1.1", "198.51.100.9"]), "198.51.100.9");
        assert_eq!(client("10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(client("10.1.2.3", &["nonsense"]), "10.1.2.3");
        assert_eq!(client("2001:db8::7", &["2001:db8::9"]), "2001:db8::9");
        assert_eq!(edges.client(None, &HeaderMap::new()), None);
    }

    #[test]
    fn networks_are_read() {
        let has = |network: &str, address: &str| network.parse::<Network>().unwrap().has(address.parse().unwrap());
        assert!(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("0.0.0.0/0", "192.0.2.1") && !has("0.0.0.0/0", "::1") && has("::/0", "2001:db8::1"));
        assert!(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"));
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/x"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
