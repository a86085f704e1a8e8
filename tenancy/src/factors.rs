//! What a person shows besides, or instead of, a password: codes of an app, passkeys, recovery codes; sign-in in two steps; and
//! proving again, in the middle of a session, that the person is still there.

pub(crate) mod caller;
pub(crate) mod news;
pub(crate) mod passkey;
pub(crate) mod passkeys;
pub(crate) mod recovery;
pub(crate) mod rows;
pub(crate) mod second;
pub(crate) mod step_up;
pub(crate) mod ticket;
pub(crate) mod totp;
pub(crate) mod tries;
pub(crate) mod yours;

use platform_core::Operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The password.
    Password,
    /// An identity at an OpenID provider.
    Provider,
    /// A code of an app.
    Totp,
    /// A passkey, on a device that made sure who holds it.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

impl Shown {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Provider => "provider",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Whether nothing else has to be shown by somebody who has a second factor.
    pub const fn is_enough(self) -> bool {
        match self {
            Self::Password | Self::Provider => false,
            Self::Totp | Self::Passkey | Self::RecoveryCode => true,
        }
    }
}

/// The operations of this part.
pub(crate) fn operations() -> Vec<Operation> {
    [
        second::operations(),
        yours::operations(),
        passkeys::operations(),
        step_up::operations(),
    ]
    .concat()
}
