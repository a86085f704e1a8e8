//! What the product says to its operator while a test runs.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Every log line of this process from now on.
#[derive(Clone, Default)]
pub struct Overheard(Arc<Mutex<Vec<u8>>>);

impl Overheard {
    /// Begins to listen, at every level up to this one. A process has one listener.
    pub fn from_now_on(level: LevelFilter) -> Self {
        let heard = Self::default();
        let listener = tracing_subscriber::fmt().with_max_level(level).with_ansi(false);
        listener.with_writer(heard.clone()).init();
        heard
    }

    /// What was said since the last time.
    pub fn take(&self) -> String {
        let said = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Write for Overheard {
    fn write(&mut self, said: &[u8]) -> std::io::Result<usize> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend_from_slice(said);
        Ok(said.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Overheard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
