//! API keys, as far as a call needs to know of them: `tenancy` makes and proves them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Identity, Member};

/// A well-formed key that somebody shows. Whether it is one of ours is only known after it was looked up.
#[derive(Clone)]
pub struct ShownKey {
    /// The organization that it says it is for.
    pub organization_id: Uuid,
    /// Its public part.
    pub id: Uuid,
    /// What its secret part comes to, to be compared with what is stored.
    pub proof: [u8; 32],
    /// When it was shown.
    pub at: DateTime<Utc>,
    /// Whom it named when this process proved it last: enough to count the call before anything is looked up.
    pub known: Option<(Identity, KeyUse)>,
}

/// The proof is what the database stores: it stays out of logs.
impl fmt::Debug for ShownKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ShownKey({})", self.id)
    }
}

/// A key that proved to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// Its id.
    pub id: Uuid,
    /// How often it may call in a minute.
    pub requests_per_minute: u32,
}

/// Who acts with a key.
pub struct Holder {
    /// The person or service account whose key it is.
    pub identity: Identity,
    /// What the key allows of what they may do; the name says both.
    pub member: Arc<Member>,
    /// The key.
    pub key: KeyUse,
}
