//! One visit to a provider: where the browser is sent, and what the provider says of who came back.

use std::str::FromStr;
use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IdToken, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use platform_core::Problem;
use serde::{Deserialize, Serialize};

use crate::Tenancy;
use crate::factors::ticket::secret;
use crate::oidc::rows::Provider;

/// Where the console takes what a provider sends back.
const RETURN_PATH: &str = "/sign-in/return";
/// How far the clock of a provider may be ahead of ours, and how old a token may be that it made just now.
const SKEW: TimeDelta = TimeDelta::minutes(1);
const OLDEST: TimeDelta = TimeDelta::minutes(10);

/// What else is read from a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Extra {
    /// The company that vouches for the person, as Google names it.
    hd: Option<String>,
}

impl AdditionalClaims for Extra {}

type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// What the end of a visit needs to know: kept with us, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Visiting {
    pub provider: String,
    pub nonce: String,
    pub verifier: String,
    /// Hash of the cookie of the browser that was sent.
    pub browser: [u8; 32],
    /// The organization to open.
    pub organization_id: Option<uuid::Uuid>,
    /// Whether the person had to sign in anew.
    pub anew: bool,
}

/// Who came back.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider says that the person reads the mail of the address.
    pub email_verified: bool,
    pub name: Option<String>,
    /// The company that vouches.
    pub hosted_domain: Option<String>,
}

/// One answer for everything that a provider's word lacks: what exactly is in the log.
pub(crate) fn failed(because: impl std::fmt::Display) -> Problem {
    tracing::info!(%because, "A sign-in through a provider was refused: {because}");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "provider_refused")
}

fn unreachable(error: impl std::fmt::Display) -> Problem {
    tracing::warn!(%error, "A provider cannot be reached: {error}");
    Problem {
        retry_after_s: Some(5),
        ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider_unreachable")
    }
}

impl Tenancy {
    /// What the provider says of itself.
    async fn discover(&self, provider: &Provider, now: DateTime<Utc>) -> Result<Arc<CoreProviderMetadata>, Problem> {
        if let Some(metadata) = self.outside().remembered(&provider.issuer, now) {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|error| Problem::internal(&error))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.outside().outbound).await;
        let metadata = Arc::new(metadata.map_err(unreachable)?);
        self.outside().remember(&provider.issuer, &metadata, now);
        Ok(metadata)
    }

    fn return_url(&self) -> Result<RedirectUrl, Problem> {
        let url = format!("{}{RETURN_PATH}", self.mailer().base_url);
        RedirectUrl::new(url).map_err(|error| Problem::internal(&error))
    }

    /// Where to send the browser, and with which nonce and verifier.
    pub(crate) async fn send(
        &self,
        provider: &Provider,
        state: String,
        visiting: &Visiting,
        now: DateTime<Utc>,
    ) -> Result<String, Problem> {
        let metadata = self.discover(provider, now).await?;
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(provider.client_id.clone()),
            provider.client_secret.clone().map(ClientSecret::new),
        )
        .set_redirect_uri(self.return_url()?);
        let verifier = PkceCodeVerifier::new(visiting.verifier.clone());
        let nonce = visiting.nonce.clone();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .add_scopes(provider.scopes.iter().cloned().map(Scope::new));
        if visiting.anew {
            request = request
                .add_prompt(openidconnect::core::CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO);
        }
        Ok(request.url().0.into())
    }

    /// Exchanges the code for the provider's word, and checks it.
    pub(crate) async fn returned(
        &self,
        provider: &Provider,
        visiting: &Visiting,
        code: String,
        sent_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Who, Problem> {
        let metadata = self.discover(provider, now).await?;
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(provider.client_id.clone()),
            provider.client_secret.clone().map(ClientSecret::new),
        )
        .set_redirect_uri(self.return_url()?);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(failed)?
            .set_pkce_verifier(PkceCodeVerifier::new(visiting.verifier.clone()))
            .request_async(&self.outside().outbound)
            .await
            .map_err(failed)?;
        let token = answer
            .extra_fields()
            .id_token()
            .ok_or_else(|| failed("there is no token"))?;
        let token = Token::from_str(&token.to_string()).map_err(failed)?;
        let word = Self::word(provider, visiting, &token, metadata.jwks(), (sent_at, now));
        if word.is_ok() {
            return word;
        }
        // The provider may have a new key. It is asked once, and only after a key was unknown.
        let is_known = token.signing_key(&client.id_token_verifier()).is_ok();
        if is_known {
            return word;
        }
        self.outside().forget(&provider.issuer);
        let metadata = self.discover(provider, now).await?;
        Self::word(provider, visiting, &token, metadata.jwks(), (sent_at, now))
    }

    /// Reads a token: signed by a key of the issuer with an algorithm of ours, for us and for nobody else, for this visit, young.
    fn word(
        provider: &Provider,
        visiting: &Visiting,
        token: &Token,
        keys: &CoreJsonWebKeySet,
        (sent_at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Who, Problem> {
        use openidconnect::core::CoreIdTokenVerifier;
        let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|error| Problem::internal(&error))?;
        let client_id = ClientId::new(provider.client_id.clone());
        let anew = visiting.anew;
        // Never with the client's secret as the key: whoever had read it could sign.
        let verifier = CoreIdTokenVerifier::new_public_client(client_id.clone(), issuer, keys.clone())
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |at| match at <= now + SKEW && at >= now - OLDEST {
                true => Ok(()),
                false => Err(format!("it was made at {at}")),
            })
            .set_auth_time_verifier_fn(move |at| match (anew, at) {
                (false, _) => Ok(()),
                (true, Some(at)) if at >= sent_at - SKEW => Ok(()),
                (true, _) => Err("the person did not sign in anew".to_owned()),
            });
        let claims = token
            .claims(&verifier, &Nonce::new(visiting.nonce.clone()))
            .map_err(failed)?;
        if claims.authorized_party().is_some_and(|party| *party != client_id) {
            return Err(failed("it was made for another party"));
        }
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > 255 || subject.contains('\0') {
            return Err(failed("the subject is none"));
        }
        let name = claims
            .name()
            .and_then(|name| name.get(None))
            .map(|name| name.to_string());
        Ok(Who {
            issuer: provider.issuer.clone(),
            subject,
            email: claims.email().map(|email| email.trim().to_lowercase()),
            email_verified: claims.email_verified() == Some(true),
            name,
            hosted_domain: claims.additional_claims().hd.as_ref().map(|hd| hd.to_lowercase()),
        })
    }
}

/// A nonce or a verifier.
pub(crate) fn random() -> String {
    secret().0
}
