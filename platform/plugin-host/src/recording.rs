//! A call as it was: everything that went into the guest and came out of it, so that it can be looked at and repeated.
//!
//! Secrets are not in it: the guest names them and never gets them, replies are scrubbed before they reach the guest, and what
//! is recorded is what the guest saw. One exception: where the guest checks a sender's signature itself, a secret that the sender
//! writes into his request stays there, because a changed request has no signature. Recordings are sealed when they are stored.

use serde::{Deserialize, Serialize};

use crate::input::Input;
use crate::limits::Limits;
use crate::outcome::Stats;
use crate::wire::{self, Ask, Given, Local, Told, Traced};

/// Stored recordings begin with it.
const FORMAT: u8 = 1;
/// More is not kept: such a call cannot be repeated.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Of the component that ran.
    pub component_sha256: [u8; 32],
    pub(crate) input: Input,
    pub(crate) given: Given,
    pub(crate) limits: Limits,
    pub(crate) trace: Vec<Traced>,
    /// Questions to the server with their answers, in the order they were asked.
    pub(crate) asked: Vec<(Ask, Told)>,
    /// What the guest returned and wants kept, encoded.
    pub output: Vec<u8>,
    pub stats: Stats,
    /// Why it cannot be repeated, where it cannot.
    pub incomplete: Option<String>,
}

/// A host call of a recording, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// From the start of the call.
    pub after_us: u64,
    /// For example `http.send`.
    pub call: String,
    /// What was asked, in words.
    pub asked: String,
    /// What was answered, in words; empty where nothing is.
    pub answered: String,
}

impl Recording {
    /// The function that was called.
    pub fn handler(&self) -> &'static str {
        self.input.handler()
    }

    /// What it was called with.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// For storing.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        Ok(postcard::to_extend(self, vec![FORMAT])?)
    }

    pub fn from_bytes(bytes: &[u8]) -> anyhow::Result<Self> {
        match bytes.split_first() {
            Some((&FORMAT, rest)) => Ok(postcard::from_bytes(rest)?),
            _ => anyhow::bail!("a recording of another format"),
        }
    }

    /// The same call with the answers of another: for the test of what a different call comes to.
    #[doc(hidden)]
    pub fn with_answers_of(&self, other: &Self) -> Self {
        Self {
            trace: other.trace.clone(),
            asked: other.asked.clone(),
            ..self.clone()
        }
    }

    /// The step, counted from one, at which the question with this number, counted from one, was asked.
    pub(crate) fn step_of(&self, question: usize) -> u32 {
        let asked = self
            .trace
            .iter()
            .enumerate()
            .filter(|(_, traced)| traced.what == Local::Asked);
        let step = asked.map(|(step, _)| step + 1).nth(question.saturating_sub(1));
        u32::try_from(step.unwrap_or(self.trace.len() + 1)).unwrap_or(u32::MAX)
    }

    /// Every host call, in order.
    pub fn steps(&self) -> Vec<Step> {
        let mut asked = self.asked.iter();
        let step = |traced: &Traced| {
            let (call, question, answer) = match &traced.what {
                Local::Asked => match asked.next() {
                    Some((ask, told)) => in_words(ask, told),
                    None => ("unknown", String::new(), "not recorded".to_owned()),
                },
                local => local_in_words(local),
            };
            Step {
                after_us: traced.after_us,
                call: call.to_owned(),
                asked: question,
                answered: answer,
            }
        };
        self.trace.iter().map(step).collect()
    }
}

/// What a repeated call came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    pub output: Vec<u8>,
    /// Whether these are the bytes of the recording.
    pub same: bool,
    pub stats: Stats,
}

/// Why a call could not be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    #[error("the recording is of another component")]
    OtherComponent,
    #[error("the recording is not complete: {0}")]
    Incomplete(String),
    /// The guest asked for something else than then.
    #[error("step {step}: recorded {recorded}, now {now}")]
    Diverged { step: u32, recorded: String, now: String },
    #[error("{0}")]
    Failed(String),
}

/// What is collected while a call runs.
#[derive(Default)]
pub(crate) struct Recorder {
    asked: Vec<(Ask, Told)>,
    bytes: usize,
    full: bool,
}

impl Recorder {
    pub fn add(&mut self, ask: &Ask, told: &Told) {
        self.bytes += size(ask, told);
        self.full |= self.bytes > MAX_BYTES;
        if !self.full {
            self.asked.push((ask.clone(), told.clone()));
        }
    }

    pub fn finish(
        self,
        component_sha256: [u8; 32],
        (input, given, limits): (Input, Given, Limits),
        done: &wire::Done,
    ) -> Recording {
        let incomplete = match &done.answer {
            _ if self.full => Some("more went in and out than is kept".to_owned()),
            wire::Answer::Fault(fault) => Some(format!("the call was ended: {}", fault.detail)),
            _ => None,
        };
        Recording {
            component_sha256,
            input,
            given,
            limits,
            trace: done.trace.clone(),
            asked: self.asked,
            output: output(done),
            stats: Stats::default(),
            incomplete,
        }
    }
}

/// What a call returned, as bytes: the answer and what it wants kept.
pub(crate) fn output(done: &wire::Done) -> Vec<u8> {
    postcard::to_stdvec(&(&done.answer, &done.kv_writes)).unwrap_or_default()
}

