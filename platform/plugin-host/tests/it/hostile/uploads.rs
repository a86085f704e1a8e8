//! P4 and P5: uploads that are no plugins, and plugins that want what no plugin gets.

use arbitrary::Unstructured;
use platform_plugin_host::{FaultKind, Plugin, PluginHost};

use super::handmade::{Handmade, component, length, with_bytes};
use super::{check, fault, is_long};
use crate::support::{Installation, block_on, host, own_host, plugin};

/// Imports that no manifest can grant.
pub const IMPORTS: [&str; 14] = [
    "wasi:filesystem/types@0.2.6",
    "wasi:filesystem/preopens@0.2.6",
    "wasi:sockets/tcp@0.2.6",
    "wasi:sockets/udp@0.2.6",
    "wasi:sockets/ip-name-lookup@0.2.6",
    "wasi:cli/environment@0.2.6",
    "wasi:cli/stdin@0.2.6",
    "wasi:clocks/wall-clock@0.2.6",
    "wasi:clocks/monotonic-clock@0.2.6",
    "wasi:random/random@0.2.6",
    "wasi:http/outgoing-handler@0.2.6",
    "barq:plugin/database@1.0.0",
    "barq:plugin/http@9.0.0",
    "env:process/spawn@1.0.0",
];

/// Answers that are not what the contract says.
pub const ANSWERS: [&str; 8] = [
    "no such case of a result",
    "no such case of a variant",
    "text beyond memory",
    "text of 2 GiB",
    "text that is not UTF-8",
    "an answer beyond memory",
    "an answer off its alignment",
    "the host's memory in nowhere",
];

/// Proposals that are switched off, each in a component that is fine otherwise.
const PROPOSALS: [(&str, &str); 9] = [
    ("threads", "(memory 1 1 shared)"),
    ("memory64", "(memory i64 1)"),
    (
        "relaxed simd",
        "(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))",
    ),
    ("exceptions", "(tag $t) (func (throw $t))"),
    ("garbage collection", "(type (struct (field i32)))"),
    (
        "function references",
        "(type $f (func)) (func (param (ref $f)) (call_ref $f (local.get 0)))",
    ),
    ("custom page sizes", "(memory 1 (pagesize 1))"),
    (
        "wide arithmetic",
        "(func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1)))",
    ),
    (
        "stack switching",
        "(type $f (func)) (type $c (cont $f)) (func (drop (ref.null $c)))",
    ),
];

async fn refusal(host: &PluginHost, plugin: &Plugin) -> Option<String> {
    match host.prepare(plugin).await {
        Ok(()) => None,
        Err(fault) if fault.kind == FaultKind::Denied => Some(fault.detail),
        Err(other) => panic!("refused for another reason: {other:?}"),
    }
}

#[test]
fn proposals_and_asynchronous_components_are_refused() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let mut accepted = Vec::new();
        for (name, fields) in PROPOSALS {
            let fields = format!(r#"(memory (export "memory") 2) {fields}"#);
            let with = Handmade {
                fields: &fields,
                ..Handmade::default()
            };
            if refusal(&host, &with.plugin(&guest)).await.is_none() {
                accepted.push(name);
            }
        }
        let asynchronous = [
            "(component (core func $f (canon task.cancel)))",
            "(component (type $s (stream u8)) (core func (canon stream.new $s)))",
            r#"(component (import "f" (func async (result u32))))"#,
            "(component (core func (canon thread.yield)))",
            "(component (core func (canon error-context.drop)))",
        ];
        for text in asynchronous {
            // Text of a proposal that this tool does not know cannot be uploaded either.
            if let Ok(bytes) = wat::parse_str(text)
                && refusal(&host, &with_bytes(&guest, bytes)).await.is_none()
            {
                accepted.push(text);
            }
        }
        let tried = PROPOSALS.len() + asynchronous.len();
        check(
            "P4",
            accepted.is_empty(),
            &format!("{tried} components with proposals that are off: accepted {accepted:?}"),
        );
    });
}

#[test]
fn imports_that_nobody_has_are_refused() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let mut refused = 0;
        for name in IMPORTS {
            let text = format!(r#"(component (import "{name}" (instance (export "get" (func (result u32))))))"#);
            let why = refusal(&host, &component(&guest, &text)).await;
            let why = why.unwrap_or_else(|| panic!("{name} was accepted"));
            assert!(why.contains("import") && why.contains(name), "{name}: {why}");
            refused += 1;
        }
        // Functions at the root, and a core module among the imports.
        for text in [
            r#"(component (import "open" (func (param "path" string) (result u32))))"#,
            r#"(component (import "code" (core module (export "f" (func)))))"#,
        ] {
            assert!(refusal(&host, &component(&guest, text)).await.is_some(), "{text}");
            refused += 1;
        }
        // What exists but was not asked for in the manifest.
        let mut quiet = guest.clone();
        quiet.manifest.keeps_state = false;
        refused += usize::from(
            refusal(&host, &quiet)
                .await
                .is_some_and(|why| why.contains("barq:plugin/kv")),
        );
        check(
            "P5",
            refused == IMPORTS.len() + 3,
            &format!("{refused} of {} refused", IMPORTS.len() + 3),
        );
    });
}

