//! The way out to providers: https, no redirects, small answers, soon.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Client;

const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_ANSWER_BYTES: usize = 512 * 1024;

/// Sends requests to providers. Which ones there are is the operator's word, so names may lead into the company's own network.
#[derive(Clone)]
pub struct Outbound(Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No connection, no TLS, no answer in time, not HTTP.
    #[error("the provider does not answer: {0}")]
    Http(#[from] reqwest::Error),
    /// More than any answer of a provider.
    #[error("the answer is too large")]
    TooLarge,
    /// Something that cannot be passed on.
    #[error("the answer is not one")]
    Strange,
}

impl Outbound {
    /// `plain` lets providers be reached without TLS: for one on the own machine, never over a network.
    pub fn new(plain: bool) -> Result<Self> {
        let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("choosing TLS versions")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(!plain)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(PATIENCE);
        Ok(Self(client.build().context("building the HTTP client")?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let (parts, body) = request.into_parts();
        let sent = self
            .0
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers);
        let mut response = sent.body(body).send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER_BYTES {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = axum::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        answer.body(body).map_err(|_| Failure::Strange)
    }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
