//! A plugin as an organization has it installed: built from its source, granted what it asks for, called in a real worker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use platform_plugin_host::records::{
    Inbound, ItemOutcome, NoticeResult, OrderStatus, SmsKind, SmsMessage, SmsResult, StatusNotice,
};
use platform_plugin_host::{
    ArtefactStore, BoxFuture, Call, CallError, Catalogue, FailureKind, Grants, Health, HostOptions, KvEntry, KvReader,
    KvRoom, Limits, NoDirectory, OrderNews, Outcome, Plugin, PluginHost, Results, Secrets, SmsReports, WorkerCommand,
};
use provider_simulators::Webhook;
use serde_json::{Map, Value};

/// Any free port of this machine.
pub fn anywhere() -> std::net::SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub fn now() -> DateTime<Utc> {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// The plugin of this name, or `None` with a word why where nothing can compile it.
fn plugin(name: &str) -> Option<Plugin> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins").join(name);
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("provider-plugins")
        .join(name);
    match platform_plugin_build::build_guest(&folder, &out, &mut |_| {}) {
        Ok(()) => {}
        Err(error) if error.to_string().contains("no compiler for WebAssembly") => {
            eprintln!("skipped: {error}");
            return None;
        }
        Err(error) => panic!("{error:?}"),
    }
    let catalogue = Catalogue::load(&out).unwrap();
    Some(catalogue.get(name).expect("it was packed").as_ref().clone())
}

/// The program that runs guests: an example of this crate, which cargo builds with its tests.
fn worker() -> WorkerCommand {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().with_file_name("examples/plugin-worker");
    assert!(
        program.is_file(),
        "{} is built by `cargo test -p provider-simulators`",
        program.display()
    );
    WorkerCommand { program, args: vec![] }
}

/// What the plugin keeps.
#[derive(Default)]
struct Kept(Mutex<BTreeMap<String, Vec<u8>>>);

impl Kept {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap()
    }
}

impl KvReader for Kept {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>> {
        let entry = self.lock().get(key).map(|value| KvEntry {
            value: value.clone(),
            version: 1,
        });
        Box::pin(std::future::ready(Ok(entry)))
    }

    fn list<'a>(&'a self, prefix: &'a str, _: Option<&'a str>, _: u32) -> BoxFuture<'a, Result<Vec<String>, String>> {
        let keys = self
            .lock()
            .keys()
            .filter(|key| key.starts_with(prefix))
            .cloned()
            .collect();
        Box::pin(std::future::ready(Ok(keys)))
    }

    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>> {
        Box::pin(std::future::ready(Ok(KvRoom::beside(0, 0))))
    }
}

/// One installation.
pub struct Installation {
    host: PluginHost,
    pub plugin: Plugin,
    settings: Map<String, Value>,
    secrets: Secrets,
    grants: Grants,
    kept: Kept,
    pub limits: Limits,
    pub attempt: u32,
}

impl Installation {
    /// `origin` is exempt from the rule that providers are public.
    pub fn new(name: &str, origin: &str, settings: Value, secrets: &[(&str, &str)]) -> Option<Self> {
        let plugin = plugin(name)?;
        let artefacts = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("provider-artefacts");
        let host = PluginHost::new(HostOptions {
            worker: worker(),
            allow: origin.parse().unwrap(),
            artefacts: ArtefactStore::in_folder(&artefacts, [1; 32]).unwrap(),
        });
        let Value::Object(settings) = settings else {
            panic!("settings are an object")
        };
        let problems = plugin.manifest.check_settings(&settings);
        assert!(problems.is_empty(), "{problems:?}");
        let secrets = secrets
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Some(Self {
            host: host.unwrap(),
            grants: Grants::all(&plugin.manifest, &settings),
            plugin,
            settings,
            secrets: secrets.collect(),
            kept: Kept::default(),
            limits: Limits::default(),
            attempt: 1,
        })
    }

    /// The same installation with another value of a secret; what the host captured before is gone, as after a change.
    pub fn with_secret(mut self, name: &str, value: &str) -> Self {
        let known = self.plugin.manifest.secrets.iter().map(|secret| secret.name.clone());
        let value_of = |known: String| {
            let value = if known == name {
                value.to_owned()
            } else {
                self.secrets.get(&known)?.to_owned()
            };
            Some((known, value))
        };
        self.secrets = known.filter_map(value_of).collect();
        self
    }

