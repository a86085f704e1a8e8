//! The contract, function by function, with a guest that exports all of it.

mod functions;
mod offers;
mod replay;
mod versions;

use chrono::{DateTime, Utc};
use platform_plugin_host::records::Inbound;
use platform_plugin_host::{
    BoxFuture, CallError, Directory, DirectoryError, DirectoryPage, DirectoryQuery, DirectoryRow, Outcome, Plugin,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Installation, now, plugin};

/// The guest, installed with its secrets, or nothing where it cannot be built.
fn everything() -> Option<Installation> {
    let plugin: Plugin = plugin("everything-guest")?;
    let mut installation = Installation::new(&plugin, json!({}));
    let secrets = [("api_key", "top-secret-value"), ("hex_key", "4a656665")];
    installation.secrets = secrets
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    Some(installation)
}

/// The guest that answers with what `behaviour` finds out.
fn behaving(behaviour: &str, base_url: &str) -> Option<Installation> {
    let installation = everything()?;
    let settings = json!({"behaviour": behaviour, "base_url": base_url});
    let secrets = installation.secrets.clone();
    let mut installation = Installation::new(&installation.plugin, settings);
    installation.secrets = secrets;
    Some(installation)
}

/// What the guest told.
fn told<T: std::fmt::Debug>(outcome: &Outcome<T>) -> String {
    match &outcome.answer {
        Err(CallError::Failure(failure)) => failure.message.clone(),
        other => panic!("the guest must tell, not {other:?}"),
    }
}

fn message(endpoint: &str, body: &str) -> Inbound {
    Inbound {
        request_id: "request".into(),
        endpoint: endpoint.into(),
        address: format!("https://fleet.example.com/hooks/{endpoint}"),
        method: "POST".into(),
        path: String::new(),
        query: Vec::new(),
        headers: vec![("x-event-id".into(), "e-1".into())],
        body: body.into(),
        received_at: now(),
        verified: true,
        attributes: std::collections::BTreeMap::new(),
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Answers `/v1/login` with a token, `/v1/echo` with the request, `/v1/number/N` with N, anything else with 404.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut part = [0; 4 * 1024];
                // A request of these tests ends with its headers or with the brace of its JSON.
                let whole = |request: &[u8]| {
                    let text = String::from_utf8_lossy(request);
                    let bare = !text.contains("content-length") || text.contains("content-length: 0");
                    text.ends_with('}') || (text.ends_with("\r\n\r\n") && bare)
                };
                while !whole(&request) {
                    match stream.read(&mut part).await {
                        Ok(0) | Err(_) => break,
                        Ok(length) => request.extend_from_slice(&part[..length]),
                    }
                }
                let text = String::from_utf8_lossy(&request).into_owned();
                let path = text
                    .split(' ')
                    .nth(1)
                    .unwrap_or_default()
                    .split('?')
                    .next()
                    .unwrap_or_default();
                let (status, body) = match path {
                    "/v1/login" if text.contains(r#""secret":"top-secret-value""#) => (
                        200,
                        r#"{"access":{"token":"captured-token-1"},"hello":"captured-token-1"}"#.to_owned(),
                    ),
                    "/v1/echo" => (200, text.clone()),
                    path if path.starts_with("/v1/number/") => (200, path["/v1/number/".len()..].to_owned()),
                    _ => (404, "not here".to_owned()),
                };
                let length = body.len();
                let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(body.as_bytes()).await;
            });
        }
    });
    origin
}

/// Two vehicles.
pub struct Vehicles;

impl Directory for Vehicles {
    fn read<'a>(&'a self, query: &'a DirectoryQuery) -> BoxFuture<'a, Result<DirectoryPage, DirectoryError>> {
        assert_eq!(query.source, "fleet.vehicles", "what is not granted never gets here");
        let row = DirectoryRow {
            id: "v-1".into(),
            json: r#"{"plate_number":"ABC 1234"}"#.into(),
        };
        let page = DirectoryPage {
            rows: vec![row],
            cursor: None,
        };
        Box::pin(std::future::ready(Ok(page)))
    }

    fn get<'a>(
        &'a self,
        source: &'a str,
        id: &'a str,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Option<DirectoryRow>, DirectoryError>> {
        assert_eq!((source, fields), ("fleet.vehicles", ["status".to_owned()].as_slice()));
        let row = DirectoryRow {
            id: id.to_owned(),
            json: r#"{"status":"active"}"#.into(),
        };
        Box::pin(std::future::ready(Ok(Some(row))))
    }
}
