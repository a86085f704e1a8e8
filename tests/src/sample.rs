//! Valid bodies for any declared resource, made from its declaration.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use platform_core::{Cx, Mode, Platform};
use platform_resource::{Field, Kind, Resource, Verb};
use serde_json::{Map, Value as Json, json};

use crate::client::{Answer, Person};
use crate::harness::unique;

const INSTALLATION: &str =
    "INSERT INTO integrations.installations (organization_id, id, created_at, updated_at, plugin,
    plugin_version, component_digest, status, grants, hosts, settings, secrets_set)
    VALUES ($1, $2, $3, $3, $4, '1.0.0', $5, 'active', '{}', '[]', '{}', '[]')";

/// Makes rows of any resource, with the rows that they point at.
pub struct Sampler<'a> {
    platform: &'a Arc<Platform>,
    person: &'a Person,
    /// Rows that were made, by resource.
    pub made: HashMap<String, Json>,
}

impl<'a> Sampler<'a> {
    /// For a person with every permission.
    pub fn new(platform: &'a Arc<Platform>, person: &'a Person) -> Self {
        Self {
            platform,
            person,
            made: HashMap::new(),
        }
    }

    /// A body that creates a row of the resource; rows that it must point at are created first.
    pub async fn body(&mut self, resource: &'static Resource) -> Result<Map<String, Json>> {
        let mut body = Map::new();
        for field in resource.fields.iter().filter(|field| !field.read_only) {
            let value = match field.kind {
                // Two references to one resource are two rows: givers are not takers.
                Kind::Reference { to } if field.required && points_again(&body, resource, to) => {
                    Box::pin(self.another(to)).await?["id"].clone()
                }
                Kind::Reference { to } if field.required => Box::pin(self.row(to)).await?["id"].clone(),
                Kind::Member if field.required => self.person.user_id.to_string().into(),
                Kind::Reference { .. } | Kind::File | Kind::Member => continue,
                _ => sample(field),
            };
            body.insert(field.name.into(), value);
        }
        Ok(body)
    }

    /// A row of a resource besides the one that [`Self::row`] answers.
    async fn another(&mut self, full_name: &str) -> Result<Json> {
        let first = self.made.remove(full_name);
        let row = self.row(full_name).await?;
        if let Some(first) = first {
            self.made.insert(full_name.to_owned(), first);
        }
        Ok(row)
    }

    /// A stored row of a resource, made on first use.
    pub async fn row(&mut self, full_name: &str) -> Result<Json> {
        if let Some(row) = self.made.get(full_name) {
            return Ok(row.clone());
        }
        let Some(resource) = self.platform.registry.resource(full_name) else {
            return self.undeclared(full_name).await;
        };
        let row = if resource.has(Verb::Create) {
            self.fresh(resource).await?
        } else {
            Box::pin(self.stored(resource)).await?
        };
        self.made.insert(full_name.to_owned(), row.clone());
        Ok(row)
    }

    /// A row of a module that this build leaves out: its tables are there.
    async fn undeclared(&mut self, full_name: &str) -> Result<Json> {
        ensure!(full_name == "integrations.installations", "{full_name} is not declared");
        let id = platform_core::ids::new_id();
        let mut cx = Cx::begin_job(self.platform, self.person.organization_id, "sampler", Mode::Write).await?;
        sqlx::query(INSTALLATION)
            .bind(cx.organization_id)
            .bind(id)
            .bind(cx.now)
            .bind(unique("plugin"))
            .bind("0".repeat(64))
            .execute(cx.db())
            .await?;
        cx.commit().await?;
        let row = json!({"id": id});
        self.made.insert(full_name.to_owned(), row.clone());
        Ok(row)
    }

