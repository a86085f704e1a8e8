//! The plugins and the worker, built once for all tests; and the providers, which the operator's allow-list names.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use fuel_simulator::{Config, Simulator};
use platform_plugin_host::{ArtefactStore, Catalogue, HostOptions, PluginHost, WorkerCommand};
use platform_plugin_package::{Contents, Package, SecretKey};
use tokio::runtime::Runtime;

/// Runs a test on the runtime that all tests share: worker and providers live on it.
pub fn block_on<F: Future>(test: F) -> F::Output {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap()).block_on(test)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What is built for these tests.
const GUESTS: [&str; 6] = [
    "plugins/syarah-fuel",
    "plugins/hungerstation-orders",
    "plugins/unifonic-sms",
    "plugins/anb-payouts",
    "platform/plugin-host/tests/guests",
    "platform/plugin-host/tests/contract-guests/everything",
];

/// The operator's folder of packages: empty, with one publisher whom the operator believes.
pub fn packages() -> PathBuf {
    static PACKED: OnceLock<PathBuf> = OnceLock::new();
    let pack = || {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("integrations-packages");
        std::fs::create_dir_all(&folder).unwrap();
        let publishers = format!(
            "[[key]]\npublisher = \"BARQ\"\npublic-key = \"{}\"\n",
            operator_key().public()
        );
        std::fs::write(folder.join("publishers.toml"), publishers).unwrap();
        folder
    };
    PACKED.get_or_init(pack).clone()
}

/// Whom the operator of these tests believes.
pub fn operator_key() -> SecretKey {
    SecretKey::new(&[7; 32])
}

/// A package of a built plugin with changes to its manifest.
pub fn package(plugin: &str, changes: &[(&str, &str)]) -> Package {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("integrations-plugins")
        .join(plugin);
    let mut manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    for (from, to) in changes {
        assert!(manifest.contains(from), "{from}");
        manifest = manifest.replacen(from, to, 1);
    }
    let component = std::fs::read(folder.join("plugin.wasm")).unwrap();
    let files = [
        ("plugin.toml".to_owned(), manifest.into_bytes()),
        ("plugin.wasm".to_owned(), component),
    ];
    Contents::of(files).unwrap().pack()
}

/// The plugins, or nothing with a word why where nothing can compile them.
pub fn catalogue() -> Option<Catalogue> {
    static BUILT: OnceLock<Result<Catalogue, String>> = OnceLock::new();
    let build = || {
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("integrations-plugins");
        let guests: Vec<PathBuf> = GUESTS.iter().map(|guest| root().join(guest)).collect();
        let guests: Vec<&Path> = guests.iter().map(PathBuf::as_path).collect();
        match platform_plugin_build::build_guests(&guests, &out, &mut |_| {}) {
            Ok(()) => {}
            Err(error) if error.to_string().contains("no compiler for WebAssembly") => {
                return Err(error.to_string());
            }
            Err(error) => panic!("{error:?}"),
        }
        Ok(Catalogue::load(&out).unwrap())
    };
    match BUILT.get_or_init(build) {
        Ok(catalogue) => Some(catalogue.clone()),
        Err(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}

/// The program that runs guests. `cargo test` has just built it; `cargo test --test it` has not.
fn worker() -> WorkerCommand {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let find = || {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let tests = std::env::current_exe().unwrap();
        let program = tests.parent().unwrap().with_file_name("examples/plugin-worker");
        let sources = newest(&root().join("platform/plugin-host/src"));
        if modified(&program).is_none_or(|built| built < sources) {
            let built = Command::new(env!("CARGO"))
                .args([
                    "build",
                    "-p",
                    "integrations",
                    "--example",
                    "plugin-worker",
                    "--target-dir",
                ])
                .arg(target)
                .current_dir(root())
                .status()
                .unwrap();
            assert!(built.success(), "the worker is built");
        }
        program
    };
    let program = PROGRAM.get_or_init(find).clone();
    WorkerCommand { program, args: vec![] }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

fn newest(folder: &Path) -> SystemTime {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let times = entries.map(|path| {
        if path.is_dir() {
            newest(&path)
        } else {
            modified(&path).unwrap()
        }
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Compiled once for all tests of this machine.
fn artefacts() -> ArtefactStore {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artefacts");
    ArtefactStore::in_folder(&folder, [1; 32]).unwrap()
}

/// A host with a worker of its own.
pub fn own_host(allow: &str) -> PluginHost {
    let allow = allow.parse().unwrap();
    PluginHost::new(HostOptions {
        worker: worker(),
        allow,
        artefacts: artefacts(),
    })
    .unwrap()
}

/// As many as there are tests that want one.
const PROVIDERS: usize = 26;

struct Shared {
    host: PluginHost,
    free: Mutex<Vec<Simulator>>,
}

/// A provider of the test's own, and the host that all tests share: each component is compiled once.
pub async fn provider(config: Config) -> (PluginHost, Simulator) {
    static SHARED: tokio::sync::OnceCell<Shared> = tokio::sync::OnceCell::const_new();
    let start = || async {
        let mut free = Vec::new();
        for _ in 0..PROVIDERS {
            free.push(Simulator::start(Config::default()).await.unwrap());
        }
        let origins: Vec<String> = free.iter().map(Simulator::origin).collect();
        Shared {
            host: own_host(&origins.join(",")),
            free: Mutex::new(free),
        }
    };
    let shared = SHARED.get_or_init(start).await;
    let simulator = shared.free.lock().unwrap().pop().expect("PROVIDERS is large enough");
    simulator.control(|now| *now = config);
    (shared.host.clone(), simulator)
}
