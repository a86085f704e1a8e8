//! A recorded call, made again.

use platform_plugin_host::{Recording, ReplayError};

use super::{Vehicles, behaving, server};
use crate::support::{block_on, host, now, plugin};

#[test]
fn a_recorded_call_gives_the_same_bytes_and_goes_nowhere() {
    block_on(async {
        let server = server().await;
        let host = host(&server);
        let Some(guest) = behaving("all", &server) else { return };
        for round in 0..10 {
            let mut call = guest.call();
            call.record = true;
            call.directory = &Vehicles;
            let outcome = host.call_fuel_pull(call, None, now()).await;
            let page = outcome.answer.unwrap();
            assert_eq!(page.transactions[0].plate_ref.as_deref(), Some("ABC 1234"));
            let bytes = outcome.recording.unwrap().to_bytes().unwrap();
            assert!(
                !bytes.windows(16).any(|part| part == b"top-secret-value"),
                "round {round}"
            );
            let recording = Recording::from_bytes(&bytes).unwrap();
            // The guard of this host lets nothing through.
            let replayed = super::super::support::host("")
                .replay(&guest.plugin, &recording)
                .await
                .unwrap();
            assert!(replayed.same, "round {round}");
            assert_eq!(replayed.output, recording.output);
            let calls: Vec<_> = recording.steps().into_iter().map(|step| step.call).collect();
            let expected = [
                "clock.now",
                "kv.get",
                "random.bytes",
                "secrets.sign",
                "http.send",
                "directory.read",
                "log.write",
            ];
            let found: Vec<_> = calls.iter().filter(|call| expected.contains(&call.as_str())).collect();
            assert_eq!(found, expected, "{calls:?}");
        }
    });
}

#[test]
fn a_call_that_goes_another_way_is_stopped_at_that_step() {
    block_on(async {
        let Some(guest) = behaving("kv_compare", "https://api.example.com") else {
            return;
        };
        let host = host("");
        let record = async |behaviour: &str| {
            let guest = behaving(behaviour, "https://api.example.com").unwrap();
            let mut call = guest.call();
            call.record = true;
            host.call_fuel_pull(call, None, now()).await.recording.unwrap()
        };
        let (compare, list) = (record("kv_compare").await, record("kv_list").await);
        assert!(host.replay(&guest.plugin, &compare).await.unwrap().same);
        // The settings of one call with the answers of another.
        let mixed = compare.with_answers_of(&list);
        match host.replay(&guest.plugin, &mixed).await {
            Err(ReplayError::Diverged { step, recorded, now }) => {
                assert!(step > 1 && recorded != now, "step {step}: {recorded}, {now}");
            }
            other => panic!("{other:?}"),
        }
        let other = plugin("hostile-guest").unwrap();
        assert_eq!(host.replay(&other, &compare).await, Err(ReplayError::OtherComponent));
        assert!(Recording::from_bytes(&[9, 1, 2]).is_err());
    });
}

#[test]
fn a_call_that_was_ended_cannot_be_repeated() {
    block_on(async {
        let Some(guest) = behaving("much_random", "https://api.example.com") else {
            return;
        };
        let host = host("");
        let mut call = guest.call();
        call.record = true;
        let recording = host.call_fuel_pull(call, None, now()).await.recording.unwrap();
        let replayed = host.replay(&guest.plugin, &recording).await;
        assert!(matches!(replayed, Err(ReplayError::Incomplete(_))), "{replayed:?}");
    });
}