    /// A row of a resource that callers cannot create: stored as the module's own code does it.
    async fn stored(&mut self, resource: &'static Resource) -> Result<Json> {
        let mut given = Map::new();
        for field in resource
            .fields
            .iter()
            .filter(|field| field.required && field.default.is_none() && field.numbering.is_none())
        {
            let value = match field.kind {
                Kind::Reference { to } => self.row(to).await?["id"].clone(),
                Kind::Member => self.person.user_id.to_string().into(),
                // What the module's own code reads back has to have its form.
                Kind::Json if field.name == "grants" => json!({"hosts": [], "effects": []}),
                Kind::Json => json!({}),
                _ => sample(field),
            };
            given.insert(field.name.into(), value);
        }
        let mut refused: HashMap<String, usize> = HashMap::new();
        loop {
            let mut cx = Cx::begin_job(self.platform, self.person.organization_id, "sampler", Mode::Write).await?;
            let Err(problem) = platform_engine::create(&mut cx, resource, given.clone()).await else {
                cx.commit().await?;
                break;
            };
            cx.rollback().await?;
            // The table asks for a form that the kind alone does not tell: a currency, a hash, a list.
            let field = problem.errors.first().and_then(|error| resource.field(&error.field));
            let field = field.with_context(|| format!("{}: {problem}", resource.full_name()))?;
            let others = match field.kind {
                Kind::Json => vec![json!([])],
                _ => vec![json!("SAR"), json!("0".repeat(64))],
            };
            let tried = refused.entry(field.name.to_owned()).or_default();
            let other = others
                .get(*tried)
                .with_context(|| format!("{}: {problem}", resource.full_name()))?;
            given.insert(field.name.into(), other.clone());
            *tried += 1;
        }
        let list = self
            .person
            .get(&format!("{}?limit=1&sort=-id", resource.path()))
            .await?;
        let mut rows = list.expect(200)?;
        Ok(rows["data"][0].take())
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

/// Whether a body already points at a row of a resource.
fn points_again(body: &Map<String, Json>, resource: &Resource, to: &str) -> bool {
    let same = |field: &&Field| matches!(field.kind, Kind::Reference { to: other } if other == to);
    resource
        .fields
        .iter()
        .filter(same)
        .any(|field| body.contains_key(field.name))
}

/// A valid value of a field, new at each call where it has to be unique.
pub fn sample(field: &Field) -> Json {
    if let Some(value) = field.example.filter(|_| !field.unique) {
        let value = field.kind.parse_text(value).map(|value| value.to_json(field.kind));
        return value.unwrap_or_else(|refusal| panic!("the example of {}: {}", field.name, refusal.code));
    }
    match field.kind {
        Kind::Text { max } => {
            let text = unique("t");
            text[text.len().saturating_sub(max as usize)..].into()
        }
        Kind::LongText { .. } => "first line\nsecond line".into(),
        Kind::Choice { values } => values[0].into(),
        Kind::Integer { min, max } if field.unique => {
            let least = min.max(1).min(max);
            json!(least + i64::try_from(number()).unwrap_or_default() % (max - least + 1))
        }
        Kind::Integer { min, max } => json!(min.max(1).min(max)),
        Kind::Decimal { .. } => "1.5".into(),
        Kind::Money { .. } => "12.50".into(),
        Kind::Date => "2026-01-15".into(),
        Kind::Instant => "2026-01-15T09:30:00Z".into(),
        Kind::Boolean => true.into(),
        Kind::Reference { .. } | Kind::File | Kind::Member => Json::Null,
        Kind::Time => "08:30".into(),
        Kind::Json => json!({"a": [1, "b"]}),
        Kind::Phone => format!("+9665{:08}", number() % 100_000_000).into(),
        Kind::Email => format!("{}@example.test", unique("m")).into(),
        Kind::Iban => iban().into(),
        // Citizens' numbers begin with 1, residents' with 2.
        Kind::NationalId => national_id(if field.name.starts_with("iqama") { 2 } else { 1 }).into(),
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

fn national_id(first: u8) -> String {
    let stem = format!("{first}{:08}", number() % 100_000_000);
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
