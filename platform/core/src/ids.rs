//! Ids and random bytes: the one place where randomness enters. Ids only have to be new, so theirs comes from a generator that
//! the operating system seeds; secrets come from the operating system itself.

use uuid::Uuid;

/// A new time-ordered id.
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has no randomness to give: nothing secure can go on then.
#[expect(clippy::disallowed_methods, reason = "this is where randomness enters")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
