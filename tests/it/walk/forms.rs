//! How an id is said at a place, and what of an answer counts.

use barq_tests::Answer;
use platform_resource::Verb;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::plan::{Operation, Place, Spot};

/// The control stays signed in: it may switch to its organization, and signing out works.
pub fn ends_session(operation: &Operation) -> bool {
    operation.path.starts_with("/api/v1/auth/")
}

/// Ways to say an id at a place: a filter has several.
pub fn forms(operation: &Operation, spot: &Spot) -> Vec<String> {
    let forms: &[&str] = match &spot.place {
        Place::Query(name)
            if operation.resource.is_some_and(|resource| {
                resource.field(name).is_some() && operation.path.starts_with(&resource.path())
            }) =>
        {
            match operation.verb() {
                "export" => &["", "in"],
                "list" | "options" => &["", "in", "ne"],
                // Figures of a resource take an id and no comparison.
                _ => &[""],
            }
        }
        Place::Body(way) if operation.verb() == "bulk" && way.len() == 3 => {
            let has = |verb| operation.resource.is_some_and(|resource| resource.has(verb));
            match (has(Verb::Update), has(Verb::Delete)) {
                (true, true) => &["update", "delete"],
                (true, false) => &["update"],
                (false, true) => &["delete"],
                // Rows that can only be added have no id to name.
                (false, false) => &[],
            }
        }
        _ => &[""],
    };
    forms.iter().map(ToString::to_string).collect()
}

/// Sets the id in a body; what stands on the way is made.
pub fn put(body: &mut Json, way: &[String], form: &str, id: Uuid) {
    let mut place = body;
    for (depth, name) in way.iter().enumerate() {
        if let Ok(index) = name.parse::<usize>() {
            if !place.is_array() || place.as_array().is_some_and(Vec::is_empty) {
                *place = json!([{}]);
            }
            place = &mut place[index];
            if !form.is_empty() {
                *place = json!({"op": form});
            }
        } else {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[name];
        }
        if depth + 1 == way.len() {
            *place = json!(id);
        }
    }
}

/// Everything of an answer that a caller could learn from, with the id that he sent made equal.
pub fn masked(answer: &Answer, sent: Uuid) -> (u16, Vec<(String, String)>, String) {
    let sent = sent.to_string();
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).replace(&sent, "<id>"),
            )
        })
        .collect();
    headers.sort();
    (answer.status.as_u16(), headers, answer.text().replace(&sent, "<id>"))
}

pub fn shown(answer: &Answer) -> String {
    let text: String = answer.text().chars().take(300).collect();
    format!("{} {text}", answer.status.as_u16())
}
