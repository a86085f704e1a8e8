//! Guests built once, and calls with sensible values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use chrono::{DateTime, Utc};
use platform_plugin_host::{
    BoxFuture, Call, Catalogue, FuelPage, HostOptions, KvReader, Limits, Outcome, Plugin, PluginHost, Secrets,
    WorkerCommand,
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

/// Plugins by folder, or why they cannot be built here.
fn built() -> &'static Result<Catalogue, String> {
    static BUILT: OnceLock<Result<Catalogue, String>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plugins");
        for dir in [here.join("tests/guests"), here.join("../../plugins/syarah-fuel")] {
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
    })
    .unwrap()
}

pub fn now() -> DateTime<Utc> {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// A key-value space in memory.
#[derive(Default)]
pub struct Kv(pub Mutex<BTreeMap<String, Vec<u8>>>);

impl KvReader for Kv {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        let value = self.0.lock().unwrap().get(key).cloned();
        Box::pin(std::future::ready(Ok(value)))
    }
}

/// One installation, to be called again and again.
pub struct Installation {
    pub plugin: Plugin,
    pub organization_id: String,
    pub settings: Map<String, Value>,
    pub secrets: Secrets,
    pub granted_hosts: Vec<String>,
    pub limits: Limits,
    pub kv: Kv,
    pub currencies: Vec<String>,
}

impl Installation {
    pub fn new(plugin: &Plugin, settings: Value) -> Self {
        let Value::Object(settings) = settings else {
            panic!("settings are an object")
        };
        let hosts = plugin.manifest.resolve_hosts(&settings);
        Self {
            plugin: plugin.clone(),
            organization_id: "0190c5a0-0000-7000-8000-000000000001".into(),
            granted_hosts: hosts.into_iter().filter_map(|host| host.host).collect(),
            settings,
            secrets: [("api_key".to_owned(), "simulator-key".to_owned())]
                .into_iter()
                .collect(),
            limits: Limits::default(),
            kv: Kv::default(),
            currencies: vec!["SAR".into()],
        }
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
            organization_id: self.organization_id.clone(),
            installation_id: "0190c5a0-0000-7000-8000-000000000002".into(),
            settings: &self.settings,
            secrets: &self.secrets,
            granted_hosts: &self.granted_hosts,
            kv: &self.kv,
            limits: self.limits,
            now: now(),
            time_zone: "Asia/Riyadh",
            locale: "ar-SA",
            currencies: &self.currencies,
        }
    }

    pub async fn pull(&self, host: &PluginHost, cursor: Option<String>) -> Outcome<FuelPage> {
        let since = "2026-11-01T00:00:00Z".parse().unwrap();
        host.call_fuel_pull(self.call(), cursor, since).await
    }
}
