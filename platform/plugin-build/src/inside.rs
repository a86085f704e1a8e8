//! What a component asks of its host and what it offers.

use anyhow::{Context, bail};
use wit_component::DecodedWasm;

/// Names of interfaces, as `barq:plugin/http@1.0.0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interfaces {
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// Reads them out of a component.
pub fn interfaces(component: &[u8]) -> anyhow::Result<Interfaces> {
    let decoded = wit_component::decode(component).context("this is no component")?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        bail!("this is a description of interfaces, not a component");
    };
    let world = &resolve.worlds[world];
    let mut imports: Vec<_> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    let mut exports: Vec<_> = world.exports.keys().map(|key| resolve.name_world_key(key)).collect();
    imports.sort();
    exports.sort();
    Ok(Interfaces { imports, exports })
}
