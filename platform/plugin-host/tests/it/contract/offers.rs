//! What the host offers guests, and where it ends.

use platform_plugin_host::{CallError, FaultKind, KvRoom};

use super::{Vehicles, behaving, server, told};
use crate::support::{block_on, host};

#[test]
fn stored_values_are_compared_listed_and_counted() {
    block_on(async {
        let host = host("");
        let Some(guest) = behaving("kv_compare", "https://api.example.com") else {
            return;
        };
        guest.put("n", "5");
        let outcome = host.call_fuel_pull(guest.call(), None, crate::support::now()).await;
        assert_eq!(told(&outcome), "Some(7) false true Some(2)");
        assert!(outcome.kv_writes.is_empty(), "a failure keeps nothing");

        let guest = behaving("kv_list", "https://api.example.com").unwrap();
        for key in ["list/a", "list/c", "list/d", "other"] {
            guest.put(key, "1");
        }
        let outcome = guest.pull(&host, None).await;
        assert_eq!(told(&outcome), r#"["list/a", "list/b"] ["list/d"]"#);

        let guest = behaving("kv_full", "https://api.example.com").unwrap();
        assert_eq!(told(&guest.pull(&host, None).await), "kept");
        guest.put(
            "much",
            &"x".repeat(usize::try_from(platform_plugin_host::MAX_KEPT_BYTES).unwrap() - 500),
        );
        assert_eq!(told(&guest.pull(&host, None).await), "quota");
        assert_eq!(KvRoom::beside(u64::MAX, 0).keys, 0);
    });
}

#[test]
fn secrets_sign_prove_and_stay() {
    block_on(async {
        let Some(guest) = behaving("secrets", "https://api.example.com") else {
            return;
        };
        let said = told(&guest.pull(&host(""), None).await);
        let words: Vec<_> = said.split(' ').collect();
        // RFC 4231, test case 2: the key "Jefe" is declared in hexadecimal.
        assert_eq!(
            words[0],
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(words[1..3], ["true", "false"]);
        assert_eq!(words[4..], ["true", "true", "true"], "{said}");
        assert_eq!(words[3].len(), 64);
    });
}

#[test]
fn a_token_is_captured_used_and_never_seen() {
    block_on(async {
        let server = server().await;
        let host = host(&server);
        let Some(guest) = behaving("login", &server) else {
            return;
        };
        let mut call = guest.call();
        call.record = true;
        let outcome = host.call_fuel_pull(call, None, crate::support::now()).await;
        let said = told(&outcome);
        assert!(said.starts_with("false true "), "{said}");
        assert!(said.contains(r#"{"access":{"token":"***"},"hello":"***"}"#), "{said}");
        assert!(said.contains("authorization: Bearer ***"), "{said}");
        let recording = outcome.recording.unwrap().to_bytes().unwrap();
        for secret in ["captured-token-1", "top-secret-value"] {
            let found = recording.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
            assert!(
                !found && !said.contains(secret),
                "{secret} is in the recording or was told"
            );
        }

        let again = |behaviour: &str| behaving(behaviour, &server).unwrap();
        assert_eq!(told(&again("logged_in").pull(&host, None).await), "true");
        let mut other = again("logged_in");
        other.organization_id = "0190c5a0-0000-7000-8000-00000000000f".into();
        assert_eq!(
            told(&other.pull(&host, None).await),
            "false",
            "a token is one installation's"
        );
        assert_eq!(told(&again("log_out").pull(&host, None).await), "false");
        assert_eq!(told(&again("logged_in").pull(&host, None).await), "false");
    });
}

#[test]
fn several_requests_are_answered_in_their_order() {
    block_on(async {
        let server = server().await;
        let Some(guest) = behaving("several", &server) else {
            return;
        };
        let outcome = guest.pull(&host(&server), None).await;
        assert_eq!(told(&outcome), "0 1 2 3 4 5 6 7 8 9 10 11");
        assert_eq!((outcome.http.len(), outcome.stats.http_calls), (12, 12));
    });
}

#[test]
fn a_grant_is_for_methods_and_paths() {
    block_on(async {
        let server = server().await;
        let Some(guest) = behaving("beyond_grant", &server) else {
            return;
        };
        let outcome = guest.pull(&host(&server), None).await;
        let said = told(&outcome);
        assert_eq!(said.matches("is not granted to this plugin").count(), 3, "{said}");
        assert!(outcome.http.iter().all(|record| record.status.is_none()));
    });
}

#[test]
fn rows_are_read_as_far_as_they_were_granted() {
    block_on(async {
        let Some(mut guest) = behaving("rows", "https://api.example.com") else {
            return;
        };
        let host = host("");
        let mut call = guest.call();
        call.directory = &Vehicles;
        let said = told(&host.call_fuel_pull(call, None, crate::support::now()).await);
        assert!(
            said.contains("ABC 1234") && said.contains(r#"String("active")"#),
            "{said}"
        );
        assert!(
            said.contains("hr.employees") && said.contains("purchase_price"),
            "{said}"
        );
        guest.grants.reads.clear();
        let mut call = guest.call();
        call.directory = &Vehicles;
        let denied = host.call_fuel_pull(call, None, crate::support::now()).await;
        assert!(
            matches!(&denied.answer, Err(CallError::Failure(failure)) if failure.code == "denied"),
            "{denied:?}"
        );
    });
}

#[test]
fn chance_is_fresh_and_measured() {
    block_on(async {
        let Some(guest) = behaving("random", "https://api.example.com") else {
            return;
        };
        let host = host("");
        let (first, second) = (
            told(&guest.pull(&host, None).await),
            told(&guest.pull(&host, None).await),
        );
        assert_eq!((first.len(), first != second), (32, true));
        let much = behaving("much_random", "https://api.example.com")
            .unwrap()
            .pull(&host, None)
            .await;
        assert!(
            matches!(&much.answer, Err(CallError::Fault(fault)) if fault.kind == FaultKind::Budget),
            "{much:?}"
        );
    });
}
