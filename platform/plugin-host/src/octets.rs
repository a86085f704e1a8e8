//! Bytes on their way between processes, as one piece. By itself serde takes them one at a time, and a mebibyte of values would keep
//! a thread that also answers requests busy for milliseconds. What travels is the same either way.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is treated so: bytes, and bytes that may be missing.
pub(crate) trait Octets: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

pub(crate) fn serialize<T: Octets, S: Serializer>(octets: &T, serializer: S) -> Result<S::Ok, S::Error> {
    octets.write(serializer)
}

pub(crate) fn deserialize<'de, T: Octets, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

impl Octets for Vec<u8> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(Whole)
    }
}

impl Octets for Option<Vec<u8>> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_deref().map(Given).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Taken>::deserialize(deserializer)?.map(|taken| taken.0))
    }
}

struct Given<'a>(&'a [u8]);

impl Serialize for Given<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

struct Taken(Vec<u8>);

impl<'de> Deserialize<'de> for Taken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::read(deserializer).map(Self)
    }
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        #[serde(with = "super")]
        must: Vec<u8>,
        #[serde(with = "super")]
        may: Option<Vec<u8>>,
        #[serde(with = "super")]
        misses: Option<Vec<u8>>,
        after: u8,
    }

    #[derive(Serialize)]
    struct Singly {
        must: Vec<u8>,
        may: Option<Vec<u8>>,
        misses: Option<Vec<u8>>,
        after: u8,
    }

    #[test]
    fn in_one_piece_they_travel_as_they_did_singly() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        let whole = Whole {
            must: bytes.clone(),
            may: Some(bytes.clone()),
            misses: None,
            after: 7,
        };
        let singly = Singly {
            must: bytes.clone(),
            may: Some(bytes),
            misses: None,
            after: 7,
        };
        let frame = postcard::to_stdvec(&whole).expect("it is encoded");
        assert_eq!(frame, postcard::to_stdvec(&singly).expect("it is encoded"));
        let back: Whole = postcard::from_bytes(&frame).expect("it is decoded");
        assert_eq!(back, whole);
        assert!(
            postcard::from_bytes::<Whole>(&frame[..frame.len() - 2]).is_err(),
            "cut off"
        );
    }
}
