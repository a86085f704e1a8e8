//! The search and its file.

use std::sync::Arc;

use platform_core::{Body, Cx, Handler, Mode, Operation, Platform, Reply, Request, ids};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::shared::{DRIVERS, VANS, create, platform};

fn operation(id: &str) -> Operation {
    let all = platform_audit::module().operations;
    all.into_iter().find(|operation| operation.id == id).unwrap()
}

async fn call(platform: &Arc<Platform>, organization: Uuid, id: &str, query: &str) -> Reply {
    let mut cx = Cx::begin_job(platform, organization, "a test", Mode::Read)
        .await
        .unwrap();
    let request = Request {
        query: query.to_owned(),
        ..Request::default()
    };
    let Handler::Tenant(run) = operation(id).handler else {
        panic!("{id}")
    };
    let reply = run(&mut cx, request).await.unwrap();
    cx.commit().await.unwrap();
    reply
}

fn bytes(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Bytes(bytes) => bytes.to_vec(),
        Body::Empty => Vec::new(),
    }
}

async fn list(platform: &Arc<Platform>, organization: Uuid, query: &str) -> Json {
    serde_json::from_slice(&bytes(&call(platform, organization, "audit.list", query).await)).unwrap()
}

#[tokio::test]
async fn finds_by_everything_and_goes_through_pages() {
    let platform = platform().await;
    let (organization, other) = (ids::new_id(), ids::new_id());
    let mut vans = Vec::new();
    for number in 0..12 {
        vans.push(
            create(&platform, organization, &VANS, json!({"name": format!("van {number}")}))
                .await
                .unwrap(),
        );
    }
    let driver = json!({"full_name": "Salem", "phone": "+966501234567"});
    let driver = create(&platform, organization, &DRIVERS, driver).await.unwrap();
    create(&platform, other, &VANS, json!({"name": "van of another"}))
        .await
        .unwrap();
    let count = async |query: &str| {
        list(&platform, organization, query).await["data"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count("").await, 13);
    assert_eq!(count("resource=yard.drivers").await, 1);
    assert_eq!(count(&format!("record={}", vans[3])).await, 1);
    assert_eq!(count("verb=create").await, 13);
    assert_eq!(count("verb=delete").await, 0);
    assert_eq!(count(&format!("actor={}", Uuid::nil())).await, 13);
    assert_eq!(count(&format!("actor={}", vans[0])).await, 0);
    assert_eq!(count("text=VAN+1").await, 3);
    assert_eq!(count("text=another").await, 0, "not of another organization");
    assert_eq!(count("from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z").await, 13);
    assert_eq!(count("to=2026-03-01T12:00:00Z").await, 0);
    let newest = list(&platform, organization, &format!("record={driver}")).await;
    assert_eq!(
        newest["data"][0]["changes"]["full_name"]["after"], "Salem",
        "sealed values are shown"
    );
    assert_eq!(newest["data"][0]["seq"], 13);

    let (mut seen, mut query) = (Vec::new(), "limit=5".to_owned());
    loop {
        let page = list(&platform, organization, &query).await;
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["seq"].as_i64().unwrap()),
        );
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=5&after={next}");
    }
    assert_eq!(seen, (1..=13).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_file_is_harmless_in_a_spreadsheet() {
    let platform = platform().await;
    let organization = ids::new_id();
    create(
        &platform,
        organization,
        &VANS,
        json!({"name": "=HYPERLINK(\"http://evil\")", "price": "12.50"}),
    )
    .await
    .unwrap();
    let reply = call(&platform, organization, "audit.export", "resource=yard.vans").await;
    let text = String::from_utf8(bytes(&reply)).unwrap();
    assert!(text.contains("'=HYPERLINK"), "{text}");
    assert!(
        !text.contains(",=HYPERLINK") && !text.contains("\"=HYPERLINK"),
        "{text}"
    );
    assert!(text.contains("12.50"), "{text}");
    assert_eq!(text.lines().count(), 3, "a header and a line for each field: {text}");
}
