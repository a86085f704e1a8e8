//! Signing keys replaced by an operator while people work.

use std::time::Duration;

use chrono::TimeDelta;
use platform_core::Clock;
use tenancy::Rotation;

use crate::catalogue;
use crate::shared::{World, database, noon};

/// The catalogue's A2: calls all the time on two instances, of which the second looks for keys once a minute as it does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_replaced_under_load_and_nobody_notices() {
    let target = database("rotation_load").await;
    let data = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(noon());
    let one = World::start(&target, data.path(), clock.clone()).await;
    let two = World::start(&target, data.path(), clock.clone()).await;
    let (_, owner) = one.company("Rotation").await;
    let (mut token, mut cookie) = (owner.token(), owner.cookie());
    let first = owner.token();
    let rotated_at = noon() + TimeDelta::minutes(5);
    let mut calls = 0;
    let mut signed_by = std::collections::BTreeSet::new();
    // Half an hour in steps of six seconds of the clock.
    for step in 0..300_i64 {
        let now = noon() + TimeDelta::seconds(6 * step);
        clock.set(now);
        if now == rotated_at {
            one.tenancy
                .rotate_keys(now, Rotation::Planned(TimeDelta::minutes(3)))
                .await
                .unwrap();
        }
        if step % 10 == 0 {
            two.tenancy.look_for_keys(now).await.unwrap();
        }
        if step % 50 == 49 {
            let world = if step % 100 == 49 { &one } else { &two };
            let fresh = world.with_cookie("/auth/refresh", &cookie).await;
            assert_eq!(fresh.status.as_u16(), 200, "{fresh:?}");
            (token, cookie) = (fresh.token(), fresh.cookie());
            signed_by.insert(token.split('.').next().unwrap().to_owned());
        }
        let world = if step % 2 == 0 { &one } else { &two };
        assert_eq!(world.knock(&token).await, 200, "second {}", 6 * step);
        calls += 1;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(signed_by.len(), 2, "tokens are signed by the young key in the end");
    // The last token of the old key is over; what the key would sign after that is refused too, as the tests of tokens show.
    for world in [&one, &two] {
        assert_eq!(world.knock(&first).await, 401);
    }
    catalogue::line("A2", &format!("0 of {calls} calls failed while the key was replaced"));
}

#[tokio::test]
async fn a_key_that_somebody_else_has_is_gone_at_once() {
    let target = database("rotation_theft").await;
    let data = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(noon());
    let one = World::start(&target, data.path(), clock.clone()).await;
    let two = World::start(&target, data.path(), clock.clone()).await;
    let (_, owner) = one.company("Theft").await;
    one.tenancy.rotate_keys(noon(), Rotation::Compromised).await.unwrap();
    assert_eq!(one.knock(&owner.token()).await, 401);
    two.tenancy.look_for_keys(noon()).await.unwrap();
    assert_eq!(two.knock(&owner.token()).await, 401);
    let fresh = two.with_cookie("/auth/refresh", &owner.cookie()).await;
    assert_eq!(one.knock(&fresh.token()).await, 200);
    assert_eq!(two.knock(&fresh.token()).await, 200);
}
