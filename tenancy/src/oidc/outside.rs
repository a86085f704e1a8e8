//! What sign-in needs of the world: the way to providers, the DNS, and under which host people know us.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::CoreProviderMetadata;
use webauthn_rs::Webauthn;

use crate::Tenancy;
use crate::oidc::outbound::Outbound;
use crate::oidc::records::{Dns, Nobody, TextRecords};

/// How long a provider's addresses and keys are believed without asking again.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// What an issuer said of itself, and when.
type Heard = (DateTime<Utc>, Arc<CoreProviderMetadata>);

/// What sign-in reaches outside of the process. The address that people open is that of the letters.
pub struct Outside {
    pub(crate) outbound: Outbound,
    pub(crate) records: Arc<dyn TextRecords>,
    pub(crate) webauthn: OnceLock<Option<Webauthn>>,
    metadata: Mutex<HashMap<String, Heard>>,
}

impl Outside {
    /// With a way out and a DNS.
    pub fn new(outbound: Outbound, records: Arc<dyn TextRecords>) -> Self {
        Self {
            outbound,
            records,
            webauthn: OnceLock::new(),
            metadata: Mutex::default(),
        }
    }

    /// Over TLS alone, and the DNS of the machine.
    pub fn system() -> Result<Self> {
        let records: Arc<dyn TextRecords> = match Dns::system() {
            Ok(dns) => Arc::new(dns),
            Err(error) => {
                tracing::warn!("Domains cannot be proved: {error:#}");
                Arc::new(Nobody)
            }
        };
        Ok(Self::new(Outbound::new(false)?, records))
    }

    /// What is known of an issuer, while it is fresh.
    pub(crate) fn remembered(&self, issuer: &str, now: DateTime<Utc>) -> Option<Arc<CoreProviderMetadata>> {
        let known = self.metadata.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, metadata) = known.get(issuer)?;
        (now < *at + FRESH).then(|| metadata.clone())
    }

    /// Keeps what an issuer says of itself.
    pub(crate) fn remember(&self, issuer: &str, metadata: &Arc<CoreProviderMetadata>, now: DateTime<Utc>) {
        let mut known = self.metadata.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(issuer.to_owned(), (now, metadata.clone()));
    }

    /// Forgets it: the next sign-in asks again.
    pub(crate) fn forget(&self, issuer: &str) {
        self.metadata
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(issuer);
    }
}

impl Tenancy {
    /// Says how the world outside is reached; said once, before the first request.
    pub fn use_outside(&self, outside: Outside) -> Result<()> {
        self.outside
            .set(outside)
            .map_err(|_| anyhow::anyhow!("the way outside is set up already"))
    }

    pub(crate) fn outside(&self) -> &Outside {
        self.outside
            .get_or_init(|| Outside::system().expect("an HTTP client with our own roots can be built"))
    }
}
