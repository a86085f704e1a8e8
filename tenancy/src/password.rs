//! Passwords: which are good enough, and their argon2id hashes, computed off the request threads and never too many at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::http::StatusCode;
use platform_core::ids::random_bytes;
use platform_core::{FieldError, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, oneshot};

/// Fewest characters of a new password.
pub const SHORTEST: usize = 12;
/// Most bytes of a password: more than anybody types, less than the body may have.
const LONGEST_BYTES: usize = 1024;
/// The floor that OWASP gives for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// How many sign-ins wait for each turn to hash: more could not all be served in the time that somebody waits for an answer.
const WAITING: usize = 64;
/// What the threads that hash leave to others: a tenth of a core where another thread wants it too.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
/// How long a sign-in waits for its turn to hash.
const WAIT: Duration = Duration::from_secs(5);

/// Passwords of at least [`SHORTEST`] characters that are in every attacker's list, and short stems of more.
const COMMON: &str = include_str!("common_passwords.txt");

/// Refuses a new password that is short, or that attackers try first.
pub fn check(field: &'static str, password: &str, email: &str) -> Result<(), Problem> {
    if password.chars().count() < SHORTEST {
        let error = FieldError::new(field, "password_short").with(vec![("min", SHORTEST.to_string())]);
        return Err(Problem::invalid(vec![error]));
    }
    if password.len() > LONGEST_BYTES {
        let error = FieldError::new(field, "too_long").with(vec![("max", LONGEST_BYTES.to_string())]);
        return Err(Problem::invalid(vec![error]));
    }
    if is_common(password) || is_soon_guessed(password, email) {
        return Err(Problem::field(field, "password_common"));
    }
    Ok(())
}

/// Found within so many guesses by who knows the address and goes through lists of common passwords, words and names first.
const SOON: u64 = 1_000_000;

/// What an attacker tries early: one of the 30,000 best-known passwords or words, alone or with the usual changes (capitals,
/// digits for letters, a year at the end), keyboard rows, with or without the person's own address, which costs no guess. No rule
/// says of which characters a password is made.
fn is_soon_guessed(password: &str, email: &str) -> bool {
    let mut rest = password.to_lowercase();
    for word in [email].into_iter().chain(email.split(['@', '.'])).chain(["barq"]) {
        if word.len() > 2 {
            rest = rest.replace(&word.to_lowercase(), "");
        }
    }
    // The estimate for a whole takes three parts for far from guessed, however worn the parts are. So they are multiplied here,
    // and what stands behind a word, a year and a mark, is looked at by itself.
    let guesses = |text: &str| {
        let found = zxcvbn::zxcvbn(text, &[]);
        let parts = found.sequence().iter().filter_map(|part| part.guesses);
        parts.fold(1_u64, u64::saturating_mul)
    };
    let word = rest.trim_end_matches(|c: char| !c.is_alphabetic());
    let behind = &rest[word.len()..];
    guesses(&rest) < SOON || guesses(word).saturating_mul(guesses(behind)) < SOON
}

/// In the list, or only a piece of at most four characters again and again.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let characters: Vec<char> = lower.chars().collect();
    let repeats = (1..=4).any(|length| {
        characters
            .iter()
            .zip(characters.iter().skip(length))
            .all(|(a, b)| a == b)
    });
    repeats || COMMON.lines().any(|common| common == lower)
}

/// Held while somebody hashes or waits for it.
pub struct Place<'a>(#[expect(dead_code, reason = "given back when it is dropped")] SemaphorePermit<'a>);

fn busy() -> Problem {
    Problem {
        retry_after_s: Some(1),
        ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
    }
}

/// What a hash fills while it is made. Each thread that hashes keeps its own from one hash to the next.
type Memory = Vec<Block>;
type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Hashes and verifies, a few at a time.
pub struct Hasher {
    argon: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Who hashes or waits for it: more are sent away at once.
    places: Semaphore,
    /// To the threads that hash, one for each turn; they end with it.
    work: mpsc::Sender<Work>,
    /// Verified in the place of a hash that does not exist, so that an unknown e-mail takes as long as a wrong password.
    dummy: String,
}

impl Hasher {
    /// One hash at a time per core, but for one core, which is left to everything else.
    pub fn new() -> Self {
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the numbers are within argon2's limits");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let turns = cores.saturating_sub(1).max(1);
        Self {
            dummy: hash(&argon, &mut Memory::new(), "nobody has this password"),
            argon,
            turns: Arc::new(Semaphore::new(turns)),
            places: Semaphore::new(turns * (1 + WAITING)),
            work: threads(turns),
        }
    }

    /// The PHC form of a new password's hash.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        let argon = self.argon.clone();
        self.run(self.place()?, move |memory| hash(&argon, memory, &password))
            .await
    }

    /// A place among those who hash or wait for it. Whoever gets none is sent away before anything is asked of the database.
    pub fn place(&self) -> Result<Place<'_>, Problem> {
        self.places.try_acquire().map(Place).map_err(|_| busy())
    }

    /// Whether the password belongs to the hash. Takes the same time when there is no hash.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        self.verify_in(self.place()?, password, stored).await
    }

    /// The same in a place that was taken before.
    pub async fn verify_in(&self, place: Place<'_>, password: String, stored: Option<String>) -> Result<bool, Problem> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let fits = self.run(place, move |memory| fits(memory, &password, &stored).unwrap_or(false));
        Ok(fits.await? && known)
    }

    /// Whether a stored hash was made with weaker settings than today's.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|params| {
            let ours = self.argon.params();
            params.m_cost() < ours.m_cost() || params.t_cost() < ours.t_cost()
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        _place: Place<'_>,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(WAIT, self.turns.clone().acquire_owned());
        let turn: OwnedSemaphorePermit = turn.await.map_err(|_| busy())?.map_err(|_| busy())?;
        let (tell, done) = oneshot::channel();
        // The turn moves into the work: it is not given back when the caller goes away while the work goes on.
        let work: Work = Box::new(move |memory| {
            let _turn = turn;
            let _ = tell.send(work(memory));
        });
        // What no thread takes is dropped with the sender inside it, which the line below reports.
        let _ = self.work.send(work);
        done.await.map_err(|error| Problem::internal(&error))
    }
}