fn answer(name: &str) -> (&'static str, &'static str) {
    match name {
        "no such case of a result" => (r#"(data (i32.const 1024) "\07\00\00\00")"#, "(i32.const 1024)"),
        "no such case of a variant" => (
            r#"(data (i32.const 1024) "\00\00\00\00\09\00\00\00")"#,
            "(i32.const 1024)",
        ),
        "text beyond memory" => (
            r#"(data (i32.const 1024) "\00\00\00\00\01\00\00\00\00\00\ff\7f\ff\00\00\00")"#,
            "(i32.const 1024)",
        ),
        "text of 2 GiB" => (
            r#"(data (i32.const 1024) "\00\00\00\00\01\00\00\00\00\00\00\00\ff\ff\ff\7f")"#,
            "(i32.const 1024)",
        ),
        "text that is not UTF-8" => (
            r#"(data (i32.const 1024) "\00\00\00\00\01\00\00\00\00\08\00\00\04\00\00\00") (data (i32.const 2048) "\ff\fe\c0\80")"#,
            "(i32.const 1024)",
        ),
        "an answer beyond memory" => ("", "(i32.const 0x7ffffff0)"),
        "an answer off its alignment" => ("", "(i32.const 1021)"),
        "the host's memory in nowhere" => ("", ""),
        other => panic!("{other}"),
    }
}

#[test]
fn answers_that_break_the_contract_are_named() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let mut named = 0;
        for name in ANSWERS {
            let (data, body) = answer(name);
            let fields = format!(r#"(memory (export "memory") 2) {data}"#);
            let with = Handmade {
                fields: &fields,
                body: if body.is_empty() { "(i32.const 1024)" } else { body },
                // Where the host is told to put its words: outside of all memory.
                realloc: if body.is_empty() {
                    "(i32.const 0x7fffff00)"
                } else {
                    "(i32.const 65536)"
                },
                ..Handmade::default()
            };
            let outcome = host
                .call_check(Installation::hostile(&with.plugin(&guest), "").call())
                .await;
            let (kind, detail) = fault(&outcome);
            assert!(
                matches!(kind, FaultKind::Malformed | FaultKind::Trap) && !detail.is_empty(),
                "{name}: {kind:?} {detail}"
            );
            named += 1;
        }
        check(
            "P4",
            named == ANSWERS.len(),
            &format!("{named} of {} malformed answers named", ANSWERS.len()),
        );
    });
}

/// A generator that everybody can have with the same seed.
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// Arbitrary modules and components, and the good component with something broken in it.
fn upload(number: u64, good: &[u8]) -> Vec<u8> {
    let mut seed = Seed(number);
    match number % 5 {
        0 => {
            let bytes = seed.bytes(4_096);
            let module = wasm_smith::Module::new(wasm_smith::Config::default(), &mut Unstructured::new(&bytes));
            module.map(|module| module.to_bytes()).unwrap_or_default()
        }
        1 => {
            let bytes = seed.bytes(4_096);
            let component = wasm_smith::Component::new(wasm_smith::Config::default(), &mut Unstructured::new(&bytes));
            component.map(|component| component.to_bytes()).unwrap_or_default()
        }
        // A valid module of any shape inside a component that instantiates nothing: it is compiled all the same.
        2 => {
            let bytes = seed.bytes(4_096);
            let config = wasm_smith::Config {
                gc_enabled: false,
                exceptions_enabled: false,
                threads_enabled: false,
                memory64_enabled: false,
                relaxed_simd_enabled: false,
                custom_page_sizes_enabled: false,
                wide_arithmetic_enabled: false,
                shared_everything_threads_enabled: false,
                ..wasm_smith::Config::default()
            };
            let module = wasm_smith::Module::new(config, &mut Unstructured::new(&bytes));
            let module = module.map(|module| module.to_bytes()).unwrap_or_default();
            let mut whole = b"\0asm\x0d\0\x01\0\x01".to_vec();
            length(&mut whole, module.len());
            whole.extend_from_slice(&module);
            whole
        }
        3 => good[..seed.below(good.len())].to_vec(),
        _ => {
            let mut broken = good.to_vec();
            for _ in 0..=seed.below(8) {
                let at = seed.below(broken.len());
                broken[at] ^= 1 << seed.below(8);
            }
            broken
        }
    }
}

/// Whether it is a component that somebody else finds valid, with what the good one imports and exports: a changed byte in a
/// constant is another plugin, not a malformed one.
fn another_plugin(bytes: &[u8]) -> bool {
    wit_component::decode(bytes).is_ok()
}

#[test]
fn malformed_uploads_are_refused() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        let before = host.worker_pid().await.unwrap();
        let seeds = if is_long() { 1_000 } else { 60 };
        let (mut refused, mut others, mut wrong, mut failed) = (0, 0, Vec::new(), Vec::new());
        for number in 0..seeds {
            let bytes = upload(number, &guest.component.bytes);
            let plugin = with_bytes(&guest, bytes);
            match refusal(&host, &plugin).await {
                Some(why) if why.contains("the compiler failed") => failed.push((number, why)),
                Some(_) => refused += 1,
                None if number % 5 == 4 && another_plugin(&plugin.component.bytes) => others += 1,
                None => wrong.push(number),
            }
        }
        for oversized in [
            vec![0; 17 << 20],
            [&guest.component.bytes[..], &vec![0; 17 << 20]].concat(),
        ] {
            assert!(
                refusal(&host, &with_bytes(&guest, oversized)).await.is_some(),
                "an upload of 17 MiB"
            );
        }
        assert_eq!(
            host.worker_pid().await.unwrap(),
            before,
            "none of it reached the worker"
        );
        super::behaviour::others_are_fine(&host, &guest).await;
        let figure = format!(
            "of {seeds} uploads {refused} refused, {others} valid all the same with a byte changed, {} accepted that should not be \
             ({wrong:?}), {} failures of the compiler's own process ({failed:?}), none of the host's",
            wrong.len(),
            failed.len()
        );
        check("P4", wrong.is_empty(), &figure);
    });
}
