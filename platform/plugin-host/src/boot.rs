//! The first words between the server and a process it started, before their conversation proper.
//!
//! One program plays both parts. What it is comes in the first frame on its standard input, not on its command line, so that
//! everybody who can start a worker can start a compiler too.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::wire::{self, Declared};

/// What names an engine's settings: code compiled under another one is not loaded.
pub(crate) type Fingerprint = [u8; 32];

/// The first frame.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Begin {
    /// Runs guests until the pipe is closed.
    Serve {
        /// User and group to become, where the process still is root.
        identity: Option<u32>,
        /// The descriptor on which loads arrive.
        loads: i32,
    },
    /// Compiles one component, answers with [`Compiled`] and the artefact's bytes, and ends.
    Compile {
        identity: Option<u32>,
        #[serde(with = "crate::octets")]
        component: Vec<u8>,
    },
}

/// Announces an artefact; its descriptor travels with these bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub slot: u64,
    pub declared: Declared,
    pub length: u64,
}

/// What a compiler says before the artefact's bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub fingerprint: Fingerprint,
    /// Why the component is refused.
    pub refusal: Option<String>,
}

/// The largest [`Offer`] as it travels.
pub(crate) const MAX_OFFER_BYTES: usize = 256;

/// Reads the first frame, and not a byte more: what follows belongs to somebody else.
pub(crate) fn read(stdin: &mut File) -> anyhow::Result<Begin> {
    let mut length = [0; 4];
    stdin.read_exact(&mut length).context("reading the first frame")?;
    let length = usize::try_from(u32::from_le_bytes(length)).context("usize holds 32 bits")?;
    ensure!(length <= wire::MAX_FRAME_BYTES, "a first frame of {length} bytes");
    let mut body = vec![0; length];
    stdin.read_exact(&mut body).context("reading the first frame")?;
    wire::decode(&body)
}
