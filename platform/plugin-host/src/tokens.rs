//! Credentials that replies of providers brought: kept here, in memory, for the installation they belong to. Losing them costs
//! a login, never more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// The longest a captured value is kept.
const MAX_AGE: TimeDelta = TimeDelta::days(90);
/// Of all installations; the one that ends first makes room.
const MAX_TOKENS: usize = 50_000;

/// Organization, installation, secret.
type Key = (String, String, String);

/// All captured values of this process.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<HashMap<Key, Token>>>);

struct Token {
    value: String,
    ends_at: DateTime<Utc>,
}

impl Tokens {
    pub fn get(&self, organization: &str, installation: &str, name: &str, now: DateTime<Utc>) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(&key(organization, installation, name))?;
        (token.ends_at > now).then(|| token.value.clone())
    }

    pub fn keep(
        &self,
        organization: &str,
        installation: &str,
        name: &str,
        value: String,
        expires_in_s: Option<u32>,
        now: DateTime<Utc>,
    ) {
        let age = expires_in_s.map_or(MAX_AGE, |seconds| TimeDelta::seconds(i64::from(seconds)));
        let ends_at = now + age.min(MAX_AGE);
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.retain(|_, token| token.ends_at > now);
            let first = tokens
                .iter()
                .min_by_key(|(_, token)| token.ends_at)
                .map(|(key, _)| key.clone());
            if let (true, Some(first)) = (tokens.len() >= MAX_TOKENS, first) {
                tokens.remove(&first);
            }
        }
        tokens.insert(key(organization, installation, name), Token { value, ends_at });
    }

    pub fn forget(&self, organization: &str, installation: &str, name: &str) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(&key(organization, installation, name));
    }
}

fn key(organization: &str, installation: &str, name: &str) -> Key {
    (organization.to_owned(), installation.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_installations_and_ends() {
        let tokens = Tokens::default();
        let now = DateTime::from_timestamp(1_770_000_000, 0).unwrap();
        tokens.keep("o", "i", "token", "abc".into(), Some(60), now);
        assert_eq!(tokens.get("o", "i", "token", now), Some("abc".into()));
        for (organization, installation, name) in [("p", "i", "token"), ("o", "j", "token"), ("o", "i", "other")] {
            assert_eq!(tokens.get(organization, installation, name, now), None);
        }
        assert_eq!(tokens.get("o", "i", "token", now + TimeDelta::seconds(60)), None);
        tokens.keep("o", "i", "token", "abc".into(), None, now);
        assert_eq!(
            tokens.get("o", "i", "token", now + TimeDelta::days(90)),
            None,
            "nothing is kept for ever"
        );
        tokens.keep("o", "i", "token", "abc".into(), None, now);
        tokens.forget("o", "i", "token");
        assert_eq!(tokens.get("o", "i", "token", now), None);
    }
}
