use serde_json::json;

use super::*;

const GOOD: &str = r#"
name = "cards"
version = "1.0.0"
api = "1.0"
exports = ["fuel-source"]
publisher = "Someone"
effects = ["fuel-transactions"]
title = { en = "Cards", ar = "بطاقات" }
description = { en = "Cards", ar = "بطاقات" }

[[host]]
host = "{setting:base_url}"
reason = { en = "Reads", ar = "قراءة" }

[[host]]
host = "api.example.com:8443"
reason = { en = "Reads", ar = "قراءة" }
required = false

[[secret]]
name = "api_key"
label = { en = "Key", ar = "مفتاح" }
hosts = ["{setting:base_url}"]

[[setting]]
name = "base_url"
kind = "text"
label = { en = "Address", ar = "العنوان" }
default = "https://service.example.com/api"

[[setting]]
name = "mode"
kind = "choice"
values = ["a", "b"]
required = true
label = { en = "Mode", ar = "النوع" }

[[setting]]
name = "limit"
kind = "integer"
min = 1
max = 10
label = { en = "Limit", ar = "الحد" }

[[setting]]
name = "mapping"
kind = "json"
label = { en = "Mapping", ar = "المطابقة" }
"#;

fn good() -> Manifest {
    Manifest::parse(GOOD).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_manifest_with_a_fault_is_refused_by_the_name_of_its_key() {
    let cases = [
        ("name = \"cards\"", "name = \"Cards!\"", "name"),
        ("version = \"1.0.0\"", "version = \"1.0\"", "version"),
        ("api = \"1.0\"", "api = \"3.0\"", "api"),
        ("[\"fuel-source\"]", "[]", "exports"),
        ("publisher = \"Someone\"", "publisher = \" \"", "publisher"),
        ("[\"fuel-transactions\"]", "[\"everything\"]", "effects"),
        (
            "title = { en = \"Cards\", ar = \"بطاقات\" }",
            "title = { en = \"Cards\", ar = \"\" }",
            "title.ar",
        ),
        (
            "\"api.example.com:8443\"",
            "\"https://api.example.com\"",
            "host[1].host",
        ),
        ("\"api.example.com:8443\"", "\"api.example.com/path\"", "host[1].host"),
        ("\"api.example.com:8443\"", "\"10.0.0.1\"", "host[1].host"),
        ("\"api.example.com:8443\"", "\"*\"", "host[1].host"),
        ("\"api.example.com:8443\"", "\"{setting:mode}\"", "host[1].host"),
        (
            "hosts = [\"{setting:base_url}\"]",
            "hosts = [\"other.example.com\"]",
            "secret[0].hosts",
        ),
        ("name = \"api_key\"", "name = \"api-key\"", "secret[0].name"),
        ("values = [\"a\", \"b\"]", "values = []", "setting[1].values"),
        ("name = \"limit\"", "name = \"mode\"", "setting[2].name"),
        (
            "default = \"https://service.example.com/api\"",
            "default = \"nowhere\"",
            "setting[0].default",
        ),
        ("min = 1", "minimum = 1", "line"),
        ("kind = \"json\"", "kind = \"yaml\"", "line"),
        ("publisher = \"Someone\"", "", "line"),
    ];
    for (from, to, key) in cases {
        assert!(GOOD.contains(from), "{from}");
        let error = Manifest::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
        assert!(error.key.starts_with(key), "{to}: {error}");
    }
}

#[test]
fn a_host_of_a_setting_is_the_host_of_its_url() {
    let hosts = |settings: Value| {
        let resolved = good().resolve_hosts(&object(settings));
        resolved.into_iter().map(|host| host.host).collect::<Vec<_>>()
    };
    let fixed = Some("api.example.com:8443".to_owned());
    assert_eq!(
        hosts(json!({})),
        [Some("service.example.com".to_owned()), fixed.clone()]
    );
    assert_eq!(
        hosts(json!({"base_url": "http://127.0.0.1:8099/x"})),
        [Some("127.0.0.1:8099".to_owned()), fixed.clone()]
    );
    assert_eq!(hosts(json!({"base_url": "nonsense"})), [None, fixed]);
    let secret_hosts = good().resolve_secret_hosts("api_key", &object(json!({"base_url": "https://a.example"})));
    assert_eq!(secret_hosts, ["a.example"]);
    assert!(good().resolve_secret_hosts("other", &Map::new()).is_empty());
}

#[test]
fn settings_are_refused_by_name_and_reason() {
    let cases = [
        (json!({"mode": "a", "limit": 5, "mapping": {"x": 1}}), vec![]),
        (json!({"mode": "a", "mapping": "{\"x\": 1}"}), vec![]),
        (json!({}), vec![("mode", "required")]),
        (json!({"mode": null}), vec![("mode", "required")]),
        (json!({"mode": "c"}), vec![("mode", "not_a_choice")]),
        (json!({"mode": "a", "limit": 11}), vec![("limit", "out_of_range")]),
        (json!({"mode": "a", "limit": "5"}), vec![("limit", "wrong_type")]),
        (json!({"mode": "a", "limit": 1.5}), vec![("limit", "wrong_type")]),
        (json!({"mode": "a", "mapping": "{"}), vec![("mapping", "invalid_json")]),
        (json!({"mode": "a", "mapping": 5}), vec![("mapping", "wrong_type")]),
        (
            json!({"mode": "a", "base_url": "ftp://x"}),
            vec![("base_url", "invalid_url")],
        ),
        (
            json!({"mode": "a", "base_url": "x".repeat(2_001)}),
            vec![("base_url", "too_long")],
        ),
        (
            json!({"mode": "a", "api_key": "x"}),
            vec![("api_key", "unknown_setting")],
        ),
    ];
    for (settings, expected) in cases {
        let problems = good().check_settings(&object(settings.clone()));
        let problems: Vec<_> = problems.iter().map(|p| (p.setting.as_str(), p.code)).collect();
        assert_eq!(problems, expected, "{settings}");
    }
}

#[test]
fn the_shipped_plugin_is_in_order() {
    let manifest = Manifest::parse(include_str!("../../../../plugins/syarah-fuel/plugin.toml")).unwrap();
    let problems = manifest.check_settings(&Map::new());
    assert_eq!(problems, [], "with its defaults it can be saved");
    assert_eq!(
        manifest.resolve_hosts(&Map::new())[0].host.as_deref(),
        Some("service.petroapp.com.sa")
    );
}

const FULL: &str = r#"
name = "full"
version = "1.0.0"
api = "1.0"
publisher = "Someone"
exports = ["order-source", "events", "webhook"]
effects = ["notices", "events"]
emits = ["full.happened"]
keeps_state = true
title = { en = "Full", ar = "كامل" }
description = { en = "Full", ar = "كامل" }

[[host]]
host = "api.example.com"
methods = ["GET", "POST"]
paths = ["/v1/"]
reason = { en = "Reads", ar = "قراءة" }

[[read]]
resource = "fleet.vehicles"
fields = ["plate_number"]
required = false
reason = { en = "Finds", ar = "إيجاد" }

[[event]]
name = "fleet.vehicles.updated"
reason = { en = "Hears", ar = "سماع" }

[[schedule]]
name = "pull"
every = "15m"
handler = "order-source.pull"
reason = { en = "Often", ar = "غالبًا" }

[[secret]]
name = "key"
encoding = "hex"
label = { en = "Key", ar = "مفتاح" }

[[webhook]]
name = "orders"
handler = "order-source.event"
signature = { scheme = "hmac-sha512", header = "X-Signature", secret = "key" }
dedupe = "body:/id+/event"
reply = { status = 200, body = "{}" }
reason = { en = "Comes in", ar = "وارد" }

[limits]
wall_ms = 20000
"#;

#[test]
fn everything_a_manifest_can_ask_is_listed_in_words() {
    let manifest = Manifest::parse(FULL).unwrap();
    let asks = manifest.asks();
    let named: Vec<_> = asks
        .iter()
        .map(|ask| (ask.kind, ask.subject.as_str(), ask.details.join(", ")))
        .collect();
    let expected = [
        (AskKind::Effect, "orders", ""),
        (AskKind::Effect, "order-updates", ""),
        (AskKind::Effect, "notices", ""),
        (AskKind::Effect, "events", ""),
        (AskKind::Handler, "order-source", ""),
        (AskKind::Read, "fleet.vehicles", "plate_number"),
        (AskKind::Event, "fleet.vehicles.updated", ""),
        (AskKind::Emit, "full.happened", ""),
        (AskKind::Host, "api.example.com", "GET /v1/, POST /v1/"),
        (AskKind::Secret, "key", ""),
        (AskKind::Schedule, "pull", "15m"),
        (AskKind::Webhook, "orders", "hmac-sha512"),
        (AskKind::State, "kv", ""),
        (AskKind::Limit, "wall_ms", "20000"),
    ];
    let expected: Vec<_> = expected
        .map(|(kind, subject, details)| (kind, subject, details.to_owned()))
        .to_vec();
    assert_eq!(named, expected);
    assert!(
        asks.iter()
            .all(|ask| !ask.reason.en.is_empty() && !ask.reason.ar.is_empty())
    );
    assert!(asks.iter().all(|ask| ask.required == (ask.kind != AskKind::Read)));
    let text = serde_json::to_value(&manifest).unwrap();
    assert_eq!(
        serde_json::from_value::<Manifest>(text).unwrap(),
        manifest,
        "a stored manifest is the same one"
    );
    assert_eq!(manifest.secret_bytes("key", "4a656665"), Some(b"Jefe".to_vec()));
    assert_eq!(manifest.secret_bytes("key", "Jefe"), None);
}

#[test]
fn an_update_that_asks_for_more_is_found() {
    let granted = Manifest::parse(FULL).unwrap().asks();
    let more = |from: &str, to: &str| {
        assert!(FULL.contains(from), "{from}");
        let manifest = Manifest::parse(&FULL.replacen(from, to, 1)).unwrap();
        let asks = manifest.asks_more_than(&granted);
        asks.into_iter()
            .map(|ask| format!("{:?} {}", ask.kind, ask.subject))
            .collect::<Vec<_>>()
    };
    let nothing: [(&str, &str); 7] = [
        ("version = \"1.0.0\"", "version = \"1.1.0\""),
        ("methods = [\"GET\", \"POST\"]", "methods = [\"GET\"]"),
        ("wall_ms = 20000", "wall_ms = 10000"),
        ("every = \"15m\"", "every = \"1h\""),
        ("effects = [\"notices\", \"events\"]", "effects = [\"events\"]"),
        ("hmac-sha512", "hmac-sha256"),
        ("\"Reads\"", "\"Reads orders\""),
    ];
    for (from, to) in nothing {
        assert_eq!(more(from, to), Vec::<String>::new(), "{to}");
    }
    let cases = [
        (
            "methods = [\"GET\", \"POST\"]",
            "methods = [\"GET\", \"DELETE\"]",
            "Host api.example.com",
        ),
        (
            "methods = [\"GET\", \"POST\"]\npaths = [\"/v1/\"]",
            "",
            "Host api.example.com",
        ),
        (
            "host = \"api.example.com\"",
            "host = \"api.elsewhere.example\"",
            "Host api.elsewhere.example",
        ),
        (
            "fields = [\"plate_number\"]",
            "fields = [\"plate_number\", \"vin\"]",
            "Read fleet.vehicles",
        ),
        ("\"events\"]", "\"events\", \"jobs\"]", "Effect jobs"),
        ("wall_ms = 20000", "wall_ms = 30000", "Limit wall_ms"),
        ("wall_ms = 20000", "wall_ms = 20000\ncpu_ms = 5", "Limit cpu_ms"),
        ("scheme = \"hmac-sha512\"", "scheme = \"none\"", "Webhook orders"),
        (
            "emits = [\"full.happened\"]",
            "emits = [\"full.happened\", \"full.more\"]",
            "Emit full.more",
        ),
    ];
    for (from, to, expected) in cases {
        // The first list of effects holds the word; the exports do too.
        let found = if from == "\"events\"]" {
            more(
                "effects = [\"notices\", \"events\"]",
                "effects = [\"notices\", \"events\", \"jobs\"]",
            )
        } else {
            more(from, to)
        };
        assert_eq!(found, [expected], "{to}");
    }
}

#[test]
fn handlers_addresses_and_times_have_to_fit_the_exports() {
    let cases = [
        (
            "handler = \"order-source.pull\"",
            "handler = \"fuel-source.pull\"",
            "schedule[0].handler",
        ),
        (
            "handler = \"order-source.pull\"",
            "handler = \"order-source.event\"",
            "schedule[0].handler",
        ),
        ("every = \"15m\"", "every = \"15\"", "schedule[0].every"),
        ("every = \"15m\"", "cron = \"* * *\"", "schedule[0].cron"),
        (
            "every = \"15m\"",
            "every = \"15m\"\ncron = \"0 * * * *\"",
            "schedule[0].every",
        ),
        (
            "handler = \"order-source.event\"",
            "handler = \"sms-gateway.report\"",
            "webhook[0].handler",
        ),
        ("secret = \"key\"", "secret = \"other\"", "webhook[0].signature.secret"),
        (
            "secret = \"key\"",
            "secret = \"key\", signs = \"{timestamp}.{body}\"",
            "webhook[0].signature.signs",
        ),
        ("hmac-sha512", "md5", "webhook[0].signature.scheme"),
        ("body:/id+/event", "body:id", "webhook[0].dedupe"),
        ("status = 200", "status = 302", "webhook[0].reply.status"),
        ("dedupe =", "answers = \"after\"\ndedupe =", "webhook[0].answers"),
        ("paths = [\"/v1/\"]", "paths = [\"v1\"]", "host[0].paths"),
        ("\"GET\", \"POST\"", "\"GET\", \"TRACE\"", "host[0].methods"),
        (
            "resource = \"fleet.vehicles\"",
            "resource = \"vehicles\"",
            "read[0].resource",
        ),
        (
            "name = \"fleet.vehicles.updated\"",
            "name = \"updated\"",
            "event[0].name",
        ),
        ("encoding = \"hex\"", "captured = true", "secret[0].hosts"),
        (
            "exports = [\"order-source\", \"events\", \"webhook\"]",
            "exports = [\"order-source\"]",
            "event",
        ),
    ];
    for (from, to, key) in cases {
        assert!(FULL.contains(from), "{from}");
        let error = Manifest::parse(&FULL.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.key, key, "{to}: {error}");
    }
}
