//! What stands between the network and the operations: headers, other sites' pages, files that are not what they say, limits.

use std::io::{Cursor, Write};
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use barq::edges::{Edges, SECURITY_HEADERS};
use http_body_util::BodyExt;
use platform_limits::Rates;
use serde_json::{Value as Json, json};

use super::{World, world, world_with};

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
    Answer { status, headers, body }
}

/// A request with headers, from an address.
fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body)).unwrap();
    let peer: SocketAddr = "192.0.2.1:40000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn line(id: &str, figure: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "CHECK {id} pass {figure}").unwrap();
}

const METHODS: [&str; 7] = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];
const PATHS: [&str; 8] = [
    "/api/v1/auth/login",
    "/api/v1/auth/me",
    "/api/v1/files",
    "/api/v1/files/00000000-0000-0000-0000-000000000000",
    "/api/v1/openapi.json",
    "/api/v1/nothing",
    "/docs",
    "/livez",
];
const ALLOWED: [&str; 2] = ["https://reports.example.sa", "http://localhost:5173"];
const STRANGERS: [&str; 9] = [
    "https://attacker.example",
    "https://reports.example.sa.attacker.example",
    "https://reports.example.sa:8443",
    "http://reports.example.sa",
    "https://REPORTS.example.sa",
    "https://sub.reports.example.sa",
    "http://localhost",
    "null",
    "*",
];

/// The catalogue's S7.
#[tokio::test]
async fn every_answer_says_what_browsers_may_do_and_other_sites_may_nothing() {
    let closed = world("edges_closed").await;
    let open = world_with("edges_open", |config| {
        config.edges = Edges {
            origins: ALLOWED.map(|origin| origin.parse().unwrap()).into(),
            https_only: true,
            ..Edges::default()
        };
    })
    .await;
    let mut answers = 0;
    for (world, origins) in [(&closed, &[][..]), (&open, &ALLOWED[..])] {
        for origin in ALLOWED.iter().chain(&STRANGERS) {
            for path in PATHS {
                for method in METHODS {
                    let headers = [("origin", *origin), ("access-control-request-method", "POST")];
                    let answer = send(&world.router, request(method, path, &headers, Vec::new())).await;
                    let what = format!("{method} {path} from {origin}: {} {:?}", answer.status, answer.headers);
                    for (name, value) in SECURITY_HEADERS {
                        assert_eq!(answer.header(name), Some(value), "{name} of {what}");
                    }
                    let secure = answer.header("strict-transport-security");
                    assert_eq!(secure.is_some(), !origins.is_empty(), "{what}");
                    let allowed = answer.header("access-control-allow-origin");
                    assert_eq!(allowed, origins.contains(origin).then_some(*origin), "{what}");
                    assert_eq!(answer.header("access-control-allow-credentials"), None, "{what}");
                    for (name, value) in &answer.headers {
                        assert!(!name.as_str().starts_with("access-control") || value != "*", "{what}");
                    }
                    let named = answer.header("server").or(answer.header("x-powered-by"));
                    assert_eq!(named, None, "{what}");
                    if path.starts_with("/api") && matches!(method, "GET" | "POST") && !path.ends_with("json") {
                        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}");
                    }
                    answers += 1;
                }
            }
        }
    }
    let asks = [
        ("origin", ALLOWED[0]),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,if-match"),
    ];
    let answer = send(&open.router, request("OPTIONS", PATHS[1], &asks, Vec::new())).await;
    assert!(answer.status.is_success());
    let methods = answer.header("access-control-allow-methods").unwrap();
    assert!(methods.contains("PATCH") && !methods.contains("PUT"), "{methods}");
    assert!(
        answer
            .header("access-control-allow-headers")
            .unwrap()
            .contains("if-match")
    );
    let origins = ALLOWED.len() + STRANGERS.len();
    line(
        "S7",
        &format!("{answers} answers of {origins} origins as expected, no *"),
    );
}

