//! Each misbehaviour is stopped within its limit, and the next organization notices nothing.

use std::time::{Duration, Instant};

use platform_plugin_host::{FaultKind, Health, Limits, LogLevel, Outcome, PluginHost};
use serde_json::json;

use super::{fault, told};
use crate::support::{Installation, block_on, host, own_host, plugin};

/// Guests that are named here alone.
pub const GUESTS: [&str; 8] = [
    "panic",
    "bad_records",
    "undeclared_host",
    "private_name",
    "http_flood",
    "plain_credential",
    "steal",
    "secret_elsewhere",
];

/// Short limits, so that reaching them is quick.
fn short() -> Limits {
    Limits {
        wall_ms: 5_000,
        cpu_ms: 200,
        ..Limits::default()
    }
}

/// Another organization's call works, with the answer meant for it.
pub async fn others_are_fine(host: &PluginHost, guest: &platform_plugin_host::Plugin) {
    let mut other = Installation::hostile(guest, "good");
    other.organization_id = "other".into();
    let outcome = other.pull(host, Some("from here".into())).await;
    let page = outcome.answer.expect("another organization's call must work");
    assert_eq!(page.transactions[0].external_id, "other");
    assert_eq!(outcome.logs[0].message, "worked");
    assert!(outcome.logs[0].fields.contains(&("cursor".into(), "from here".into())));
}

#[test]
fn each_misbehaviour_is_stopped_by_its_own_limit() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        let before = host.worker_pid().await.unwrap();
        let cases = [
            ("loop", FaultKind::Timeout, "200 ms of processor time"),
            ("allocate", FaultKind::Memory, "64 MiB"),
            ("recurse", FaultKind::Trap, "crashed"),
            ("panic", FaultKind::Trap, "this was not expected"),
            ("big_output", FaultKind::Budget, "4 MiB"),
            ("many_records", FaultKind::Budget, "5000"),
            ("big_log_line", FaultKind::Budget, "4 MiB"),
            ("call_flood", FaultKind::Budget, "10000 calls"),
            ("cursor_too_long", FaultKind::Malformed, "cursor"),
            ("more_without_cursor", FaultKind::Malformed, "cursor"),
        ];
        for (behaviour, kind, detail) in cases {
            let mut installation = Installation::hostile(&guest, behaviour);
            installation.limits = short();
            // Handing over is work of the host, slow in a debug build.
            if kind != FaultKind::Timeout {
                installation.limits.cpu_ms = 4_000;
            }
            let outcome = installation.pull(&host, None).await;
            let (got, said) = fault(&outcome);
            assert_eq!(got, kind, "{behaviour}: {said}");
            assert!(said.contains(detail), "{behaviour}: {said}");
            assert!(outcome.kv_writes.is_empty());
            others_are_fine(&host, &guest).await;
        }
        assert_eq!(host.worker_pid().await.unwrap(), before, "none of it ended the worker");
    });
}

#[test]
fn a_loop_is_stopped_in_time_and_others_get_their_turn() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        host.prepare(&guest).await.unwrap();
        let looping: Vec<_> = (0..8)
            .map(|of| {
                let (host, guest) = (host.clone(), guest.clone());
                tokio::spawn(async move {
                    let mut installation = Installation::hostile(&guest, "loop");
                    installation.organization_id = format!("spinner-{of}");
                    // Eight of them share a thread that stands behind all others: on a busy machine their turns come late.
                    installation.limits = Limits {
                        wall_ms: 60_000,
                        ..short()
                    };
                    installation.pull(&host, None).await
                })
            })
            .collect();
        let started = Instant::now();
        others_are_fine(&host, &guest).await;
        let waited = started.elapsed();
        for task in looping {
            let outcome = task.await.unwrap();
            assert_eq!(fault(&outcome).0, FaultKind::Timeout);
            assert!(outcome.stats.guest_us >= 200_000, "{:?}", outcome.stats);
        }
        // Eight guests of 200 ms on few cores take more than a second; a good call must not wait for them.
        assert!(
            waited < started.elapsed() / 2,
            "waited {waited:?} of {:?}",
            started.elapsed()
        );
    });
}

#[test]
fn waiting_ends_at_the_deadline() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", silent.local_addr().unwrap());
        let host = host(&origin);
        host.prepare(&guest).await.unwrap();
        let mut installation = Installation::new(&guest, json!({"behaviour": "fetch", "base_url": origin}));
        installation.limits = Limits {
            wall_ms: 300,
            ..Limits::default()
        };
        let started = Instant::now();
        let outcome = installation.pull(&host, None).await;
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        let error = outcome.answer.expect_err("nothing answered");
        // Whichever of the two ends first: the request or the call.
        assert!(
            matches!(error.code().as_str(), "failure.timeout" | "fault.timeout"),
            "{error:?}"
        );
        others_are_fine(&host, &guest).await;
    });
}

