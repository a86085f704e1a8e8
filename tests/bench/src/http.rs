//! A small HTTP/1.1 client that costs little beside the server it measures: one thread and one buffer per connection.

use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

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
        let head = loop {
            let more = self.stream.read(&mut self.buffer[filled..])?;
            ensure!(more > 0, "the server closed the connection");
            // The end may lie across two reads.
            let from = filled.saturating_sub(3);
            filled += more;
            let end = self.buffer[from..filled]
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break from + end + 4;
            }
        };
        let (status, length) = read_head(std::str::from_utf8(&self.buffer[..head])?)?;
        let end = head + length;
        ensure!(end <= self.buffer.len(), "an answer of {length} bytes");
        while filled < end {
            let more = self.stream.read(&mut self.buffer[filled..])?;
            ensure!(more > 0, "the server closed the connection");
            filled += more;
        }
        Ok((status, &self.buffer[head..end]))
    }
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

/// Keeps every connection busy with one request after the other for a while; `write` makes the requests.
pub fn drive(
    connections: &mut [Connection],
    time: Duration,
    status: u16,
    write: &(impl Fn(usize, &mut Vec<u8>) + Sync),
) -> Result<Run> {
    let began = Instant::now();
    let one = |place: usize, connection: &mut Connection| -> Result<Vec<u32>> {
        let mut latencies = Vec::with_capacity(1 << 16);
        let mut request = Vec::with_capacity(2048);
        let mut sent = Instant::now();
        while sent.duration_since(began) < time {
            request.clear();
            write(place, &mut request);
            let (answered, body) = connection.call(&request)?;
            ensure!(
                answered == status,
                "{answered} instead of {status}: {}",
                String::from_utf8_lossy(body)
            );
            let now = Instant::now();
            latencies.push(u32::try_from(now.duration_since(sent).as_micros())?);
            sent = now;
        }
        Ok(latencies)
    };
    let mut latencies_us = std::thread::scope(|scope| {
        let threads: Vec<_> = connections
            .iter_mut()
            .enumerate()
            .map(|(place, connection)| scope.spawn(move || one(place, connection)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(latencies) => all.extend(latencies?),
                Err(_) => bail!("a connection's thread panicked"),
            }
        }
        Ok(all)
    })?;
    latencies_us.sort_unstable();
    Ok(Run {
        requests: f64::from(u32::try_from(latencies_us.len())?),
        seconds: began.elapsed().as_secs_f64(),
        latencies_us,
    })
}
