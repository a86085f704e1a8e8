//! Domains that organizations prove.

use axum::http::StatusCode;
use platform_core::ids;
use serde_json::json;

use crate::scene::Scene;

#[tokio::test]
async fn a_domain_is_proved_by_its_record_and_belongs_to_one_organization() {
    let scene = Scene::new(false).await;
    let named = scene
        .as_owner("/organization/domains", json!({"domain": scene.domain.to_uppercase()}))
        .await;
    assert_eq!(named.text("/domain"), scene.domain);
    let id = named.text("/id");
    let path = format!("/organization/domains/{id}/verify");
    assert_eq!(scene.as_owner(&path, json!({})).await.text("/code"), "domain_unproved");
    let joining = format!("/organization/domains/{id}/joining");
    let early = scene.as_owner(&joining, json!({"provider": scene.id})).await;
    assert_eq!(early.text("/code"), "domain_unproved");
    scene.publish(&named);
    assert_eq!(scene.as_owner(&path, json!({})).await.status, StatusCode::OK);

    // Another organization may name it, but not with our record, and not prove it while it is ours.
    let (_, rival) = scene.world.company("Rivals").await;
    let theirs = scene
        .world
        .post_as(&rival.token(), "/organization/domains", json!({"domain": scene.domain}))
        .await;
    assert_ne!(theirs.text("/record_value"), named.text("/record_value"));
    let their_path = format!("/organization/domains/{}/verify", theirs.text("/id"));
    let unproved = scene.world.post_as(&rival.token(), &their_path, json!({})).await;
    assert_eq!(unproved.text("/code"), "domain_unproved");
    scene
        .zone
        .0
        .lock()
        .unwrap()
        .get_mut(&theirs.text("/record_name"))
        .unwrap()
        .push(theirs.text("/record_value"));
    let taken = scene.world.post_as(&rival.token(), &their_path, json!({})).await;
    assert_eq!(taken.text("/code"), "domain_taken");
    // Nor see ours, nor touch it.
    let listed = scene.world.get_as(&rival.token(), "/organization/domains").await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        scene
            .world
            .post_as(&rival.token(), &joining, json!({"provider": null}))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let missing = format!("/organization/domains/{}/joining", ids::new_id());
    let not_there = scene
        .world
        .post_as(&rival.token(), &missing, json!({"provider": null}))
        .await;
    assert_eq!(not_there.status, StatusCode::NOT_FOUND);

    // A viewer may not.
    let open = scene.as_owner(&joining, json!({"provider": scene.id})).await;
    assert_eq!(open.status, StatusCode::OK, "{open:?}");
    let viewer = scene.sign_in("no-hd").await;
    assert_eq!(
        viewer.status,
        StatusCode::OK,
        "a provider of one company needs no hd: {viewer:?}"
    );
    let refused = scene.world.get_as(&viewer.token(), "/organization/domains").await;
    assert_eq!(refused.text("/code"), "forbidden");
}
