//! The catalogue's A14: addresses of the inside that somebody types in as settings, in every spelling.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::guests::block_on;
use crate::world::{KEY, World, few_pages, quick};

/// Names and numbers that lead to this machine or into its network.
const INSIDE: [&str; 24] = [
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "１２７.0.0.1",
    "0.0.0.0",
    "0",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[fd00::1]",
    "localhost",
    "LOCALHOST.",
];

#[test]
fn no_setting_leads_inside() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let reached = Arc::new(AtomicUsize::new(0));
        let counted = reached.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Whoever comes is counted.
        TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        while reached.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }

        let path = world.install().await;
        let configure = format!("{path}/configure");
        let (mut refused, mut failed) = (0, 0);
        for host in INSIDE {
            for scheme in ["https", "http"] {
                let base_url = format!("{scheme}://{host}:{port}");
                let body = json!({"settings": {"base_url": base_url}, "secrets": {"api_key": KEY}});
                let answer = world.post(&configure, body).await;
                if answer.status.as_u16() == 422 {
                    assert!(answer.refused().contains_key("settings.base_url"), "{:#}", answer.json);
                    refused += 1;
                    continue;
                }
                // A name says where it leads only when it is looked up.
                let row = answer.expect(200);
                assert_eq!(row["status"], "active", "{base_url}: {row:#}");
                let run = world.run(&path).await;
                assert_eq!(run["status"], "failed", "{base_url}: {run:#}");
                failed += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let connections = reached.load(Ordering::Relaxed) - 1;
        assert_eq!(connections, 0);
        assert!(failed > 0, "a name of this machine is looked up");
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "CHECK A14 pass {connections} connections; {refused} settings refused by their form, {failed} runs stopped when \
             the name was looked up"
        )
        .unwrap();
    });
}