    fn call(&self) -> Call<'_> {
        Call {
            plugin: &self.plugin,
            call_id: "call".into(),
            idempotency_key: "work".into(),
            attempt: self.attempt,
            organization_id: "0190c5a0-0000-7000-8000-000000000001".into(),
            installation_id: "0190c5a0-0000-7000-8000-000000000002".into(),
            settings: &self.settings,
            secrets: &self.secrets,
            grants: &self.grants,
            kv: &self.kept,
            directory: &NoDirectory,
            limits: self.limits,
            now: now(),
            time_zone: "Asia/Riyadh",
            locale: "ar-SA",
            currencies: &[],
            record: false,
        }
    }

    /// Keeps what a good call wrote, as the platform does with its records.
    fn done<T>(&self, outcome: Outcome<T>) -> Result<T, CallError> {
        let mut kept = self.kept.lock();
        for write in outcome.kv_writes {
            match write.value {
                Some(value) => kept.insert(write.key, value),
                None => kept.remove(&write.key),
            };
        }
        // A secret never gets into a line.
        let lines = format!("{:?}{:?}", outcome.logs, outcome.http);
        for secret in &self.plugin.manifest.secrets {
            assert!(
                self.secrets
                    .get(&secret.name)
                    .is_none_or(|value| !lines.contains(value)),
                "{lines}"
            );
        }
        outcome.answer
    }

    pub async fn check(&self) -> Result<Health, CallError> {
        self.done(self.host.call_check(self.call()).await)
    }

    pub async fn send(&self, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>, CallError> {
        let sent: Results<SmsResult> = self.done(self.host.call_sms_send(self.call(), messages).await)?;
        assert_eq!(sent.refused, [], "the host takes every result");
        Ok(sent.results)
    }

    pub async fn report(&self, endpoint: &str, webhook: &Webhook) -> Result<SmsReports, CallError> {
        self.done(self.host.call_sms_report(self.call(), inbound(endpoint, webhook)).await)
    }

    pub async fn query(&self, messages: &[SmsResult]) -> Result<SmsReports, CallError> {
        let refs = messages.iter().map(|result| platform_plugin_host::records::SmsRef {
            message_id: result.message_id.clone(),
            provider_ref: result.provider_ref.clone(),
        });
        self.done(self.host.call_sms_query(self.call(), refs.collect()).await)
    }

    pub async fn event(&self, endpoint: &str, webhook: &Webhook) -> Result<OrderNews, CallError> {
        self.done(
            self.host
                .call_order_event(self.call(), inbound(endpoint, webhook))
                .await,
        )
    }

    /// What became of each notice, in a word.
    pub async fn tell(&self, notices: &[StatusNotice]) -> Result<Vec<String>, CallError> {
        let told: Results<NoticeResult> =
            self.done(self.host.call_order_status(self.call(), notices.to_vec()).await)?;
        assert_eq!(told.refused, [], "the host takes every result");
        let word = |result: NoticeResult| match result.outcome {
            ItemOutcome::Done => "done".to_owned(),
            ItemOutcome::Skipped(_) => "skipped".to_owned(),
            ItemOutcome::Failed(failure) => failure.code,
        };
        Ok(told.results.into_iter().map(word).collect())
    }

    pub async fn pay(
        &self,
        batch: platform_plugin_host::records::PayoutBatch,
    ) -> Result<platform_plugin_host::records::PreparedBatch, CallError> {
        self.done(self.host.call_payout_batch(self.call(), batch).await)
    }

    pub async fn pull(&self, cursor: Option<String>) -> Result<platform_plugin_host::FuelPage, CallError> {
        let since = "2026-11-01T00:00:00Z".parse().unwrap();
        self.done(self.host.call_fuel_pull(self.call(), cursor, since).await)
    }
}

/// A webhook as the platform hands it over.
fn inbound(endpoint: &str, webhook: &Webhook) -> Inbound {
    Inbound {
        request_id: "0190c5a0-0000-7000-8000-000000000003".into(),
        endpoint: endpoint.to_owned(),
        address: webhook.url.clone(),
        method: "POST".into(),
        path: String::new(),
        query: Vec::new(),
        headers: webhook.headers.clone(),
        body: webhook.body.clone(),
        received_at: now(),
        verified: false,
        attributes: BTreeMap::new(),
    }
}

pub fn message(id: &str, to: &str, body: &str) -> SmsMessage {
    SmsMessage {
        message_id: id.to_owned(),
        to: to.to_owned(),
        sender_name: None,
        body: body.to_owned(),
        kind: SmsKind::Transactional,
        expires_at: None,
        attributes: BTreeMap::new(),
    }
}

pub fn notice(id: &str, order: &str, status: OrderStatus) -> StatusNotice {
    StatusNotice {
        notice_id: id.to_owned(),
        external_id: order.to_owned(),
        platform: String::new(),
        status,
        at: now(),
        courier_ref: None,
        courier_name: Some("سالم".into()),
        courier_phone: Some("+966509876543".into()),
        location: None,
        reason: None,
        attributes: BTreeMap::new(),
    }
}

/// Kind, code and pause of a failed call.
pub fn failure<T: std::fmt::Debug>(answer: Result<T, CallError>) -> (FailureKind, String, Option<u32>) {
    match answer.expect_err("it fails") {
        CallError::Failure(failure) => (failure.kind, failure.code, failure.retry_after_ms),
        CallError::Fault(fault) => panic!("{fault:?}"),
    }
}

/// Ids and codes of messages that were not taken.
pub fn refused(results: &[SmsResult]) -> Vec<(&str, &str)> {
    let refused = results
        .iter()
        .filter_map(|result| Some((result.message_id.as_str(), result.failure.as_ref()?.code.as_str())));
    refused.collect()
}
