//! A small HTTP/1.1 client that costs little beside the server it measures: one thread for all, one buffer per connection.

use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A kept-alive connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a server on this machine.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("connecting to the server")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(40)))?;
        Ok(Self {
            stream,
            buffer: vec![0; 1 << 20],
        })
    }

    /// Sends one request and reads the whole answer: its status and body.
    pub fn call(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            let more = self.stream.read(&mut self.buffer[filled..])?;
            ensure!(more > 0, "the server closed the connection");
            filled += more;
            if let Some((status, body)) = whole(&self.buffer[..filled])? {
                return Ok((status, &self.buffer[body..filled]));
            }
        }
    }
}

/// Status and beginning of the body, once the whole answer is there.
fn whole(bytes: &[u8]) -> Result<Option<(u16, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (status, length) = read_head(std::str::from_utf8(&bytes[..end])?)?;
    let body = end + 4;
    Ok((bytes.len() >= body + length).then_some((status, body)))
}

fn read_head(head: &str) -> Result<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .context("a status line")?;
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok((status, value.trim().parse()?));
        }
    }
    if status == 204 {
        return Ok((status, 0));
    }
    bail!("an answer without its length: {head}")
}

/// What a run of requests came to.
pub struct Run {
    /// Answers.
    pub requests: f64,
    /// Wall time.
    pub seconds: f64,
    /// Time of each answer, sorted.
    pub latencies_us: Vec<u32>,
}

impl Run {
    /// The time within which this share of the answers came.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let place = (self.latencies_us.len() as f64 * share) as usize;
        self.latencies_us.get(place).map_or(0.0, |us| f64::from(*us) / 1000.0)
    }
}

/// Keeps every connection busy with one request after the other for a while; `write` makes the requests. One thread for
/// all connections, as `pgbench` has.
pub fn drive(
    connections: &[Connection],
    time: Duration,
    status: u16,
    write: &(impl Fn(usize, &mut Vec<u8>) + Sync),
) -> Result<Run> {
    let began = Instant::now();
    let mut latencies_us = std::thread::scope(|scope| {
        let driver = scope.spawn(|| -> Result<Vec<u32>> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            let all = connections
                .iter()
                .enumerate()
                .map(|(place, connection)| keep_busy(connection, began + time, status, move |out| write(place, out)));
            let latencies = runtime.block_on(futures_util::future::try_join_all(all))?;
            Ok(latencies.concat())
        });
        driver
            .join()
            .unwrap_or_else(|_| bail!("the thread of the connections panicked"))
    })?;
    latencies_us.sort_unstable();
    Ok(Run {
        requests: f64::from(u32::try_from(latencies_us.len())?),
        seconds: began.elapsed().as_secs_f64(),
        latencies_us,
    })
}

async fn keep_busy(
    connection: &Connection,
    until: Instant,
    status: u16,
    write: impl Fn(&mut Vec<u8>),
) -> Result<Vec<u32>> {
    let stream = connection.stream.try_clone()?;
    stream.set_nonblocking(true)?;
    let mut stream = tokio::net::TcpStream::from_std(stream)?;
    let mut latencies = Vec::with_capacity(1 << 16);
    let (mut request, mut answer) = (Vec::with_capacity(2048), Vec::with_capacity(1 << 20));
    let mut sent = Instant::now();
    while sent < until {
        request.clear();
        write(&mut request);
        stream.write_all(&request).await?;
        answer.clear();
        let (answered, body) = loop {
            ensure!(
                stream.read_buf(&mut answer).await? > 0,
                "the server closed the connection"
            );
            if let Some(found) = whole(&answer)? {
                break found;
            }
        };
        ensure!(
            answered == status,
            "{answered} instead of {status}: {}",
            String::from_utf8_lossy(&answer[body..])
        );
        let now = Instant::now();
        latencies.push(u32::try_from(now.duration_since(sent).as_micros())?);
        sent = now;
    }
    // The file description is shared: what is called next on the connection waits again.
    connection.stream.set_nonblocking(false)?;
    Ok(latencies)
}