#[tokio::test]
async fn what_is_somebodys_own_is_kept_by_nobody_on_the_way() {
    let world = world("edges_kept").await;
    let token = world.owner("kept").await;
    let bearer = format!("Bearer {token}");
    for (path, expected) in [
        ("/api/v1/auth/me", "no-store"),
        ("/api/v1/nothing/here", "no-store"),
        ("/api/v1/locales/en", "no-cache"),
    ] {
        let answer = send(
            &world.router,
            request("GET", path, &[("authorization", &bearer)], Vec::new()),
        )
        .await;
        if path.ends_with("here") {
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
        } else {
            assert_eq!(answer.header("cache-control"), Some(expected), "{path}");
        }
    }
}

/// An archive of these parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, body) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(body).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn png(behind: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes.extend(behind);
    bytes
}

fn webp(behind: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0\x2f\0\0\0".to_vec();
    bytes.extend(behind);
    bytes
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

async fn upload(world: &World, token: &str, name: &str, kind: &str, body: Vec<u8>) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    send(
        &world.router,
        request("POST", &format!("/api/v1/files?name={name}"), &headers, body),
    )
    .await
}

/// The catalogue's A19.
#[tokio::test]
async fn files_are_what_they_are_and_never_what_they_say() {
    let world = world("uploads").await;
    let token = world.owner("uploads").await;
    let script = b"<script>alert(document.domain)</script>";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let sheet: &[(&str, &[u8])] = &[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
    ];
    let workbook = |more: &[(&'static str, &'static [u8])]| archive(&[sheet, more].concat());
    let zeros: &'static [u8] = vec![0; 300 << 20].leak();
    let refused: Vec<(&str, Vec<u8>)> = vec![
        ("photo.svg", svg.clone()),
        ("photo.png", svg),
        ("photo.jpg", script.to_vec()),
        ("page.html", b"<!doctype html><p>hello".to_vec()),
        ("page.pdf", b"\n%PDF-1.7 late".to_vec()),
        (
            "feed.xml",
            b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>".to_vec(),
        ),
        ("setup.pdf", b"MZ\x90\0\x03\0\0\0".to_vec()),
        ("tool.png", b"\x7fELF\x02\x01\x01".to_vec()),
        ("run.jpg", b"#!/bin/sh\nid\n".to_vec()),
        ("shell.gif", b"<?php system($_GET['c']); ?>".to_vec()),
        ("sound.webp", b"RIFF\x24\0\0\0WAVEfmt ".to_vec()),
        ("polyglot.gif", [b"GIF89a/*".as_slice(), script, b"*/=1"].concat()),
        ("almost.gif", b"GIF88a;".to_vec()),
        ("polyglot.png", png(script)),
        ("polyglot.webp", webp(script)),
        ("header.png", b"\x89PNG\r\n\x1a\n<script>".to_vec()),
        (
            "library.jar",
            archive(&[
                ("META-INF/MANIFEST.MF", b"Main-Class: A"),
                ("A.class", b"\xca\xfe\xba\xbe"),
            ]),
        ),
        ("letter.docx", archive(&[("word/document.xml", b"<w/>")])),
        ("macros.xlsx", workbook(&[("xl/vbaProject.bin", b"macro")])),
        ("climbs.xlsx", workbook(&[("../../outside.txt", b"x")])),
        ("roots.xlsx", workbook(&[("/etc/cron.d/x", b"x")])),
        ("bomb.xlsx", workbook(&[("xl/worksheets/sheet1.xml", zeros)])),
        ("cut.xlsx", workbook(&[])[..60].to_vec()),
        ("nothing.pdf", Vec::new()),
    ];
    let before = resident_mib();
    let mut tried = refused.len();
    for (name, body) in refused {
        for kind in ["application/octet-stream", "image/png", "text/html"] {
            let answer = upload(&world, &token, name, kind, body.clone()).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert_eq!(answer.json()["errors"][0]["field"], "body", "{name}");
        }
    }
    let grown = resident_mib().saturating_sub(before);
    assert!(grown <= 64, "{grown} MiB more");
    let pdf = b"%PDF-1.7\n%%EOF\n".to_vec();
    for name in [
        "..%2F..%2Fx.pdf",
        "..",
        "a%5Cb.pdf",
        "a%00.pdf",
        "%E2%80%AEfdp.exe",
        "%0d%0aSet-Cookie:%20a",
        "",
        "%20.%20",
        &"a".repeat(256),
    ] {
        let answer = upload(&world, &token, name, "application/pdf", pdf.clone()).await;
        assert_eq!(answer.json()["errors"][0]["code"], "bad_file_name", "{name}");
        tried += 1;
    }
    // What is stored is handed out as what it is, to be saved and not shown, whatever it is called.
    let stored = [
        ("page.html", "application/pdf", [pdf.as_slice(), script].concat()),
        (
            "photo.svg",
            "image/jpeg",
            [b"\xff\xd8\xff\xe0".as_slice(), script].concat(),
        ),
        ("%D8%B5%D9%88%D8%B1%D8%A9.png", "image/png", png(b"")),
        ("picture.webp", "image/webp", webp(b"")),
        ("moving.gif", "image/gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        (
            "sheet.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            platform_documents::write_xlsx("Sheet", &["a"], Vec::<Vec<platform_documents::Cell>>::new(), false)
                .unwrap(),
        ),
    ];
    let bearer = format!("Bearer {token}");
    for (name, kind, body) in stored {
        let answer = upload(&world, &token, name, "text/html", body.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::CREATED,
            "{name}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let path = format!("/api/v1/files/{}", answer.json()["id"].as_str().unwrap());
        let back = send(
            &world.router,
            request("GET", &path, &[("authorization", &bearer)], Vec::new()),
        )
        .await;
        assert_eq!((back.status, &back.body), (StatusCode::OK, &body), "{name}");
        assert_eq!(back.header("content-type"), Some(kind));
        assert_eq!(back.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            back.header("content-security-policy"),
            Some("default-src 'none'; sandbox")
        );
        assert!(
            back.header("content-disposition").unwrap().starts_with("attachment; "),
            "{name}"
        );
        tried += 1;
    }
    line(
        "A19",
        &format!("0 of {tried} files stored as something that runs or shown; {grown} MiB more"),
    );
}

/// Bodies that nobody means, in the open router.
#[tokio::test]
async fn bodies_that_nobody_means_are_refused() {
    let world = world("bodies").await;
    let token = world.owner("bodies").await;
    let bearer = format!("Bearer {token}");
    let deep = |open: &str, close: &str, deep: usize| format!("{{\"a\":{}1{}}}", open.repeat(deep), close.repeat(deep));
    let before = resident_mib();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("10,000 lists", deep("[", "]", 10_000).into()),
        ("33 objects", deep("{\"b\":", "}", 32).into()),
        ("a million brackets", "[".repeat(1_000_000).into()),
        ("a byte too many", vec![b' '; (1 << 20) + 1]),
        ("NaN", b"{\"name\": NaN}".to_vec()),
        ("1e309", b"{\"name\": 1e309}".to_vec()),
        ("NUL", b"{\"name\": \"a\\u0000b\", \"membership\": \"viewer\"}".to_vec()),
        ("a raw NUL", b"{\"name\": \"a\0b\"}".to_vec()),
        ("not UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
        ("half a surrogate", b"{\"name\": \"\\ud83d\"}".to_vec()),
        (
            "a key twice",
            b"{\"email\": \"a@b.sa\", \"email\": \"c@d.sa\", \"password\": \"x\"}".to_vec(),
        ),
        ("an unknown field", b"{\"is_admin\": true}".to_vec()),
        ("a list", b"[]".to_vec()),
        ("two documents", b"{}{}".to_vec()),
        ("a far date", b"{\"joined_on\": \"99999-01-01\"}".to_vec()),
    ];
    let mut calls = 0;
    for path in [
        "/api/v1/auth/login",
        "/api/v1/tenancy/members",
        "/api/v1/organization/modules/fleet/disable",
    ] {
        for (what, body) in &bodies {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            let answer = send(&world.router, request("POST", path, &headers, body.clone())).await;
            assert!(answer.status.is_client_error(), "{path}, {what}: {}", answer.status);
            assert!(answer.json()["title"].as_str().is_some_and(|title| !title.is_empty()));
            calls += 1;
        }
    }
    let grown = resident_mib().saturating_sub(before);
    assert!(grown <= 20, "{grown} MiB more");
    line("S3", &format!("{calls} malformed bodies, all 4xx; {grown} MiB more"));
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let world = world_with("limited", |config| {
        config.limits = "address=1/min:5,user=1/min:4,organization=1/min:6"
            .parse::<Rates>()
            .unwrap();
        config.edges.proxies = vec!["192.0.2.0/24".parse().unwrap()];
    })
    .await;
    let token = world.owner("limited").await;
    let bearer = format!("Bearer {token}");
    let me = async || {
        send(
            &world.router,
            request("GET", "/api/v1/auth/me", &[("authorization", &bearer)], Vec::new()),
        )
        .await
    };
    for _ in 0..4 {
        assert_eq!(me().await.status, StatusCode::OK);
    }
    let refused = me().await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, Some("too_many_requests"))
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"user\";q=4;w=240"));
    assert_eq!(refused.header("ratelimit"), Some("\"user\";r=0;t=240"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert!(refused.json()["title"].as_str().unwrap().contains("60 s"));
    let arabic = [("authorization", bearer.as_str()), ("accept-language", "ar")];
    let arabic = send(&world.router, request("GET", "/api/v1/auth/me", &arabic, Vec::new())).await;
    assert!(arabic.json()["title"].as_str().unwrap().contains("طلبات"));

    // Whoever has no token counts by where he comes from, behind our proxy too; a wrong token counts as none.
    let from = async |address: &str, path: &str| {
        let headers = [("x-forwarded-for", address), ("authorization", "Bearer nonsense")];
        send(&world.router, request("GET", path, &headers, Vec::new()))
            .await
            .status
            .as_u16()
    };
    for path in [
        "/api/v1/auth/me",
        "/api/v1/files/x",
        "/api/v1/auth/me",
        "/api/v1/search",
        "/api/v1/auth/me",
    ] {
        assert_eq!(from("198.51.100.1", path).await, 401);
    }
    assert_eq!(from("198.51.100.1", "/api/v1/auth/me").await, 429);
    assert_eq!(from("198.51.100.2", "/api/v1/auth/me").await, 401);
    assert_eq!(
        from("203.0.113.9, 198.51.100.1", "/api/v1/auth/me").await,
        429,
        "the list is read from its end"
    );
}

/// Cookies do nothing for pages of other sites.
#[tokio::test]
async fn the_cookie_works_for_our_own_pages_alone() {
    let world = world("cookies").await;
    let body = json!({"email": "cookies@example.sa", "password": "correct horse battery",
        "full_name": "Noura Al-Harbi", "organization_name": "Cookies"});
    let answer = send(
        &world.router,
        request("POST", "/api/v1/auth/register", &[], body.to_string().into()),
    )
    .await;
    let cookie = answer
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let ours = [
        ("x-barq-request", "1"),
        ("host", "barq.sa"),
        ("origin", "https://barq.sa"),
    ];
    let mut tried = 0;
    for (change, value) in [
        ("x-barq-request", ""),
        ("x-barq-request", "2"),
        ("origin", "https://attacker.example"),
        ("origin", "https://barq.sa.attacker.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
            let mut headers: Vec<(&str, &str)> = ours.iter().copied().filter(|(name, _)| *name != change).collect();
            headers.extend([("cookie", cookie.as_str()), (change, value)]);
            let answer = send(&world.router, request("POST", path, &headers, Vec::new())).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} with {change}: {value}");
            assert!(answer.header("set-cookie").is_none());
            tried += 1;
        }
    }
    let mut headers = ours.to_vec();
    headers.extend([("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")]);
    let answer = send(
        &world.router,
        request("POST", "/api/v1/auth/refresh", &headers, Vec::new()),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(tried, 14);
}
