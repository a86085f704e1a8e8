//! Misbehaves as the setting `behaviour` says; the tests of the host check what becomes of it.

mod more;

use std::hint::black_box;

use barq_plugin::bindings::barq::plugin::{http as raw_http, kv, secrets};
use barq_plugin::time::Moment;
use barq_plugin::{
    CallContext, Failure, FuelPage, FuelPlugin, FuelTransaction, Health, Money, Result, http, log, settings,
};

struct Hostile;

fn page(transactions: Vec<FuelTransaction>) -> FuelPage {
    FuelPage {
        transactions,
        unreadable: Vec::new(),
        cursor: Some("c".to_owned()),
        more: false,
    }
}

fn bill(ctx: &CallContext, id: impl Into<String>) -> FuelTransaction {
    let at = Moment {
        instant_ms: ctx.now - 3_600_000,
        time_known: true,
    };
    let amount = Money {
        minor: 2_180,
        currency: "SAR".to_owned(),
    };
    barq_plugin::fuel_transaction(id.into(), at, 10_000, amount)
}

fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == u64::MAX {
        0
    } else {
        frame[1].wrapping_add(recurse(depth + 1))
    }
}

fn spin() -> ! {
    let mut x = 0_u64;
    loop {
        x = black_box(x.wrapping_add(1));
    }
}

fn told(text: impl Into<String>) -> Result<FuelPage> {
    Err(Failure::permanent("told", text))
}

impl FuelPlugin for Hostile {
    fn check(_: &CallContext) -> Result<Health> {
        match settings::get("behaviour").as_deref() {
            Some("degraded") => Ok(Health::Degraded("slow today".to_owned())),
            Some("loop") => spin(),
            _ => Ok(Health::Ok),
        }
    }

    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<FuelPage> {
        let base_url = settings::get("base_url").unwrap_or_default();
        match settings::get("behaviour").unwrap_or_default().as_str() {
            "good" => {
                log::info("worked", &[("since", &since), ("cursor", &cursor.unwrap_or("none"))]);
                Ok(page(vec![bill(ctx, ctx.organization_id.clone())]))
            }
            // For measurements: about a kilobyte, and nothing else.
            "record" => {
                let text = |length: usize| "x".repeat(length);
                let attributes = (0..8).map(|i| (format!("attribute-{i}"), text(80))).collect();
                let (card_ref, station_name) = (Some(text(32)), Some(text(120)));
                Ok(page(vec![FuelTransaction { card_ref, station_name, attributes, ..bill(ctx, text(32)) }]))
            }
            "nothing" => Ok(page(Vec::new())),
            "loop" => spin(),
            "allocate" => {
                let mut held = Vec::new();
                loop {
                    held.push(black_box(vec![1_u8; 1 << 20]));
                }
            }
            "recurse" => told(recurse(0).to_string()),
            "panic" => panic!("this was not expected"),
            "big_output" => Ok(page(
                (0..40_000)
                    .map(|i| bill(ctx, format!("{i}-{}", "x".repeat(500))))
                    .collect(),
            )),
            "many_records" => Ok(page((0..5_001).map(|i| bill(ctx, i.to_string())).collect())),
            "big_log_line" => {
                log::info(&"x".repeat(8 << 20), &[]);
                Ok(page(Vec::new()))
            }
            "log_flood" => {
                for i in 0..5_000 {
                    log::info("flood", &[("i", &i)]);
                }
                Ok(page(Vec::new()))
            }
            "call_flood" => loop {
                black_box(settings::get("behaviour"));
            },
            "kv_flood" => {
                let mut stored = 0;
                for i in 0..1_000 {
                    if kv::set(&format!("key-{i}"), &[0; 1_024], None).is_ok() {
                        stored += 1;
                    }
                }
                log::info("stored", &[("n", &stored)]);
                Ok(page(Vec::new()))
            }
            "kv_too_large" => told(format!("{:?}", kv::set("k", &vec![0; 65 << 10], None))),
            "kv_roundtrip" => {
                let before = kv::get("counter").map_err(|_| Failure::transient("kv", "read"))?.map(|entry| entry.value);
                kv::set("counter", b"2", None).map_err(|_| Failure::transient("kv", "write"))?;
                let after = kv::get("counter").map_err(|_| Failure::transient("kv", "read"))?.map(|entry| entry.value);
                log::info(
                    "kv",
                    &[("before", &format!("{before:?}")), ("after", &format!("{after:?}"))],
                );
                Ok(page(Vec::new()))
            }
            "kv_then_fail" => {
                kv::set("counter", b"9", None).map_err(|_| Failure::transient("kv", "write"))?;
                told("after writing")
            }
            "cursor_too_long" => Ok(FuelPage {
                cursor: Some("x".repeat(5_000)),
                ..page(Vec::new())
            }),
            "more_without_cursor" => Ok(FuelPage {
                cursor: None,
                more: true,
                ..page(Vec::new())
            }),
            "bad_records" => {
                let mut card = bill(ctx, "card");
                card.card_ref = Some("4111 1111 1111 1111".to_owned());
                let mut future = bill(ctx, "future");
                future.occurred_at = i64::MAX;
                let mut huge = bill(ctx, "huge");
                huge.amount.minor = i64::MIN;
                Ok(page(vec![card, future, huge, bill(ctx, "")]))
            }
            "undeclared_host" => told(format!("{:?}", send("https://elsewhere.example/"))),
            "private_name" => told(format!("{:?}", send("https://localhost/"))),
            "private_address" => told(format!("{:?}", send("http://169.254.169.254/latest/meta-data/"))),
            "http_flood" => {
                let mut last = String::new();
                for _ in 0..40 {
                    last = format!("{:?}", send(&base_url));
                }
                told(last)
            }
            "fetch" => {
                let response = http::get(base_url).send()?;
                log::info(
                    "fetched",
                    &[("status", &response.status()), ("bytes", &response.bytes().len())],
                );
                Ok(page(Vec::new()))
            }
            "plain_credential" => told(format!(
                "{:?}",
                http::get(base_url).header("authorization", "Bearer mine").send()
            )),
            "steal" => {
                // The server echoes its headers: the reply must not carry the key.
                let response = http::get(base_url).bearer("api_key").send()?;
                let text = String::from_utf8_lossy(response.bytes()).into_owned();
                log::info(&text, &[]);
                told(text)
            }
            "secret_elsewhere" => told(format!("{:?}", http::get(base_url).bearer("sign_only").send())),
            "sign" => {
                let sign = |name: &str| secrets::sign(name, secrets::Mac::HmacSha256, b"what do ya want for nothing?");
                told(format!(
                    "{:?} {:?} {}",
                    sign("sign_only"),
                    sign("other"),
                    secrets::is_set("api_key")
                ))
            }
            other => more::pull(other, ctx),
        }
    }
}

fn send(url: &str) -> std::result::Result<u16, raw_http::HttpError> {
    let request = raw_http::Request {
        method: raw_http::Method::Get,
        url: url.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: raw_http::Body::Empty,
        timeout_ms: Some(500),
        idempotency_key: None,
        captures: Vec::new(),
    };
    raw_http::send(&request).map(|response| response.status)
}

barq_plugin::fuel_plugin!(Hostile);
