//! Signing keys between instances and over time.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use platform_core::Clock;
use platform_database::Target;
use sqlx::{Connection, PgConnection};

use crate::shared::{World, database, noon};

async fn kids(target: &Target) -> Vec<String> {
    let mut connection = PgConnection::connect(&target.admin_url()).await.unwrap();
    let all = sqlx::query_scalar("SELECT kid FROM identity.signing_keys ORDER BY created_at");
    all.fetch_all(&mut connection).await.unwrap()
}

#[tokio::test]
async fn instances_share_a_key_that_the_database_does_not_reveal() {
    let target = database("shared_keys").await;
    let data = tempfile::tempdir().unwrap();
    let one = World::start(&target, data.path(), Clock::fixed(noon())).await;
    let two = World::start(&target, data.path(), Clock::fixed(noon())).await;
    let (_, owner) = one.company("Shared").await;
    assert_eq!(two.knock(&owner.token()).await, 200);
    assert_eq!(kids(&target).await.len(), 1);
    let mode = std::fs::metadata(data.path().join("keys/sign-in.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    // An instance with another key file neither reads this key nor believes what it signed.
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = World::start(&target, elsewhere.path(), Clock::fixed(noon())).await;
    assert_eq!(stranger.knock(&owner.token()).await, 401);
    let (_, theirs) = stranger.company("Stranger").await;
    one.tenancy.tidy(noon()).await.unwrap();
    assert_eq!(one.knock(&theirs.token()).await, 401);
    assert_eq!(one.knock(&owner.token()).await, 200);
}

#[tokio::test]
async fn a_key_is_replaced_after_three_months_and_nobody_is_signed_out() {
    let target = database("rotated_keys").await;
    let data = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(noon());
    let world = World::start(&target, data.path(), clock.clone()).await;
    let other = World::start(&target, data.path(), clock.clone()).await;
    let first = kids(&target).await;

    let mut now = noon() + TimeDelta::days(90);
    clock.set(now);
    world.tenancy.tidy(now).await.unwrap();
    let both = kids(&target).await;
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    // The young key does not sign before every instance knows it.
    let (_, owner) = world.company("Rotation").await;
    assert_eq!(other.knock(&owner.token()).await, 200);

    now += TimeDelta::hours(24);
    clock.set(now);
    world.tenancy.tidy(now).await.unwrap();
    let refreshed = world.with_cookie("/auth/refresh", &owner.cookie()).await;
    assert_eq!(refreshed.status.as_u16(), 401, "idle for a day");
    let (_, second) = world.company("Young key").await;
    assert_eq!(
        other.knock(&second.token()).await,
        401,
        "an instance that has not looked yet"
    );
    other.tenancy.tidy(now).await.unwrap();
    assert_eq!(other.knock(&second.token()).await, 200);

    now += TimeDelta::days(91);
    clock.set(now);
    world.tenancy.tidy(now).await.unwrap();
    let third = kids(&target).await;
    assert!(!third.contains(&first[0]), "the first key is gone: {third:?}");
}
