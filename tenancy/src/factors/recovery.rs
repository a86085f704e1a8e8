//! Recovery codes: ten, each good once, for somebody whose telephone is at the bottom of the sea.

use chrono::{DateTime, Utc};
use platform_core::Problem;
use platform_core::ids::random_bytes;
use sha2::{Digest, Sha256};
use sqlx::Connection;
use uuid::Uuid;

use crate::factors::totp::base32;
use crate::store::Store;

const COUNT: usize = 10;
/// 80 bits: nobody finds one by trying all, not even with the hashes at hand.
const BYTES: usize = 10;

pub(crate) const CLEAR: &str = "DELETE FROM identity.recovery_codes WHERE user_id = $1";
pub(crate) const ADD: &str = "INSERT INTO identity.recovery_codes (user_id, code_hash, created_at)
    SELECT $1, code_hash, $3 FROM unnest($2::bytea[]) AS code_hash";
pub(crate) const USE: &str = "UPDATE identity.recovery_codes SET used_at = $3
    WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL";
pub(crate) const LEFT: &str = "SELECT count(*) FROM identity.recovery_codes WHERE user_id = $1 AND used_at IS NULL";

/// What is stored: the letters alone, however they were typed.
fn hash(code: &str) -> Vec<u8> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(letters.to_ascii_uppercase()).to_vec()
}

fn code() -> String {
    let letters = base32(&random_bytes::<BYTES>());
    let groups = letters.as_bytes().chunks(4);
    groups.map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

impl Store {
    /// Makes new codes; those before are good no more. They are shown this once.
    pub(crate) async fn new_recovery_codes(&self, user_id: Uuid, now: DateTime<Utc>) -> Result<Vec<String>, Problem> {
        let codes: Vec<String> = std::iter::repeat_with(code).take(COUNT).collect();
        let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(code)).collect();
        let mut connection = self.connection().await?;
        let mut transaction = connection.begin().await?;
        sqlx::query(CLEAR).bind(user_id).execute(&mut *transaction).await?;
        let add = sqlx::query(ADD).bind(user_id).bind(hashes).bind(now);
        add.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Takes a code, once.
    pub(crate) async fn use_recovery_code(
        &self,
        user_id: Uuid,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, Problem> {
        let used = sqlx::query(USE).bind(user_id).bind(hash(code)).bind(now);
        Ok(used.execute(&self.0).await?.rows_affected() == 1)
    }

    /// How many are left.
    pub(crate) async fn recovery_codes_left(&self, user_id: Uuid) -> Result<i64, Problem> {
        Ok(sqlx::query_scalar(LEFT).bind(user_id).fetch_one(&self.0).await?)
    }

    /// Takes all codes away.
    pub(crate) async fn clear_recovery_codes(&self, user_id: Uuid) -> Result<(), Problem> {
        sqlx::query(CLEAR).bind(user_id).execute(&self.0).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_four_groups_and_may_be_typed_carelessly() {
        let one = code();
        assert_eq!(one.len(), 19, "{one}");
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert_ne!(one, code());
        assert_eq!(hash(&one), hash(&format!(" {} ", one.to_lowercase().replace('-', " "))));
        assert_ne!(hash(&one), hash(&one[..18]));
    }
}
