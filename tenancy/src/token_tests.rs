//! Tokens that somebody might try, against a key that is known here.

use std::io::Write;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use platform_core::ids::new_id;
use serde_json::{Value as Json, json};

use super::*;

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn tokens(kid: &str, secret: [u8; 32]) -> (Tokens, Key, Vec<u8>) {
    let tokens = Tokens::new();
    let (key, public) = Key::new(kid.to_owned(), &secret).unwrap();
    tokens.take(vec![timed(&key, 0, i64::MAX)]);
    (tokens, key, public)
}

fn timed(key: &Key, signs_from: i64, retires_at: i64) -> Timed {
    Timed {
        key: key.clone(),
        signs_from,
        retires_at,
    }
}

fn bearing(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(header::AUTHORIZATION, value)])
}

fn head() -> Json {
    json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "ours"})
}

fn claims() -> Json {
    json!({"iss": "barq", "aud": "barq-api", "sub": Uuid::from_u128(1), "org": Uuid::from_u128(2), "sid": Uuid::from_u128(3),
           "ver": 1, "iat": NOW, "nbf": NOW, "exp": NOW + 900})
}

/// A token with these parts, signed by the key whatever they say.
fn forge(head: &Json, claims: &Json, key: &EncodingKey) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(head), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn with(mut json: Json, name: &str, value: Json) -> Json {
    json[name] = value;
    json
}

fn without(mut json: Json, name: &str) -> Json {
    json.as_object_mut().unwrap().remove(name).unwrap();
    json
}

#[test]
fn takes_what_it_issued_and_what_is_written_like_it() {
    let (tokens, key, _) = tokens("ours", [7; 32]);
    let identity = Identity {
        user_id: new_id(),
        organization_id: new_id(),
        session_id: new_id(),
        session_version: 4,
        support: None,
    };
    let token = tokens.issue(&identity, at(NOW)).unwrap();
    let read = tokens.identify(&bearing(&token), at(NOW)).unwrap();
    assert_eq!(format!("{read:?}"), format!("{identity:?}"));

    let forged = forge(&head(), &claims(), &key.sign);
    assert_eq!(
        tokens.identify(&bearing(&forged), at(NOW)).unwrap().user_id,
        Uuid::from_u128(1)
    );
    // What the header offers as a key is not looked at.
    let offered = with(head(), "jku", json!("https://attacker.example/keys"));
    assert!(
        tokens
            .identify(&bearing(&forge(&offered, &claims(), &key.sign)), at(NOW))
            .is_ok()
    );
}

#[test]
fn compares_times_on_every_request() {
    let (tokens, key, _) = tokens("ours", [7; 32]);
    let token = forge(&head(), &claims(), &key.sign);
    for (seconds, good) in [
        (NOW - SKEW_S - 1, false),
        (NOW - SKEW_S, true),
        (NOW, true),
        (NOW + 899, true),
        (NOW + 900, false),
        (NOW + 1_000_000, false),
        // The token is remembered, its times are not.
        (NOW, true),
    ] {
        assert_eq!(
            tokens.identify(&bearing(&token), at(seconds)).is_ok(),
            good,
            "{}",
            seconds - NOW
        );
    }
}

