//! What the DNS says of a domain.

use anyhow::{Context, Result};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolverConfig;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use platform_core::Boxed;

/// Asks for the texts of a name.
pub trait TextRecords: Send + Sync + 'static {
    /// The TXT records of a name; none when there is no such name.
    fn texts<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<String>>>;
}

/// Asks the DNS.
pub struct Dns(TokioResolver);

impl Dns {
    /// As the machine is set up.
    pub fn system() -> Result<Self> {
        let builder = TokioResolver::builder_tokio().context("reading how the machine asks the DNS")?;
        Ok(Self(builder.build().context("preparing to ask the DNS")?))
    }

    /// Through name servers of one's own choice.
    pub fn through(servers: ResolverConfig) -> Result<Self> {
        let builder = TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
        Ok(Self(builder.build().context("preparing to ask the DNS")?))
    }
}

impl TextRecords for Dns {
    fn texts<'a>(&'a self, name: &'a str) -> Boxed<'a, Result<Vec<String>>> {
        Box::pin(async move {
            // What was asked a minute ago may be wrong now: somebody is just setting it.
            self.0.clear_cache();
            // The dot at the end: the name is whole, and nothing of ours is put behind it.
            let found = match self.0.txt_lookup(format!("{name}.")).await {
                Ok(found) => found,
                Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            };
            let texts = found.answers().iter().filter_map(|record| match &record.data {
                // A long text comes in pieces.
                RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
                _ => None,
            });
            Ok(texts.collect())
        })
    }
}

/// Asks nobody, where the machine says nothing of a DNS.
pub struct Nobody;

impl TextRecords for Nobody {
    fn texts<'a>(&'a self, _: &'a str) -> Boxed<'a, Result<Vec<String>>> {
        Box::pin(async { anyhow::bail!("this machine has no DNS") })
    }
}