/// Threads for nothing but hashing, that step back behind everything else which wants a core: in a flood of sign-ins it is the
/// sign-ins that wait.
fn threads(count: usize) -> mpsc::Sender<Work> {
    let (sender, receiver) = mpsc::channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let receiver = receiver.clone();
        let hash_all = move || {
            #[cfg(target_os = "linux")]
            if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                tracing::warn!(%error, "hashing runs with the priority of everything else");
            }
            let mut memory = Memory::new();
            let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok(work) = next() {
                // Whoever waits for a work that panicked is told so; the next one finds the thread.
                let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
            }
        };
        let thread = std::thread::Builder::new().name("hash".into()).spawn(hash_all);
        thread.expect("a thread can be started");
    }
    sender
}

/// Fills the memory and writes what comes out of it.
fn fill(argon: &Argon2<'_>, memory: &mut Memory, password: &str, salt: &Salt, out: &mut [u8]) -> argon2::Result<()> {
    memory.resize(argon.params().block_count(), Block::new());
    argon.hash_password_into_with_memory(password.as_bytes(), salt, out, memory)
}

fn hash(argon: &Argon2<'_>, memory: &mut Memory, password: &str) -> String {
    let salt = random_bytes::<16>();
    let made = make(argon, memory, password, &salt).expect("the password and the salt are within argon2's limits");
    made.to_string()
}

fn make(
    argon: &Argon2<'_>,
    memory: &mut Memory,
    password: &str,
    salt: &[u8],
) -> argon2::password_hash::Result<PasswordHash> {
    let salt = Salt::new(salt)?;
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    fill(argon, memory, password, &salt, &mut out)?;
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon.params())?,
        salt: Some(salt),
        hash: Some(Output::new(&out)?),
    })
}

/// Whether the password makes the same hash, with the settings of the stored one.
fn fits(memory: &mut Memory, password: &str, stored: &str) -> argon2::password_hash::Result<bool> {
    let stored = PasswordHash::new(stored)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Ok(false);
    };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon = Argon2::new(algorithm, version, Params::try_from(&stored)?);
    let mut out = vec![0; expected.len()];
    fill(&argon, memory, password, salt, &mut out)?;
    // Outputs are compared in constant time.
    Ok(Output::new(&out)? == *expected)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn refusal(password: &str) -> Option<&'static str> {
        check("password", password, "owner@example.sa")
            .err()
            .map(|problem| problem.errors[0].code)
    }

    #[test]
    fn refuses_short_and_common_passwords() {
        for (password, code) in [
            ("", Some("password_short")),
            ("elevenchars", Some("password_short")),
            ("كلمةالسرهنا", Some("password_short")),
            ("password1234", Some("password_common")),
            ("Password1234", Some("password_common")),
            ("123456789012", Some("password_common")),
            ("aaaaaaaaaaaaaaaa", Some("password_common")),
            ("abcabcabcabcabc", Some("password_common")),
            ("Owner@example.sa", Some("password_common")),
            ("iloveyou1234", Some("password_common")),
            ("qwertyuiop[]", Some("password_common")),
            ("P@ssw0rd2026!", Some("password_common")),
            ("1q2w3e4r5t6y", Some("password_common")),
            ("administrator", Some("password_common")),
            ("owner@example", Some("password_common")),
            ("correct horse", None),
            ("demo-barq-riyadh", None),
            ("كلمة سر طويلة جدا", None),
        ] {
            assert_eq!(refusal(password), code, "{password}");
        }
        assert_eq!(refusal(&"xy7 ".repeat(300)), Some("too_long"));
    }

    #[test]
    fn takes_long_passwords_of_any_characters_and_looks_at_all_of_them() {
        for password in [
            "a".repeat(72) + " wolves in the orchard",
            "صحراء وبحر ونخيل ".repeat(8),
            "🦊🐪🌴 lamb dune \u{0301}\u{200d}\t\u{7f}".to_owned(),
            "\u{10ffff}\u{fffd}\u{e000}orchard wolf".to_owned(),
        ] {
            assert_eq!(refusal(&password), None, "{password:?}");
        }
    }

    #[tokio::test]
    async fn verifies_what_it_hashed_and_nothing_else() {
        let hasher = Hasher::new();
        let stored = hasher.hash("correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(!hasher.is_outdated(&stored));
        assert!(hasher.is_outdated("$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHRzb21l$AAAAAAAAAAAAAAAAAAAAAA"));
        assert!(
            hasher
                .verify("correct horse battery".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("correct horse batteri".into(), Some(stored))
                .await
                .unwrap()
        );
        assert!(!hasher.verify("nobody has this password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_address_costs_the_same_work_as_a_wrong_password() {
        let hasher = Hasher::new();
        assert!(
            !hasher.is_outdated(&hasher.dummy),
            "the hash in its place has today's settings"
        );
        let turns = hasher
            .turns
            .clone()
            .try_acquire_many_owned(u32::try_from(hasher.turns.available_permits()).unwrap());
        // While nobody may hash there is no answer: it waits for its turn like any other.
        assert!(hasher.verify("a wrong password".into(), None).now_or_never().is_none());
        drop(turns.unwrap());
        assert!(!hasher.verify("a wrong password".into(), None).await.unwrap());
    }
}
