//! Components in a worker: offered once, kept while they are used, let go when others are used more.

use std::collections::HashMap;
use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context, ensure};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use tokio::sync::OnceCell;

use crate::artefacts::Sealed;
use crate::boot::{MAX_OFFER_BYTES, Offer};
use crate::limits::MAX_LOADED;
use crate::process::Worker;
use crate::wire::ToWorker;

/// A component and what its manifest lets it import.
pub(crate) type LoadKey = ([u8; 32], Vec<u8>);

/// A component's place in a worker. The worker forgets the component when the last call and the list let go of it.
pub(crate) struct Slot {
    pub number: u64,
    worker: Weak<Worker>,
}

impl Slot {
    pub fn new(number: u64, worker: &Arc<Worker>) -> Arc<Self> {
        Arc::new(Self {
            number,
            worker: Arc::downgrade(worker),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.upgrade() {
            let _ = worker.send(&ToWorker::Unload { slot: self.number });
        }
    }
}

/// Why a component is not ready.
#[derive(Debug)]
pub(crate) enum LoadError {
    Refused(String),
    Lost,
    /// This machine could not compile it now.
    Failed(String),
}

/// The slot, or why the component is refused, once known.
pub(crate) type Loading = Arc<OnceCell<Result<Arc<Slot>, String>>>;

/// What a worker has, by use.
#[derive(Default)]
pub(crate) struct Loads(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    held: HashMap<LoadKey, (Loading, u64)>,
    clock: u64,
}

impl Loads {
    /// The entry, used now. Another one, unused for the longest time, may have to go for it.
    pub fn entry(&self, key: LoadKey) -> Loading {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let now = entries.clock;
        let entry = entries.held.entry(key).or_default();
        entry.1 = now;
        let loading = entry.0.clone();
        let mut gone = None;
        if entries.held.len() > MAX_LOADED {
            let oldest = entries.held.iter().min_by_key(|(_, (_, used))| *used);
            let oldest = oldest.map(|(key, _)| key.clone());
            gone = oldest.and_then(|key| entries.held.remove(&key));
        }
        drop(entries);
        drop(gone);
        loading
    }

    /// Nothing is left of a worker that ended.
    pub fn clear(&self) {
        let held = std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).held);
        drop(held);
    }
}

/// Sends an offer and the file it is about.
pub(crate) fn offer(socket: &OwnedFd, offer: &Offer, sealed: &Sealed) -> anyhow::Result<()> {
    let body = postcard::to_stdvec(offer).context("encoding an offer")?;
    ensure!(body.len() <= MAX_OFFER_BYTES, "an offer of {} bytes", body.len());
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [sealed.file.as_fd()];
    ensure!(
        control.push(SendAncillaryMessage::ScmRights(&files)),
        "no room for a descriptor"
    );
    // One message of one packet: whole or not at all.
    rustix::net::sendmsg(
        socket,
        &[IoSlice::new(&body)],
        &mut control,
        SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
    )
    .context("offering a component to the worker")?;
    Ok(())
}