#[test]
fn budgets_of_log_and_store_are_kept() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let flood = Installation::hostile(&guest, "log_flood").pull(&host, None).await;
        assert!(flood.answer.is_ok());
        assert_eq!((flood.logs.len(), flood.logs_dropped), (200, 4_800));
        let stored = Installation::hostile(&guest, "kv_flood").pull(&host, None).await;
        assert_eq!(stored.kv_writes.len(), 200);
        assert_eq!(stored.logs[0].fields, [("n".to_owned(), "200".to_owned())]);
        let large = Installation::hostile(&guest, "kv_too_large").pull(&host, None).await;
        assert!(told(&large).contains("TooLarge"));
    });
}

#[test]
fn stored_values_are_read_written_and_dropped_with_a_failure() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let installation = Installation::hostile(&guest, "kv_roundtrip");
        installation
            .kv
            .0
            .lock()
            .unwrap()
            .insert("counter".into(), b"1".to_vec());
        let outcome = installation.pull(&host, None).await;
        let [write] = outcome.kv_writes.as_slice() else {
            panic!("one write")
        };
        assert_eq!(
            (write.key.as_str(), write.value.as_deref()),
            ("counter", Some(b"2".as_slice()))
        );
        let fields = &outcome.logs[0].fields;
        assert_eq!(
            (fields[0].1.as_str(), fields[1].1.as_str()),
            ("Some([49])", "Some([50])")
        );
        let failed = Installation::hostile(&guest, "kv_then_fail").pull(&host, None).await;
        assert!(told(&failed).contains("after writing") && failed.kv_writes.is_empty());
    });
}

#[test]
fn records_are_checked_one_by_one() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let page = Installation::hostile(&guest, "bad_records")
            .pull(&host, None)
            .await
            .answer
            .unwrap();
        assert_eq!(page.transactions.len(), 1);
        assert_eq!(page.transactions[0].card_ref.as_deref(), Some("411111******1111"));
        let refused: Vec<_> = page
            .refused
            .iter()
            .map(|r| (r.external_id.as_str(), r.field.as_str(), r.reason.as_str()))
            .collect();
        let expected = [
            ("future", "occurred_at", "out_of_range"),
            ("huge", "amount_minor", "out_of_range"),
            ("", "external_id", "required"),
        ];
        assert_eq!(refused, expected);
    });
}

#[test]
fn no_request_leaves_that_is_not_granted_and_public() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let server = echo().await;
        let host = host(&server);
        for (behaviour, words) in [
            ("undeclared_host", "not granted"),
            ("private_name", "BlockedAddress"),
            ("private_address", "only https"),
        ] {
            let outcome = Installation::hostile(&guest, behaviour).pull(&host, None).await;
            let said = told(&outcome);
            assert!(said.contains(words), "{behaviour}: {said}");
            assert_eq!(outcome.http.len(), 1);
            assert_eq!(outcome.http[0].status, None);
        }
        let settings = |behaviour: &str| json!({"behaviour": behaviour, "base_url": server});
        let mut refused = Installation::new(&guest, settings("fetch"));
        refused.grants.hosts.clear();
        let outcome = refused.pull(&host, None).await;
        assert_eq!(outcome.answer.expect_err("nothing is granted").code(), "failure.denied");
        let flood = Installation::new(&guest, settings("http_flood"))
            .pull(&host, None)
            .await;
        assert!(told(&flood).contains("Budget"));
        assert_eq!(flood.http.len(), 32);
        let own = Installation::new(&guest, settings("plain_credential"))
            .pull(&host, None)
            .await;
        assert!(told_any(&own).contains("authorization"), "{:?}", own.answer);
    });
}

fn told_any<T: std::fmt::Debug>(outcome: &Outcome<T>) -> String {
    format!("{:?}", outcome.answer.as_ref().expect_err("the guest tells by failing"))
}

/// A server that answers with the request it got.
async fn echo() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&request[..length]).await;
        }
    });
    origin
}

