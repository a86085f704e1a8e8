//! Ready answers with holes, as `Dear {name}`.

use std::collections::BTreeMap;

use platform_core::{Cx, Problem};
use platform_resource::{Field, Resource, boolean, integer, long_text, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

/// Ready answers.
pub static CANNED_RESPONSES: Resource = Resource::new("support", "canned_responses", FIELDS).title(&["title"]);

const FIELDS: &[Field] = &[
    text("title", 200).required().search().list(),
    text("shortcut", 50).unique().search().list(),
    long_text("content", 10_000).required().search(),
    text("category", 100).required().search().filter().list(),
    boolean("is_active").required().default("true").filter().list(),
    boolean("is_public").required().default("true").filter(),
    integer("usage_count", 0, 999_999_999)
        .required()
        .read_only()
        .default("0")
        .list(),
];

/// A ready answer with its holes filled.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Filled {
    /// The answer.
    pub(crate) text: String,
    /// Holes that nothing was given for; they stay as they are.
    missing: Vec<String>,
}

/// Which answer, and words for its holes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Use {
    /// The ready answer.
    id: Uuid,
    /// Words by name of the hole.
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// `POST /support/canned_responses/{id}/use`.
pub(crate) async fn used(cx: &mut Cx, given: Use) -> Result<Filled, Problem> {
    platform_engine::load(cx, &CANNED_RESPONSES, given.id).await?;
    filled(cx, given.id, &given.variables, "id").await
}

/// Fills a ready answer and counts its use.
pub(crate) async fn filled(
    cx: &mut Cx,
    id: Uuid,
    variables: &BTreeMap<String, String>,
    field: &'static str,
) -> Result<Filled, Problem> {
    let response = platform_engine::load(cx, &CANNED_RESPONSES, id).await;
    let response = response.map_err(|_| Problem::field(field, "not_known"))?;
    if response.get("is_active") != true {
        return Err(Problem::refused("response_not_in_use"));
    }
    let used = response.integer("usage_count").unwrap_or_default() + 1;
    let change = Map::from_iter([("usage_count".to_owned(), json!(used))]);
    platform_engine::change(cx, &CANNED_RESPONSES, id, "use", change).await?;
    Ok(fill(response.text("content").unwrap_or_default(), variables))
}

/// What is given stands in the place of its hole, once: braces in a word are no holes.
fn fill(content: &str, variables: &BTreeMap<String, String>) -> Filled {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut filled = Filled {
        text: String::new(),
        missing: Vec::new(),
    };
    let mut rest = content;
    while let Some((before, after)) = rest.split_once('{') {
        filled.text.push_str(before);
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            filled.text.push('{');
            rest = after;
            continue;
        };
        rest = after;
        if let Some(word) = variables.get(name) {
            filled.text.push_str(word);
            continue;
        }
        for part in ["{", name, "}"] {
            filled.text.push_str(part);
        }
        if !filled.missing.iter().any(|missing| missing == name) {
            filled.missing.push(name.to_owned());
        }
    }
    filled.text.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once() {
        let words: BTreeMap<String, String> = [("name", "Sara {x}"), ("ticket", "TKT-1")]
            .map(|(name, word)| (name.to_owned(), word.to_owned()))
            .into();
        let filled = fill("Dear {name}, {ticket} is done. {x} {y} {x} {not a hole} {", &words);
        assert_eq!(filled.text, "Dear Sara {x}, TKT-1 is done. {x} {y} {x} {not a hole} {");
        assert_eq!(filled.missing, ["x", "y"]);
        assert_eq!(fill("", &words).text, "");
    }
}
