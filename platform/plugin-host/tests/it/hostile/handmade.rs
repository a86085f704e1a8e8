//! Guests that no compiler would make: a core module in text, wrapped as a component of the contract's smallest world.

use std::fmt::Write as _;
use std::path::Path;

use platform_plugin_host::{Component, Plugin};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::WasmType;
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WasmExport, WasmExportKind, WorldItem};

const ABI: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// Parts of a core module in text form.
pub struct Handmade<'a> {
    /// Memories, tables, globals, functions, data. Has to export `memory`.
    pub fields: &'a str,
    /// The body of every function of the contract that the guest exports.
    pub body: &'a str,
    /// The body of the function by which the host asks for memory.
    pub realloc: &'a str,
    /// What happens when the host is done with an answer.
    pub after: &'a str,
    /// A section by its number, too large to be written as text.
    pub section: Option<(u8, Vec<u8>)>,
}

impl Default for Handmade<'_> {
    fn default() -> Self {
        Self {
            fields: r#"(memory (export "memory") 2)"#,
            body: "unreachable",
            realloc: "(i32.const 65536)",
            after: "",
            section: None,
        }
    }
}

impl Handmade<'_> {
    /// The plugin: the hostile guest's manifest around this code.
    pub fn plugin(&self, manifest: &Plugin) -> Plugin {
        let mut plugin = with_bytes(manifest, self.component());
        // Nothing but the functions that every plugin has.
        plugin.manifest.exports.clear();
        plugin
    }

    fn component(&self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugin-sdk/wit/since_v1");
        let (package, _) = resolve.push_dir(&wit).expect("the contract can be read");
        let world = resolve
            .select_world(&[package], Some("base"))
            .expect("the smallest world is there");
        let mut text = format!("(module\n{}\n", self.fields);
        for (name, export) in &resolve.worlds[world].exports {
            let WorldItem::Interface { id, .. } = export else {
                panic!("the world exports interfaces")
            };
            for func in resolve.interfaces[*id].functions.values() {
                let signature = resolve.wasm_signature(ABI.export_variant(), func);
                let name_of = |kind| {
                    let interface = Some(name);
                    resolve.wasm_export_name(ABI, WasmExport::Func { interface, func, kind })
                };
                function(
                    &mut text,
                    &name_of(WasmExportKind::Normal),
                    &signature.params,
                    &signature.results,
                    self.body,
                );
                let after = name_of(WasmExportKind::PostReturn);
                function(&mut text, &after, &signature.results, &[], self.after);
            }
        }
        let pointers = [WasmType::I32; 4];
        function(&mut text, "cabi_realloc", &pointers, &pointers[..1], self.realloc);
        text.push(')');
        let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        if let Some((number, content)) = &self.section {
            insert(&mut module, *number, content);
        }
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the world is described");
        let encoder = ComponentEncoder::default()
            .module(&module)
            .expect("the description is read");
        // The host has to judge it, not this tool.
        encoder.validate(false).encode().expect("it becomes a component")
    }
}

fn function(text: &mut String, name: &str, params: &[WasmType], results: &[WasmType], body: &str) {
    write!(text, "(func (export {name:?})").unwrap();
    for (kind, types) in [("param", params), ("result", results)] {
        for ty in types {
            let ty = match ty {
                WasmType::I64 | WasmType::PointerOrI64 => "i64",
                WasmType::F32 => "f32",
                WasmType::F64 => "f64",
                WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
            };
            write!(text, " ({kind} {ty})").unwrap();
        }
    }
    writeln!(text, "\n  {body})").unwrap();
}

/// Puts a section where its number belongs.
fn insert(module: &mut Vec<u8>, number: u8, content: &[u8]) {
    let mut at = 8;
    while at < module.len() && module[at] < number {
        let (mut size, mut shift, mut next) = (0_usize, 0, at + 1);
        loop {
            let byte = module[next];
            size |= usize::from(byte & 0x7f) << shift;
            (shift, next) = (shift + 7, next + 1);
            if byte & 0x80 == 0 {
                break;
            }
        }
        at = next + size;
    }
    let mut section = vec![number];
    length(&mut section, content.len());
    section.extend_from_slice(content);
    module.splice(at..at, section);
}

/// An unsigned number as WebAssembly writes them.
pub fn length(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

/// A component in text form as a plugin.
pub fn component(manifest: &Plugin, text: &str) -> Plugin {
    with_bytes(
        manifest,
        wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")),
    )
}

pub fn with_bytes(manifest: &Plugin, bytes: Vec<u8>) -> Plugin {
    Plugin {
        component: Component::new(bytes),
        ..manifest.clone()
    }
}
