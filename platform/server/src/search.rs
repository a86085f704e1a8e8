//! The search field above every page.

use platform_core::{Cx, FieldError, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fewest letters that are searched: one letter is in everything.
const SHORTEST: usize = 2;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Words that must all occur in a row.
    #[schemars(length(min = 2, max = 100))]
    q: String,
    /// Most rows of each resource.
    #[schemars(range(min = 1, max = 20))]
    limit: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    data: Vec<Row>,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    /// Full name of the resource, as `fleet.vehicles`.
    resource: String,
    id: uuid::Uuid,
    /// What names the row to people.
    title: Option<String>,
}

/// `GET /search`.
pub fn operation() -> Operation {
    Operation::get("/search", "search", Permit::SignedIn, |cx, input| {
        Box::pin(search(cx, input))
    })
    .summary("Rows of every resource that the caller may read, by words")
}

async fn search(cx: &mut Cx, input: Input) -> Result<Output, Problem> {
    let words = input.q.trim();
    let (length, limit) = (words.chars().count(), input.limit.unwrap_or(5));
    if length < SHORTEST {
        return Err(Problem::invalid(vec![
            FieldError::new("q", "too_short").with(vec![("min", SHORTEST.to_string())]),
        ]));
    }
    if length > 100 {
        return Err(Problem::invalid(vec![
            FieldError::new("q", "too_long").with(vec![("max", "100".into())]),
        ]));
    }
    if words.contains('\0') {
        return Err(Problem::field("q", "bad_character"));
    }
    if !(1..=20).contains(&limit) {
        return Err(Problem::field("limit", "bad_limit"));
    }
    let found = platform_engine::search(cx, words, limit).await?;
    let data = found.into_iter().map(|found| Row {
        resource: found.resource,
        id: found.id,
        title: found.title,
    });
    Ok(Output { data: data.collect() })
}
