use serde_json::json;

use super::*;

const GOOD: &str = r#"
name = "cards"
version = "1.0.0"
api = "1.0"
world = "fuel-plugin"
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
        ("api = \"1.0\"", "api = \"2.0\"", "api"),
        ("world = \"fuel-plugin\"", "world = \"sms-plugin\"", "world"),
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
