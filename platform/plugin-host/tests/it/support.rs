//! Guests built once, and calls with sensible values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use chrono::{DateTime, Utc};
use platform_plugin_host::{
    ArtefactStore, BoxFuture, Call, Catalogue, FuelPage, Grants, HostOptions, KvEntry, KvReader, KvRoom, Limits,
    NoDirectory, Outcome, Plugin, PluginHost, Secrets, WorkerCommand,
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

/// Plugins by folder, or why they cannot be built here.
fn built() -> &'static Result<Catalogue, String> {
    static BUILT: OnceLock<Result<Catalogue, String>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plugins");
        let mut folders = vec![here.join("tests/guests"), here.join("../../plugins/syarah-fuel")];
        folders.extend(
            ["everything", "fuel-first", "fuel-second"].map(|name| here.join("tests/contract-guests").join(name)),
        );
        for dir in folders {
            let built = platform_plugin_build::build_guest(&dir, &out, &mut |_| {});
            match built {
                Ok(()) => {}
                Err(error) if error.to_string().contains("no compiler for WebAssembly") => {
                    return Err(error.to_string());
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        Ok(Catalogue::load(&out).expect("what was just packed can be read"))
    })
}

/// A plugin, or `None` with an explanation where nothing can compile it.
pub fn plugin(name: &str) -> Option<Plugin> {
    match built() {
        Ok(catalogue) => Some(catalogue.get(name).expect("it was packed").as_ref().clone()),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

/// Runs a test on the runtime that all tests share: the shared worker lives on it.
pub fn block_on<F: Future>(test: F) -> F::Output {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| Runtime::new().expect("a runtime starts"))
        .block_on(test)
}

/// A host with the worker that all tests share: each component is compiled once.
pub fn host(allow: &str) -> PluginHost {
    static SHARED: OnceLock<PluginHost> = OnceLock::new();
    SHARED
        .get_or_init(|| own_host(""))
        .with_allow(allow.parse().unwrap())
        .unwrap()
}

/// A host with a worker of its own, for tests that end it.
pub fn own_host(allow: &str) -> PluginHost {
    let program = env!("CARGO_BIN_EXE_barq-plugin-worker").into();
    let worker = WorkerCommand { program, args: vec![] };
    PluginHost::new(HostOptions {
        worker,
        allow: allow.parse().unwrap(),
        artefacts: artefacts(),
    })
    .unwrap()
}

/// Compiled once for all tests of this machine.
fn artefacts() -> ArtefactStore {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("artefacts");
    ArtefactStore::in_folder(&folder, [1; 32]).unwrap()
}

pub fn now() -> DateTime<Utc> {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// A key-value space in memory.
#[derive(Default)]
pub struct Kv(pub Mutex<BTreeMap<String, Vec<u8>>>);

impl KvReader for Kv {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<KvEntry>, String>> {
        let value = self.0.lock().unwrap().get(key).cloned();
        let entry = value.map(|value| KvEntry { value, version: 7 });
        Box::pin(std::future::ready(Ok(entry)))
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<Vec<String>, String>> {
        let stored = self.0.lock().unwrap();
        let wanted = |key: &&String| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after);
        let keys = stored.keys().filter(wanted).take(limit as usize).cloned().collect();
        Box::pin(std::future::ready(Ok(keys)))
    }

    fn room(&self) -> BoxFuture<'_, Result<KvRoom, String>> {
        let stored = self.0.lock().unwrap();
        let bytes: usize = stored.iter().map(|(key, value)| key.len() + value.len()).sum();
        let room = KvRoom::beside(stored.len() as u64, bytes as u64);
        Box::pin(std::future::ready(Ok(room)))
    }
}

/// One installation, to be called again and again.
pub struct Installation {
    pub plugin: Plugin,
    pub organization_id: String,
    pub settings: Map<String, Value>,
    pub secrets: Secrets,
    pub grants: Grants,
    pub limits: Limits,
    pub kv: Kv,
    pub currencies: Vec<String>,
}

impl Installation {
    pub fn new(plugin: &Plugin, settings: Value) -> Self {
        let Value::Object(settings) = settings else {
            panic!("settings are an object")
        };
        Self {
            plugin: plugin.clone(),
            organization_id: "0190c5a0-0000-7000-8000-000000000001".into(),
            grants: Grants::all(&plugin.manifest, &settings),
            settings,
            secrets: [("api_key".to_owned(), "simulator-key".to_owned())]
                .into_iter()
                .collect(),
            limits: Limits::default(),
            kv: Kv::default(),
            currencies: vec!["SAR".into()],
        }
    }

    /// Stores a value before a call.
    pub fn put(&self, key: &str, value: &str) {
        self.kv.0.lock().unwrap().insert(key.into(), value.as_bytes().to_vec());
    }

    /// The hostile guest, told what to do.
    pub fn hostile(plugin: &Plugin, behaviour: &str) -> Self {
        Self::new(plugin, json!({ "behaviour": behaviour }))
    }

    pub fn call(&self) -> Call<'_> {
        Call {
            plugin: &self.plugin,
            call_id: "call".into(),
            idempotency_key: "work".into(),
            attempt: 1,
            organization_id: self.organization_id.clone(),
            installation_id: "0190c5a0-0000-7000-8000-000000000002".into(),
            settings: &self.settings,
            secrets: &self.secrets,
            grants: &self.grants,
            kv: &self.kv,
            directory: &NoDirectory,
            limits: self.limits,
            now: now(),
            time_zone: "Asia/Riyadh",
            locale: "ar-SA",
            currencies: &self.currencies,
            record: false,
        }
    }

    pub async fn pull(&self, host: &PluginHost, cursor: Option<String>) -> Outcome<FuelPage> {
        let since = "2026-11-01T00:00:00Z".parse().unwrap();
        host.call_fuel_pull(self.call(), cursor, since).await
    }
}
