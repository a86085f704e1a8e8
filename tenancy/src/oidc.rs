//! Sign-in through OpenID providers. Somebody is who the provider's issuer and subject say, and never who an address of mail says.

pub(crate) mod domains;
pub(crate) mod identities;
pub(crate) mod join;
pub(crate) mod outbound;
pub(crate) mod outside;
pub(crate) mod provider;
pub(crate) mod records;
pub(crate) mod rows;
pub(crate) mod sign_in;

use platform_core::Operation;

/// The operations of this part.
pub(crate) fn operations() -> Vec<Operation> {
    [sign_in::operations(), identities::operations(), domains::operations()].concat()
}
