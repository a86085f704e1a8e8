//! A person is told by letter when what he signs in with changes: if it was somebody else, this is how it shows.

use platform_core::{Problem, Visit};
use uuid::Uuid;

use crate::Tenancy;
use crate::letter::Letter;

/// What changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    TotpAdded,
    TotpRemoved,
    PasskeyAdded,
    PasskeyRemoved,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    IdentityLinked,
    IdentityRemoved,
}

impl News {
    /// Its key among the words of the letter.
    const fn name(self) -> &'static str {
        match self {
            Self::TotpAdded => "totp_added",
            Self::TotpRemoved => "totp_removed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityRemoved => "identity_removed",
        }
    }

    /// Writes the letter.
    pub async fn tell(self, visit: &Visit, user_id: Uuid) -> Result<(), Problem> {
        let tenancy = visit.platform.service::<Tenancy>();
        let person = tenancy.store.person(user_id).await?;
        let words = &visit.platform.catalogue.words(visit.locale)["mail"]["factors_changed"];
        let what = words["what"][self.name()].as_str().unwrap_or_default();
        let letter = Letter::new("factors_changed", &person.email, visit.locale, visit.now)
            .with("what", what)
            .with("at", visit.now.format("%Y-%m-%d %H:%M UTC"))
            .link("/sign-in", "");
        tenancy.post(&letter, visit.now).await
    }
}
