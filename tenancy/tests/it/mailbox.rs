//! Letters as tests read them: from the outbox, as an operator does without a mail server, or from a real mail server.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use platform_core::Clock;
use platform_database::{Role, Target};
use platform_jobs::{Runner, RunnerOptions};
use serde_json::{Value as Json, json};
use sqlx::postgres::PgPoolOptions;
use tenancy::{MailSettings, Outgoing};
use tokio_util::sync::CancellationToken;

use crate::shared::{Answer, DATA, PASSWORD, World, database, noon};

/// An installation of its own, whose queue carries letters out of organizations' transactions.
pub struct House {
    pub world: World,
    pub target: Target,
    stop: CancellationToken,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl House {
    pub async fn new(name: &str) -> Self {
        Self::with(name, &MailSettings::default()).await
    }

    pub async fn with(name: &str, mail: &MailSettings) -> Self {
        let target = database(name).await;
        let world = World::start(&target, DATA.path(), Clock::fixed(noon())).await;
        world.tenancy.use_mail(mail).unwrap();
        let dispatch = PgPoolOptions::new().max_connections(2);
        let dispatch = dispatch.connect_lazy(&target.url(Role::Dispatch)).unwrap();
        let mut runner = Runner::new(world.platform.clone(), dispatch, RunnerOptions::default());
        tenancy::register_jobs(&mut runner);
        let stop = CancellationToken::new();
        tokio::spawn(runner.run(stop.clone()));
        Self { world, target, stop }
    }

    /// One round of the post.
    pub async fn deliver(&self) -> tenancy::Round {
        let (platform, now) = (&self.world.platform, self.world.clock.now());
        self.world.tenancy.deliver(&platform.catalogue, now).await.unwrap()
    }

    /// Letters to somebody, the latest first, after wishes were answered.
    pub async fn letters(&self, recipient: &str) -> Vec<Outgoing> {
        self.deliver().await;
        let catalogue = &self.world.platform.catalogue;
        let mut all = self.world.tenancy.outbox(catalogue, None, 10_000).await.unwrap();
        all.retain(|letter| letter.recipient == recipient);
        all
    }

    /// What the link of the latest letter of a kind opens; waits for letters that a job carries.
    pub async fn token(&self, recipient: &str, template: &str, count: usize) -> String {
        for _ in 0..2_000 {
            let mut letters = self.letters(recipient).await;
            letters.retain(|letter| letter.template == template);
            if letters.len() >= count {
                return token_of(letters[0].text.as_deref().unwrap());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no letter {template} to {recipient}");
    }

    /// A colleague who is a member at once.
    pub async fn colleague(&self, token: &str, email: &str, membership: &str, roles: &[&str]) -> Answer {
        let body = json!({"email": email, "full_name": "Sami Al-Otaibi", "password": PASSWORD,
            "membership": membership, "roles": roles});
        let added = self.world.post_as(token, "/tenancy/members", body).await;
        assert_eq!(added.status.as_u16(), 201, "{added:?}");
        self.world.login(email, PASSWORD).await
    }

    /// Invites somebody; answers the invitation and what its link opens.
    pub async fn invite(&self, token: &str, email: &str, membership: &str) -> (Answer, String) {
        let body = json!({"email": email, "membership": membership});
        let invited = self.world.post_as(token, "/tenancy/invitations", body).await;
        assert_eq!(invited.status.as_u16(), 201, "{invited:?}");
        let link = self.token(email, "invitation", 1).await;
        (invited, link)
    }
}

/// What somebody was told in letters of a kind, the latest first.
pub async fn told(world: &World, recipient: &str, template: &str) -> Vec<String> {
    let letters = world.tenancy.outbox(&world.platform.catalogue, None, 1_000).await;
    let of = |letter: &Outgoing| letter.recipient == recipient && letter.template == template;
    let letters = letters.unwrap().into_iter().filter(of);
    letters.map(|letter| letter.text.unwrap()).collect()
}

/// Whether each letter says its word.
pub fn say(letters: &[String], words: &[&str]) {
    assert_eq!(letters.len(), words.len(), "{letters:?}");
    for (letter, word) in letters.iter().zip(words) {
        assert!(letter.contains(word), "{word}: {letter}");
    }
}

/// What stands behind `#token=` in a letter.
pub fn token_of(text: &str) -> String {
    let (_, behind) = text.split_once("#token=").unwrap();
    behind.split_whitespace().next().unwrap().to_owned()
}

/// A mail server that a test started.
pub struct Sink {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub port: u64,
}

impl Sink {
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp_sink.py");
        let mut process = Command::new(python())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first: Json = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let port = first["port"].as_u64().unwrap();
        Self { process, lines, port }
    }

    /// The next letter that it took.
    pub fn next(&mut self) -> Json {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    pub fn url(&self) -> String {
        format!("smtp://barq:open%20sesame@127.0.0.1:{}", self.port)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A Python that has the mail server, made once for all tests of a target folder.
fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smtp-sink");
    std::fs::create_dir_all(&home).unwrap();
    let lock = File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let python = home.join("venv/bin/python");
    let has_it = |python: &Path| {
        let asked = Command::new(python)
            .args(["-c", "import aiosmtpd.smtp"])
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    };
    if !has_it(&python) {
        let run = |program: &Path, arguments: &[&str]| {
            let status = Command::new(program).args(arguments).status().unwrap();
            assert!(status.success(), "{} {arguments:?}", program.display());
        };
        let folder = home.join("venv");
        run(Path::new("python3"), &["-m", "venv", &folder.display().to_string()]);
        run(
            &python,
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "aiosmtpd==1.4.6",
            ],
        );
    }
    python
}