#[test]
fn a_secret_is_sent_but_never_comes_back() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let server = echo().await;
        let host = host(&server);
        let settings = |behaviour: &str| json!({"behaviour": behaviour, "base_url": server});
        let mut installation = Installation::new(&guest, settings("steal"));
        let values = [("api_key", "top-secret-value"), ("sign_only", "Jefe")];
        installation.secrets = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let outcome = installation.pull(&host, None).await;
        let said = told(&outcome);
        assert!(said.contains("authorization: Bearer ***"), "{said}");
        assert!(!format!("{outcome:?}").contains("top-secret-value"));
        installation
            .settings
            .insert("behaviour".into(), json!("secret_elsewhere"));
        let outcome = installation.pull(&host, None).await;
        assert!(
            told_any(&outcome).contains("may not be sent to"),
            "{:?}",
            outcome.answer
        );
        installation.settings.insert("behaviour".into(), json!("sign"));
        let said = told(&installation.pull(&host, None).await);
        // RFC 4231, test case 2; `other` is not in the manifest.
        assert!(said.starts_with("Ok([91, 220, 193, 70, 191"), "{said}");
        assert!(said.contains("NotDeclared") && said.ends_with("true"), "{said}");
    });
}

#[test]
fn a_worker_that_dies_is_replaced() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        host.prepare(&guest).await.unwrap();
        let first = host.worker_pid().await.unwrap();
        let busy = {
            let (host, guest) = (host.clone(), guest.clone());
            tokio::spawn(async move {
                let mut installation = Installation::hostile(&guest, "loop");
                installation.limits = Limits {
                    wall_ms: 30_000,
                    cpu_ms: 30_000,
                    ..Limits::default()
                };
                installation.pull(&host, None).await
            })
        };
        // The call is in the worker once another one got through it.
        others_are_fine(&host, &guest).await;
        let killed = std::process::Command::new("kill")
            .args(["-9", &first.to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        assert_eq!(fault(&busy.await.unwrap()).0, FaultKind::WorkerLost);
        others_are_fine(&host, &guest).await;
        assert_ne!(host.worker_pid().await.unwrap(), first);
    });
}

#[test]
fn a_call_that_is_given_up_is_cancelled() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = own_host("");
        host.prepare(&guest).await.unwrap();
        // More than the pool holds: were they not cancelled, the last ones would find no room.
        for _ in 0..40 {
            let mut installation = Installation::hostile(&guest, "loop");
            installation.limits = Limits {
                wall_ms: 30_000,
                cpu_ms: 30_000,
                ..Limits::default()
            };
            let call = installation.pull(&host, None);
            let given_up = tokio::time::timeout(Duration::from_millis(5), call).await;
            assert!(given_up.is_err(), "a loop does not answer");
        }
        others_are_fine(&host, &guest).await;
    });
}

#[test]
fn a_component_that_wants_more_than_its_manifest_is_refused() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let refusal = |change: fn(&mut platform_plugin_host::Plugin)| {
            let mut plugin = guest.clone();
            change(&mut plugin);
            let host = host.clone();
            async move { host.prepare(&plugin).await.expect_err("it must be refused") }
        };
        let fault = refusal(|plugin| plugin.manifest.keeps_state = false).await;
        assert!(
            fault.kind == FaultKind::Denied && fault.detail.contains("barq:plugin/kv"),
            "{fault:?}"
        );
        let fault = refusal(|plugin| plugin.manifest.secrets.clear()).await;
        assert!(fault.detail.contains("[[secret]]"), "{fault:?}");
        let fault = refusal(|plugin| plugin.manifest.hosts.clear()).await;
        assert!(fault.detail.contains("[[host]]"), "{fault:?}");
        for bytes in [&b""[..], b"text", b"\0asm\x01\0\0\0", &guest.component.bytes[..5_000]] {
            let mut plugin = guest.clone();
            plugin.component = platform_plugin_host::Component::new(bytes.to_vec());
            let fault = host.prepare(&plugin).await.expect_err("it must be refused");
            assert_eq!(fault.kind, FaultKind::Denied, "{fault:?}");
        }
        others_are_fine(&host, &guest).await;
    });
}

#[test]
fn a_connection_test_answers() {
    block_on(async {
        let Some(guest) = plugin("hostile-guest") else { return };
        let host = host("");
        let health = |behaviour: &str| {
            let installation = Installation::hostile(&guest, behaviour);
            let host = host.clone();
            async move { host.call_check(installation.call()).await }
        };
        assert_eq!(health("good").await.answer, Ok(Health::Ok));
        assert_eq!(
            health("degraded").await.answer,
            Ok(Health::Degraded("slow today".into()))
        );
        assert_eq!(fault(&health("loop").await).0, FaultKind::Timeout);
        let outcome = Installation::hostile(&guest, "panic").pull(&host, None).await;
        assert_eq!(
            outcome.logs.last().map(|line| line.level),
            Some(LogLevel::Error),
            "the last words are in the log"
        );
    });
}
