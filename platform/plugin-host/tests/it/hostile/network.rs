//! P7: nothing leaves that leads inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{check, told};
use crate::support::{Installation, block_on, host, plugin};

/// A listener that counts who comes.
async fn counting(address: &str) -> Option<(u16, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind(address).await.ok()?;
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = came.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    Some((port, came))
}

/// Sends everybody on to another address.
async fn redirecting(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let answer =
                format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    origin
}

#[test]
fn no_connection_is_made_to_the_inside() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let (port, came) = counting("0.0.0.0:0").await.unwrap();
        let six = counting(&format!("[::1]:{port}")).await;
        let hosts = [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "0.0.0.0",
            "0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "ip6-localhost",
            "metadata.google.internal",
            "①②⑦.⓪.⓪.①",
        ];
        let mut urls = Vec::new();
        for name in hosts {
            for scheme in ["http", "https"] {
                urls.push(format!("{scheme}://{name}:{port}/"));
                urls.push(format!("{scheme}://{name}/"));
            }
            urls.push(format!("https://user:pass@{name}:{port}/"));
            urls.push(format!("https://provider.example@{name}:{port}/"));
        }
        for odd in [
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "gopher://127.0.0.1:1/",
            "unix:/run/postgresql",
            "//127.0.0.1/",
        ] {
            urls.push(odd.to_owned());
        }
        let (mut tried, mut reached) = (0, Vec::new());
        let host = host("");
        for some in urls.chunks(8) {
            for url in some {
                // Granted by an administrator who was talked into it: the guard refuses all the same.
                let settings = json!({"behaviour": "fetch_each", "targets": url, "base_url": url});
                let mut installation = Installation::new(&guest, settings);
                installation.limits.http_timeout_ms = 500;
                let said = told(&installation.pull(&host, None).await);
                tried += 1;
                if said.contains("Ok(") {
                    reached.push(said);
                }
            }
        }
        let to = format!("http://127.0.0.1:{port}/");
        let origin = redirecting(to).await;
        let allowed = host.with_allow(origin.parse().unwrap()).unwrap();
        let redirected = Installation::new(
            &guest,
            json!({"behaviour": "fetch_each", "targets": origin, "base_url": origin}),
        );
        let said = told(&redirected.pull(&allowed, None).await);
        assert!(said.contains("Ok(302)"), "a redirect is an answer: {said}");
        let six = six.map_or(0, |(_, came)| came.load(Ordering::Relaxed));
        let connections = came.load(Ordering::Relaxed) + six;
        let figure = format!(
            "{connections} connections and {} answers of {tried} addresses and a redirect",
            reached.len()
        );
        check("P7", connections == 0 && reached.is_empty(), &figure);
    });
}
