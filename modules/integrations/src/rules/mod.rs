//! Rules without a database, a clock or a plugin: what follows a call, when something is due, what a request is worth.

pub(crate) mod after;
pub(crate) mod circuit;
pub(crate) mod dedupe;
pub(crate) mod pace;
pub(crate) mod signature;
pub(crate) mod timing;
