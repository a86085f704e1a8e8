//! Valid bodies for any declared resource, made from its declaration.

use std::collections::HashMap;

use anyhow::{Result, bail};
use platform_core::Registry;
use platform_resource::{Field, Kind, Resource};
use serde_json::{Map, Value as Json, json};

use crate::client::{Answer, Person};
use crate::harness::unique;

/// Makes rows of any resource, with the rows that they point at.
pub struct Sampler<'a> {
    registry: &'a Registry,
    person: &'a Person,
    /// Rows that were made, by resource.
    pub made: HashMap<String, Json>,
}

impl<'a> Sampler<'a> {
    /// For a person with every permission.
    pub fn new(registry: &'a Registry, person: &'a Person) -> Self {
        Self {
            registry,
            person,
            made: HashMap::new(),
        }
    }

    /// A body that creates a row of the resource; rows that it must point at are created first.
    pub async fn body(&mut self, resource: &'static Resource) -> Result<Map<String, Json>> {
        let mut body = Map::new();
        for field in resource.fields.iter().filter(|field| !field.read_only) {
            let value = match field.kind {
                Kind::Reference { to } if field.required => Box::pin(self.row(to)).await?["id"].clone(),
                Kind::Reference { .. } | Kind::File => continue,
                _ => sample(field),
            };
            body.insert(field.name.into(), value);
        }
        Ok(body)
    }

    /// A stored row of a resource, made on first use.
    pub async fn row(&mut self, full_name: &str) -> Result<Json> {
        if let Some(row) = self.made.get(full_name) {
            return Ok(row.clone());
        }
        let Some(resource) = self.registry.resource(full_name) else {
            bail!("{full_name} is not declared")
        };
        let row = self.fresh(resource).await?;
        self.made.insert(full_name.to_owned(), row.clone());
        Ok(row)
    }

    /// A new row of a resource.
    pub async fn fresh(&mut self, resource: &'static Resource) -> Result<Json> {
        let (_, answer) = self.created(resource).await?;
        answer.expect(201)
    }

    /// Creates a row; optional fields that the resource's own rules refuse beside the others are left out.
    pub async fn created(&mut self, resource: &'static Resource) -> Result<(Map<String, Json>, Answer)> {
        let mut body = self.body(resource).await?;
        loop {
            let answer = self.person.post(&resource.path(), &Json::Object(body.clone())).await?;
            let before = body.len();
            for refused in answer.refused() {
                let name = refused.split(':').next().unwrap_or_default();
                if resource.field(name).is_some_and(|field| !field.required) {
                    body.remove(name);
                }
            }
            if answer.status != 422 || body.len() == before {
                return Ok((body, answer));
            }
        }
    }
}

/// A valid value of a field, new at each call where it has to be unique.
pub fn sample(field: &Field) -> Json {
    match field.kind {
        Kind::Text { max } => {
            let text = unique("t");
            text[text.len().saturating_sub(max as usize)..].into()
        }
        Kind::LongText { .. } => "first line\nsecond line".into(),
        Kind::Choice { values } => values[0].into(),
        Kind::Integer { min, max } => json!(min.max(1).min(max)),
        Kind::Decimal { .. } => "1.5".into(),
        Kind::Money { .. } => "12.50".into(),
        Kind::Date => "2026-01-15".into(),
        Kind::Instant => "2026-01-15T09:30:00Z".into(),
        Kind::Boolean => true.into(),
        Kind::Reference { .. } | Kind::File => Json::Null,
        Kind::Json => json!({"a": [1, "b"]}),
        Kind::Phone => format!("+9665{:08}", number() % 100_000_000).into(),
        Kind::Email => format!("{}@example.test", unique("m")).into(),
        Kind::Iban => iban().into(),
        Kind::NationalId => national_id().into(),
        Kind::Plate => plate().into(),
    }
}

/// A number that no other sample of this run has, as far as ten digits can tell.
fn number() -> u64 {
    u64::from_be_bytes(platform_core::ids::random_bytes::<8>()) >> 20
}

fn plate() -> String {
    let letters = [
        'A', 'B', 'J', 'D', 'R', 'S', 'X', 'T', 'E', 'G', 'K', 'L', 'Z', 'N', 'H', 'U', 'V',
    ];
    let number = usize::try_from(number()).unwrap_or_default();
    let letter = |divisor: usize| letters[number / divisor % letters.len()];
    format!(
        "{}{}{} {:04}",
        letter(1),
        letter(17),
        letter(289),
        number / 4913 % 10_000
    )
}

fn national_id() -> String {
    let stem = format!("1{:08}", number() % 100_000_000);
    let sum: u64 = stem
        .bytes()
        .map(|byte| u64::from(byte - b'0'))
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
        })
        .sum();
    format!("{stem}{}", (10 - sum % 10) % 10)
}

fn iban() -> String {
    let account = format!("80{:018}", number());
    // The country's letters as digits (S 28, A 10) and two zeros in place of the check digits.
    let rest = format!("{account}281000")
        .bytes()
        .fold(0_u64, |sum, byte| (sum * 10 + u64::from(byte - b'0')) % 97);
    format!("SA{:02}{account}", 98 - rest)
}
