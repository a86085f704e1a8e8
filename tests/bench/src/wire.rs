//! Stands between server and database in a short pass of its own, and writes down what the server says.

use anyhow::{Context, Result, ensure};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// One message that the database answers.
#[derive(Clone, Debug)]
pub enum Said {
    /// Text with all its values.
    Simple(String),
    /// A prepared statement with bound values: type and binary form, nothing for NULL.
    Bound {
        text: String,
        values: Vec<(u32, Option<Vec<u8>>)>,
    },
}

impl Said {
    /// The bound values, without NULLs.
    pub fn values(&self) -> impl Iterator<Item = &Vec<u8>> {
        let values: &[_] = match self {
            Self::Simple(_) => &[],
            Self::Bound { values, .. } => values,
        };
        values.iter().filter_map(|(_, bytes)| bytes.as_ref())
    }
}

/// What was said since it was last asked for, and the round trips that it took.
#[derive(Default)]
struct Heard {
    said: Vec<Said>,
    round_trips: u32,
    /// Text of statements that were prepared by name.
    prepared: HashMap<String, String>,
}

/// A listener at a socket of its own.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<Heard>>);

impl Wire {
    /// Listens in a folder and passes everything on to the server's socket.
    pub fn listen(&self, folder: &Path, server: &Path) -> Result<()> {
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).context("listening beside the database")?;
        let (wire, server) = (self.clone(), server.join(".s.PGSQL.5432"));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (wire, server) = (wire.clone(), server.clone());
                // A connection that ends in an error is one that a side has closed.
                tokio::spawn(async move { wire.pass(client, &server).await.is_ok() });
            }
        });
        Ok(())
    }

    /// What the application said since the last call, the number of round trips, and everything that it prepared by name.
    pub fn take(&self) -> (Vec<Said>, u32, HashMap<String, String>) {
        let mut heard = self.heard();
        let prepared = heard.prepared.clone();
        (
            std::mem::take(&mut heard.said),
            std::mem::take(&mut heard.round_trips),
            prepared,
        )
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, client: UnixStream, server: &Path) -> Result<()> {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = UnixStream::connect(server).await?.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await.is_ok() });
        let mut ears = Ears::default();
        let mut chunk = vec![0; 1 << 16];
        loop {
            let length = from_client.read(&mut chunk).await?;
            if length == 0 {
                return Ok(());
            }
            ears.rest.extend_from_slice(&chunk[..length]);
            ears.listen(&mut self.heard())?;
            to_server.write_all(&chunk[..length]).await?;
        }
    }
}

/// What is known of one connection.
#[derive(Default)]
struct Ears {
    rest: Vec<u8>,
    /// Whether it is one of the application's, once it has said so.
    ours: Option<bool>,
    statements: HashMap<String, (String, Vec<u32>)>,
}

impl Ears {
    fn listen(&mut self, heard: &mut Heard) -> Result<()> {
        loop {
            // The first message has no tag.
            let tag = usize::from(self.ours.is_some());
            let Some(bytes) = self.rest.get(tag..tag + 4) else {
                return Ok(());
            };
            let length = u32::from_be_bytes(bytes.try_into()?) as usize + tag;
            if self.rest.len() < length {
                return Ok(());
            }
            let message: Vec<u8> = self.rest.drain(..length).collect();
            match self.ours {
                // The second number of the first message is the protocol's version; another one asks for encryption.
                None if message[4..8] == 196_608_u32.to_be_bytes() => {
                    let text = String::from_utf8_lossy(&message[8..]);
                    self.ours = Some(text.contains("user\0barq_app\0"));
                }
                Some(true) => self.understand(message[0], Reader(&message[5..]), heard)?,
                _ => {}
            }
        }
    }

    fn understand(&mut self, tag: u8, mut body: Reader<'_>, heard: &mut Heard) -> Result<()> {
        match tag {
            b'Q' => {
                let text = body.text()?;
                if let Some((name, statement)) = text.strip_prefix("PREPARE ").and_then(|rest| rest.split_once(" AS "))
                {
                    let name = name.split_once(' ').map_or(name, |(name, _)| name);
                    heard.prepared.insert(name.to_owned(), statement.to_owned());
                }
                heard.said.push(Said::Simple(text));
                heard.round_trips += 1;
            }
            b'S' => heard.round_trips += 1,
            b'P' => {
                let (name, text) = (body.text()?, body.text()?);
                let types = (0..body.short()?).map(|_| body.long()).collect::<Result<_>>()?;
                self.statements.insert(name, (text, types));
            }
            b'B' => {
                body.text()?;
                let (text, types) = self
                    .statements
                    .get(&body.text()?)
                    .context("bound before it is prepared")?;
                for _ in 0..body.short()? {
                    ensure!(body.short()? == 1, "a value in text form");
                }
                let count = usize::from(body.short()?);
                ensure!(count == types.len(), "a statement whose types are not all given");
                let values = types
                    .iter()
                    .map(|kind| Ok((*kind, body.value()?)))
                    .collect::<Result<_>>()?;
                heard.said.push(Said::Bound {
                    text: text.clone(),
                    values,
                });
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads the parts of a message.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).context("a message that ends early")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn short(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.bytes(2)?.try_into()?))
    }

    fn long(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.bytes(4)?.try_into()?))
    }

    fn text(&mut self) -> Result<String> {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .context("a text without its end")?;
        let text = String::from_utf8(self.bytes(end)?.to_vec())?;
        self.bytes(1)?;
        Ok(text)
    }

    fn value(&mut self) -> Result<Option<Vec<u8>>> {
        match self.long()? {
            u32::MAX => Ok(None),
            length => Ok(Some(self.bytes(length as usize)?.to_vec())),
        }
    }
}
