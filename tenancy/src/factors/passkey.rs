//! Ceremonies of passkeys. What the browser has to answer is made here and kept in a ticket, so that an answer fits once.

use chrono::{DateTime, Utc};
use platform_core::Problem;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::Tenancy;
use crate::store::Person;

/// A ceremony to be held by the browser.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ceremony {
    /// To be sent back with the answer.
    pub ticket: String,
    /// For `navigator.credentials`, with bytes in base64url: what `PublicKeyCredential.parse…OptionsFromJSON` reads.
    pub options: Map<String, Json>,
}

/// Passkeys belong to the host that people open in the browser. One that is a bare address has none.
pub(crate) fn relying_party(base_url: &str) -> Option<Webauthn> {
    let origin = Url::parse(base_url).ok()?;
    let host = origin.domain()?.to_owned();
    let builder = WebauthnBuilder::new(&host, &origin).ok()?.rp_name("BARQ");
    // On the own machine consoles under development have ports of their own.
    builder.allow_any_port(host == "localhost").build().ok()
}

fn refused(error: impl std::fmt::Display) -> Problem {
    tracing::info!(%error, "A passkey was refused: {error}");
    Problem::field("credential", "wrong_passkey")
}

fn read<T: DeserializeOwned>(credential: Map<String, Json>) -> Result<T, Problem> {
    serde_json::from_value(Json::Object(credential)).map_err(refused)
}

/// The part for `navigator.credentials`, without its envelope.
fn options(challenge: impl Serialize) -> Map<String, Json> {
    let mut challenge = serde_json::to_value(challenge).unwrap_or_default();
    match challenge["publicKey"].take() {
        Json::Object(options) => options,
        _ => Map::new(),
    }
}

impl Tenancy {
    fn webauthn(&self) -> Result<&Webauthn, Problem> {
        let webauthn = self
            .outside()
            .webauthn
            .get_or_init(|| relying_party(&self.mailer().base_url));
        webauthn.as_ref().ok_or(Problem::refused("no_passkeys_here"))
    }

    /// Begins to register a passkey. It is asked to be one that can sign in without a name being typed.
    pub(crate) async fn begin_passkey(
        &self,
        person: &Person,
    ) -> Result<(Map<String, Json>, PasskeyRegistration), Problem> {
        let known = self.store.passkeys(person.id).await?;
        let known = known.iter().map(|key| key.passkey.cred_id().clone()).collect();
        let begun =
            self.webauthn()?
                .start_passkey_registration(person.id, &person.email, &person.full_name, Some(known));
        let (challenge, state) = begun.map_err(|error| Problem::internal(&error))?;
        let mut options = options(challenge);
        if let Some(wishes) = options.get_mut("authenticatorSelection") {
            wishes["residentKey"] = json!("preferred");
        }
        Ok((options, state))
    }

    /// The passkey that a device made.
    pub(crate) fn registered(
        &self,
        state: &PasskeyRegistration,
        credential: Map<String, Json>,
    ) -> Result<Passkey, Problem> {
        let credential: RegisterPublicKeyCredential = read(credential)?;
        self.webauthn()?
            .finish_passkey_registration(&credential, state)
            .map_err(refused)
    }

    /// Asks a known person for one of his passkeys.
    pub(crate) async fn ask_passkey(
        &self,
        user_id: Uuid,
    ) -> Result<(Map<String, Json>, PasskeyAuthentication), Problem> {
        let keys = self.store.passkeys(user_id).await?;
        let keys: Vec<Passkey> = keys.into_iter().map(|key| key.passkey).collect();
        if keys.is_empty() {
            return Err(Problem::refused("no_passkey"));
        }
        let begun = self.webauthn()?.start_passkey_authentication(&keys);
        let (challenge, state) = begun.map_err(|error| Problem::internal(&error))?;
        Ok((options(challenge), state))
    }

    /// Takes the answer of a known person.
    pub(crate) async fn take_passkey(
        &self,
        user_id: Uuid,
        state: &PasskeyAuthentication,
        credential: Map<String, Json>,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let credential: PublicKeyCredential = read(credential)?;
        let result = self.webauthn()?.finish_passkey_authentication(&credential, state);
        let result = result.map_err(refused)?;
        let stored = self.store.passkey(result.cred_id().as_slice(), user_id).await?;
        let (id, passkey) = stored.ok_or_else(|| refused("it was removed"))?;
        self.note(id, &passkey, &result, now).await
    }

    /// Asks whoever is there for a passkey of this installation.
    pub(crate) fn ask_anybody(&self) -> Result<(Map<String, Json>, DiscoverableAuthentication), Problem> {
        let begun = self.webauthn()?.start_discoverable_authentication();
        let (challenge, state) = begun.map_err(|error| Problem::internal(&error))?;
        Ok((options(challenge), state))
    }

    /// Whom the answer names and proves.
    pub(crate) async fn take_anybody(
        &self,
        state: DiscoverableAuthentication,
        credential: Map<String, Json>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Problem> {
        let credential: PublicKeyCredential = read(credential)?;
        let webauthn = self.webauthn()?;
        let named = webauthn.identify_discoverable_authentication(&credential);
        let (user_id, credential_id) = named.map_err(refused)?;
        let stored = self.store.passkey(credential_id, user_id).await?;
        let (id, passkey) = stored.ok_or_else(|| refused("nobody has it"))?;
        let result = webauthn
            .finish_discoverable_authentication_v2(&credential, state, &passkey)
            .map_err(refused)?;
        self.note(id, &passkey, &result, now).await?;
        Ok(user_id)
    }

    /// Keeps the new counter. A device that holds the person's word without making sure of him proves nothing.
    async fn note(
        &self,
        id: Uuid,
        before: &Passkey,
        result: &AuthenticationResult,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        if !result.user_verified() {
            return Err(refused("the device did not make sure who holds it"));
        }
        let mut after = before.clone();
        // Nothing is said of a credential that is another one, which was excluded above.
        let _ = after.update_credential(result);
        if self.store.used_passkey(id, before, &after, now).await? {
            Ok(())
        } else {
            Err(refused("it was used at the same time"))
        }
    }
}