fn size(ask: &Ask, told: &Told) -> usize {
    let request = |request: &wire::HttpRequest| {
        let body = match &request.body {
            wire::Body::Empty => 0,
            wire::Body::Bytes(bytes) => bytes.len(),
            wire::Body::JsonTemplate(text) => text.len(),
            wire::Body::Form(pairs) => pairs.len() * 64,
        };
        request.url.len() + body + 64 * (request.headers.len() + request.query.len())
    };
    let response = |response: &Result<wire::HttpResponse, wire::HttpError>| {
        response
            .as_ref()
            .map_or(64, |response| response.body.len() + 64 * response.headers.len())
    };
    let asked = match ask {
        Ask::Http(one) => request(one),
        Ask::HttpAll(several) => several.iter().map(request).sum(),
        Ask::Secret(wire::SecretAsk::Sign { data, .. } | wire::SecretAsk::Verify { data, .. }) => data.len(),
        Ask::Secret(wire::SecretAsk::Digest { parts, .. } | wire::SecretAsk::Matches { parts, .. }) => parts
            .iter()
            .map(|part| match part {
                wire::Part::Plain(bytes) => bytes.len(),
                wire::Part::Secret(_) => 64,
            })
            .sum(),
        Ask::Secret(wire::SecretAsk::Forget { .. })
        | Ask::KvGet { .. }
        | Ask::KvList { .. }
        | Ask::KvRoom
        | Ask::Rows(_)
        | Ask::Row { .. } => 256,
    };
    let told = match told {
        Told::Http(one) => response(one),
        Told::HttpAll(several) => several.iter().map(response).sum(),
        Told::Kv(Ok(Some(entry))) => entry.value.len(),
        Told::KvKeys(Ok(keys)) => keys.iter().map(String::len).sum(),
        Told::Rows(Ok(page)) => page.rows.iter().map(|row| row.json.len()).sum(),
        Told::Row(Ok(Some(row))) => row.json.len(),
        _ => 64,
    };
    asked + told
}

fn local_in_words(local: &Local) -> (&'static str, String, String) {
    match local {
        Local::Setting { name } => ("settings.get", name.clone(), String::new()),
        Local::Settings => ("settings.all-json", String::new(), String::new()),
        Local::Now(ms) => ("clock.now", String::new(), ms.to_string()),
        Local::Remaining(ms) => ("clock.remaining-ms", String::new(), ms.to_string()),
        Local::Random(bytes) => ("random.bytes", bytes.len().to_string(), String::new()),
        Local::Log { .. } => ("log.write", String::new(), String::new()),
        Local::IsSet { name } => ("secrets.is-set", name.clone(), String::new()),
        Local::KvOwn { key } => ("kv.get", key.clone(), "written by this call".to_owned()),
        Local::KvSet { key, .. } => ("kv.set", key.clone(), String::new()),
        Local::KvDelete { key } => ("kv.delete", key.clone(), String::new()),
        Local::Asked => ("unknown", String::new(), String::new()),
    }
}

/// A question and its answer, without bodies.
pub(crate) fn in_words(ask: &Ask, told: &Told) -> (&'static str, String, String) {
    let asked = question(ask);
    let response = |response: &Result<wire::HttpResponse, wire::HttpError>| match response {
        Ok(response) => format!("{}, {} bytes", response.status, response.body.len()),
        Err(error) => crate::http::describe(error),
    };
    let answered = match told {
        Told::Http(one) => response(one),
        Told::HttpAll(several) => several.iter().map(response).collect::<Vec<_>>().join("; "),
        Told::Kv(Ok(Some(entry))) => format!("{} bytes, version {}", entry.value.len(), entry.version),
        Told::Kv(Ok(None)) | Told::Row(Ok(None)) => "nothing".to_owned(),
        Told::KvKeys(Ok(keys)) => format!("{} keys", keys.len()),
        Told::KvRoom(Ok(room)) => format!("{} keys, {} bytes", room.keys, room.bytes),
        Told::Kv(Err(why)) | Told::KvKeys(Err(why)) | Told::KvRoom(Err(why)) => why.clone(),
        Told::Secret(Ok(wire::SecretTold::Bytes(bytes))) => format!("{} bytes", bytes.len()),
        Told::Secret(Ok(wire::SecretTold::Verdict(verdict))) => verdict.to_string(),
        Told::Secret(Ok(wire::SecretTold::Done)) => "done".to_owned(),
        Told::Secret(Err(error)) => format!("{error:?}"),
        Told::Rows(Ok(page)) => format!("{} rows", page.rows.len()),
        Told::Row(Ok(Some(_))) => "1 row".to_owned(),
        Told::Rows(Err(error)) | Told::Row(Err(error)) => format!("{error:?}"),
    };
    (asked.0, asked.1, answered)
}

pub(crate) fn question(ask: &Ask) -> (&'static str, String) {
    // What follows a question mark may be personal.
    let request = |request: &wire::HttpRequest| {
        let address = request.url.split(['?', '#']).next().unwrap_or_default();
        format!("{} {address}", crate::http::method(request.method).0)
    };
    match ask {
        Ask::Http(one) => ("http.send", request(one)),
        Ask::HttpAll(several) => (
            "http.send-all",
            several.iter().map(request).collect::<Vec<_>>().join("; "),
        ),
        Ask::KvGet { key } => ("kv.get", key.clone()),
        Ask::KvList { prefix, .. } => ("kv.list-keys", prefix.clone()),
        Ask::KvRoom => ("kv.set", "room".to_owned()),
        Ask::Secret(wire::SecretAsk::Sign { name, .. }) => ("secrets.sign", name.clone()),
        Ask::Secret(wire::SecretAsk::Verify { name, .. }) => ("secrets.verify", name.clone()),
        Ask::Secret(wire::SecretAsk::Digest { .. }) => ("secrets.digest", String::new()),
        Ask::Secret(wire::SecretAsk::Matches { .. }) => ("secrets.matches", String::new()),
        Ask::Secret(wire::SecretAsk::Forget { name }) => ("secrets.forget", name.clone()),
        Ask::Rows(query) => ("directory.read", query.source.clone()),
        Ask::Row { source, .. } => ("directory.get", source.clone()),
    }
}