#[test]
fn refuses_every_token_that_is_not_quite_ours() {
    let (tokens, ours, public) = tokens("ours", [7; 32]);
    let (other, other_public) = Key::new("other".to_owned(), &[8; 32]).unwrap();
    let key = &ours.sign;
    let good = forge(&head(), &claims(), key);
    let parts: Vec<&str> = good.split('.').collect();
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());

    let none = part(&json!({"typ": "at+jwt", "alg": "none", "kid": "ours"}));
    let mac_head = jsonwebtoken::Header {
        typ: Some(TYPE.to_owned()),
        kid: Some("ours".to_owned()),
        ..jsonwebtoken::Header::new(Algorithm::HS256)
    };
    let mac = encode(&mac_head, &claims(), &EncodingKey::from_secret(&public)).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&other_public)});
    let tampered = URL_SAFE_NO_PAD.encode(with(claims(), "org", json!(Uuid::from_u128(9))).to_string());

    let mut bad = vec![
        ("empty", String::new()),
        ("words", "not a token".to_owned()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.{}", parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("half a signature", good[..good.len() - 20].to_owned()),
        ("alg none", format!("{none}.{}.", parts[1])),
        ("alg none, signed", format!("{none}.{}.{}", parts[1], parts[2])),
        ("HS256 with the public key", mac),
        ("another payload", format!("{}.{tampered}.{}", parts[0], parts[2])),
        ("another key", forge(&head(), &claims(), &other.sign)),
        (
            "another key that it offers",
            forge(&with(head(), "jwk", jwk), &claims(), &other.sign),
        ),
        (
            "another key by its name",
            forge(&with(head(), "kid", json!("other")), &claims(), &other.sign),
        ),
        (
            "an unknown name",
            forge(&with(head(), "kid", json!("../ours")), &claims(), key),
        ),
        ("no name", forge(&without(head(), "kid"), &claims(), key)),
        ("no type", forge(&without(head(), "typ"), &claims(), key)),
        ("an id token", forge(&with(head(), "typ", json!("JWT")), &claims(), key)),
        ("critical", forge(&with(head(), "crit", json!(["b64"])), &claims(), key)),
        (
            "another issuer",
            forge(&head(), &with(claims(), "iss", json!("other")), key),
        ),
        (
            "another audience",
            forge(&head(), &with(claims(), "aud", json!("other")), key),
        ),
        (
            "exp as text",
            forge(&head(), &with(claims(), "exp", json!("1800000900")), key),
        ),
        ("exp null", forge(&head(), &with(claims(), "exp", Json::Null), key)),
        (
            "nbf as text",
            forge(&head(), &with(claims(), "nbf", json!("1800000000")), key),
        ),
        (
            "sub is no id",
            forge(&head(), &with(claims(), "sub", json!("owner")), key),
        ),
        ("long", format!("{good}{}", "A".repeat(LONGEST_BYTES))),
    ];
    for claim in ["iss", "aud", "sub", "org", "sid", "ver", "iat", "nbf", "exp"] {
        bad.push((claim, forge(&head(), &without(claims(), claim), key)));
    }
    for name in [
        "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "NONE", "nOnE", "eddsa", "",
    ] {
        bad.push((name, forge(&with(head(), "alg", json!(name)), &claims(), key)));
    }
    let kids = [
        "' OR '1'='1",
        "ours'; --",
        "/etc/passwd",
        "../../keys/sign-in.key",
        "ours\u{0}",
        "OURS",
        "",
        "*",
    ];
    for kid in kids {
        bad.push((kid, forge(&with(head(), "kid", json!(kid)), &claims(), key)));
    }
    for (name, offered) in [
        ("jku", "https://attacker.example/keys"),
        ("x5u", "https://attacker.example/certificate"),
    ] {
        bad.push((name, forge(&with(head(), name, json!(offered)), &claims(), &other.sign)));
    }
    bad.push((
        "x5c",
        forge(&with(head(), "x5c", json!(["TUlJQg=="])), &claims(), &other.sign),
    ));
    for kind in ["rt+jwt", "id+jwt", "AT+JWT", "application/at+jwt", ""] {
        bad.push((kind, forge(&with(head(), "typ", json!(kind)), &claims(), key)));
    }
    for (what, name, value) in [
        ("a list of audiences", "aud", json!(["barq-api", "other"])),
        ("over for a day", "exp", json!(NOW - 86_400)),
        ("over for a second", "exp", json!(NOW - 1)),
        ("good in a day", "nbf", json!(NOW + 86_400)),
        ("exp as a fraction", "exp", json!(1_800_000_900.5)),
        ("exp beyond all numbers", "exp", json!(1e300)),
        ("ver as text", "ver", json!("1")),
        ("sub null", "sub", Json::Null),
        ("org as a list", "org", json!([Uuid::from_u128(2)])),
    ] {
        bad.push((what, forge(&head(), &with(claims(), name, value), key)));
    }
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    bad.push(("a signature of zeros", format!("{}.{}.{zeros}", parts[0], parts[1])));
    bad.push(("padded", format!("{}.{}.{}==", parts[0], parts[1], parts[2])));
    bad.push(("two tokens", format!("{good},{good}")));
    bad.push((
        "a long header",
        forge(&with(head(), "pad", json!("x".repeat(4096))), &claims(), key),
    ));
    assert!(bad.len() >= 60, "{} vectors", bad.len());
    let tried = bad.len();
    for (what, token) in bad {
        // Some cannot even be sent in a header.
        let Ok(value) = HeaderValue::from_str(&format!("Bearer {token}")) else {
            continue;
        };
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        let answer = tokens.identify(&headers, at(NOW));
        assert_eq!(
            answer.err().map(|problem| problem.code),
            Some("not_signed_in"),
            "{what}"
        );
    }
    let said = writeln!(std::io::stdout(), "CHECK A1 pass 0 of {tried} wrong tokens accepted");
    assert!(said.is_ok());
    assert!(tokens.identify(&bearing(&good), at(NOW)).is_ok());
}

