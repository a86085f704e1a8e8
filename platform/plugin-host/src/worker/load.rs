//! Components as they arrive: a descriptor of verified, sealed bytes, mapped and made ready.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::ptr::NonNull;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use rustix::mm::{MapFlags, ProtFlags};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use tokio::runtime::Handle;
use wasmtime::component::Component;

use super::engine::Sandbox;
use super::{Out, loaded};
use crate::artefacts::MAX_ARTEFACT_BYTES;
use crate::boot::{MAX_OFFER_BYTES, Offer};
use crate::wire::FromWorker;

/// Less important than calls: loading one tenant's plugin makes no other one wait.
const NICENESS: i32 = 5;

/// Takes offers until the server is gone, on a thread of its own.
pub(super) fn start(loads: RawFd, sandbox: Arc<Sandbox>, out: Out, runtime: Handle) -> anyhow::Result<()> {
    let socket = take(loads);
    let loader = std::thread::Builder::new().name("loader".into());
    let (started, starting) = std::sync::mpsc::sync_channel(1);
    let serve = move || {
        let _ = rustix::process::setpriority_process(None, NICENESS);
        let _ = started.send(());
        while let Ok(Some((offer, file))) = receive(&socket) {
            let slot = offer.slot;
            let refusal = runtime
                .block_on(loaded(&sandbox, &offer, &file))
                .err()
                .map(|e| format!("{e:#}"));
            if out.send(&FromWorker::Loaded { slot, refusal }).is_err() {
                break;
            }
        }
    };
    loader.spawn(serve).context("starting the loader")?;
    starting.recv().context("starting the loader")
}

#[expect(unsafe_code, reason = "the server names the descriptor by its number")]
fn take(number: RawFd) -> OwnedFd {
    // SAFETY: the server opened it for this process, and the first frame, where its number is from, is read once.
    unsafe { OwnedFd::from_raw_fd(number) }
}

/// The next offer, or nothing when the server closed its end.
fn receive(socket: &OwnedFd) -> anyhow::Result<Option<(Offer, OwnedFd)>> {
    let mut body = [0; MAX_OFFER_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut body)];
    let received = loop {
        match rustix::net::recvmsg(socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            received => break received.context("receiving an offer")?,
        }
    };
    if received.bytes == 0 {
        return Ok(None);
    }
    let file = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let offer = postcard::from_bytes(&body[..received.bytes]).context("decoding an offer")?;
    Ok(Some((offer, file.context("an offer without its file")?)))
}

/// Makes native code of an artefact's bytes. The server verified them before it sealed them, and sealed nothing changes.
#[expect(
    unsafe_code,
    reason = "bytes become native code here; the server vouches for them with the installation's key"
)]
pub(super) fn component(sandbox: &Sandbox, offer: &Offer, file: &OwnedFd) -> anyhow::Result<Component> {
    let mapped = Mapped::new(file, offer.length)?;
    // SAFETY: the bytes are what our compiler process wrote, authenticated since; see `crate::artefacts`.
    let component = unsafe { Component::deserialize(&sandbox.engine, mapped.bytes()) };
    component.map_err(|error| anyhow::Error::from(error).context("this is not a component that can run here"))
}

/// A sealed file in memory, to be read.
struct Mapped {
    start: NonNull<u8>,
    length: usize,
}

#[expect(
    unsafe_code,
    reason = "mapping a file is a promise that it does not change, which its seals keep"
)]
impl Mapped {
    fn new(file: &OwnedFd, length: u64) -> anyhow::Result<Self> {
        ensure!(
            length > 0 && length <= MAX_ARTEFACT_BYTES,
            "an artefact of {length} bytes"
        );
        let seals = rustix::fs::fcntl_get_seals(file).context("looking at the seals")?;
        ensure!(
            seals.contains(rustix::fs::SealFlags::WRITE | rustix::fs::SealFlags::SHRINK),
            "the artefact is not sealed"
        );
        let length = usize::try_from(length).context("the length of an artefact")?;
        // SAFETY: a new mapping at an address of the kernel's choice; the file's size is sealed and was written by the server.
        let start = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                length,
                ProtFlags::READ,
                MapFlags::PRIVATE,
                file,
                0,
            )
        };
        let Some(start) = NonNull::new(start.context("mapping an artefact")?.cast()) else {
            bail!("no address")
        };
        Ok(Self { start, length })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for this length until it is dropped, and sealed against change.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

#[expect(unsafe_code, reason = "the other end of the mapping's life")]
impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and no slice of it outlives it.
        let _ = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), self.length) };
    }
}
