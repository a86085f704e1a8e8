//! JSON that somebody sent: read once, with limits on what nobody means.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

/// Objects and lists within each other. Nothing of ours is half as deep.
const DEEPEST: u8 = 32;

/// A body. Refused are what is too deep, and an object that names a key twice: whoever looks at the first one and whoever looks
/// at the last would see different requests.
pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Json> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let json = Strict { left: DEEPEST }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(json)
}

#[derive(Clone, Copy)]
struct Strict {
    left: u8,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        left.map(|left| Self { left })
            .ok_or_else(|| E::custom(format_args!("more than {DEEPEST} objects and lists within each other")))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Json;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number that is none"))?;
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = parts.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = parts.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{key:?} is there twice")));
            }
            let value = parts.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1.5",
            "-0.0",
            "1e308",
            "\"\\u0000\\ud83d\\ude9a\"",
            "[]",
            "{}",
            " { \"a\" : [ 1 , { \"b\" : null } ] } ",
            "{\"z\":1,\"a\":2}",
            "{\"\":\"\"}",
        ] {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Json>(text).unwrap(),
                "{text}"
            );
        }
        for text in [
            "",
            "{",
            "[1,]",
            "NaN",
            "1e309",
            "\"\u{1}\"",
            "{} {}",
            "{\"a\":1,}",
            "'a'",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn refuses_depth_and_doubles() {
        let lists = |deep: usize| format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        let objects = |deep: usize| format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep));
        assert!(parse(lists(32).as_bytes()).is_ok() && parse(objects(32).as_bytes()).is_ok());
        assert!(parse(lists(33).as_bytes()).is_err() && parse(objects(33).as_bytes()).is_err());
        assert!(parse(lists(100_000).as_bytes()).is_err() && parse("[".repeat(1_000_000).as_bytes()).is_err());
        let twice = parse(b"{\"a\":{\"b\":1,\"c\":2,\"b\":1}}").unwrap_err().to_string();
        assert!(twice.starts_with("\"b\" is there twice"), "{twice}");
    }
}