#[test]
fn reads_one_bearer_header_and_nothing_else() {
    let (tokens, key, _) = tokens("ours", [7; 32]);
    let token = forge(&head(), &claims(), &key.sign);
    let identify = |headers: &HeaderMap| tokens.identify(headers, at(NOW)).is_ok();
    assert!(!identify(&HeaderMap::new()));
    for (value, good) in [
        (format!("Bearer {token}"), true),
        (format!("bearer {token}"), true),
        (format!("Basic {token}"), false),
        (format!("Bearer  {token}"), false),
        (token.clone(), false),
    ] {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())]);
        assert_eq!(identify(&headers), good, "{value}");
    }
    let mut twice = bearing(&token);
    twice.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer other"));
    assert!(!identify(&twice));
}

#[test]
fn forgets_tokens_of_a_key_that_is_gone() {
    let (tokens, old, _) = tokens("ours", [7; 32]);
    let token = forge(&head(), &claims(), &old.sign);
    assert!(tokens.identify(&bearing(&token), at(NOW)).is_ok());
    let (young, _) = Key::new("young".to_owned(), &[9; 32]).unwrap();
    tokens.take(vec![timed(&old, 0, i64::MAX), timed(&young, NOW + 60, i64::MAX)]);
    assert!(tokens.identify(&bearing(&token), at(NOW)).is_ok());
    tokens.take(vec![timed(&young, NOW + 60, i64::MAX)]);
    assert!(tokens.identify(&bearing(&token), at(NOW)).is_err());
}

#[test]
fn a_key_signs_from_its_time_and_is_believed_until_its_time() {
    let (tokens, old, _) = tokens("ours", [7; 32]);
    let (young, _) = Key::new("young".to_owned(), &[9; 32]).unwrap();
    let forged = forge(&head(), &with(claims(), "exp", json!(NOW + 100_000)), &old.sign);
    assert!(tokens.identify(&bearing(&forged), at(NOW + 961)).is_ok());
    tokens.take(vec![timed(&old, 0, NOW + 960), timed(&young, NOW + 60, i64::MAX)]);
    let identity = tokens.identify(&bearing(&forged), at(NOW)).unwrap();
    let signed_by = |seconds| {
        let token = tokens.issue(&identity, at(seconds)).unwrap();
        decode_header(&token).unwrap().kid.unwrap()
    };
    assert_eq!((signed_by(NOW), signed_by(NOW + 59)), ("ours".into(), "ours".into()));
    assert_eq!(
        (signed_by(NOW + 60), signed_by(NOW + 9999)),
        ("young".into(), "young".into())
    );
    // What the old key signs after that is believed for as long as its last good token, and no longer.
    assert!(tokens.identify(&bearing(&forged), at(NOW + 959)).is_ok());
    assert!(tokens.identify(&bearing(&forged), at(NOW + 960)).is_err());
}
