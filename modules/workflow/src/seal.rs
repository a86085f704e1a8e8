//! Seals of the history: each event's seal covers the event and the seal before it, so that nothing in between can be
//! changed, left out or put in unseen.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a seal covers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sealed {
    pub(crate) workflow_instance_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) event_type: String,
    pub(crate) actor: Option<Uuid>,
    pub(crate) actor_type: String,
    /// In the form that rows have.
    pub(crate) event_at: Json,
    pub(crate) description: String,
    pub(crate) previous_state: Json,
    pub(crate) new_state: Json,
    pub(crate) field_changes: Json,
    pub(crate) event_metadata: Json,
}

impl Sealed {
    /// The seal after the one before, in hexadecimal.
    pub(crate) fn checksum(&self, previous: Option<&str>) -> String {
        let covered = json!([
            previous,
            self.workflow_instance_id,
            self.sequence,
            self.event_type,
            self.actor,
            self.actor_type,
            self.event_at,
            self.description,
            self.previous_state,
            self.new_state,
            self.field_changes,
            self.event_metadata
        ]);
        let mut text = String::new();
        write(&covered, &mut text);
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}

/// JSON in one form only: keys in order. The database keeps values, not the order in which they were written.
fn write(json: &Json, out: &mut String) {
    match json {
        Json::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (key, value) in entries {
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Json::Array(list) => {
            out.push('[');
            for value in list {
                write(value, out);
                out.push(',');
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

/// An event with the seals that were stored with it.
pub(crate) struct Kept {
    pub(crate) event: Sealed,
    pub(crate) previous_checksum: Option<String>,
    pub(crate) checksum: String,
}

/// The place of the first event whose seal does not fit, events being in their order.
pub(crate) fn first_broken(kept: &[Kept]) -> Option<i64> {
    let mut previous: Option<&str> = None;
    for (place, one) in (0_i64..).zip(kept) {
        let fits = one.event.sequence == place
            && one.previous_checksum.as_deref() == previous
            && one.checksum == one.event.checksum(previous);
        if !fits {
            return Some(place);
        }
        previous = Some(&one.checksum);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Kept> {
        let mut kept: Vec<Kept> = Vec::new();
        for sequence in 0..4 {
            let event = Sealed {
                workflow_instance_id: Uuid::from_u128(7),
                sequence,
                event_type: "status_changed".into(),
                actor: None,
                actor_type: "system".into(),
                event_at: json!("2026-01-01T00:00:00.000Z"),
                description: format!("event {sequence}"),
                previous_state: json!({"a": 1, "b": {"d": 2, "c": [1, 2]}}),
                new_state: Json::Null,
                field_changes: Json::Null,
                event_metadata: Json::Null,
            };
            let previous = kept.last().map(|kept| kept.checksum.clone());
            kept.push(Kept {
                checksum: event.checksum(previous.as_deref()),
                previous_checksum: previous,
                event,
            });
        }
        kept
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(first_broken(&chain()), None);
        assert_eq!(first_broken(&[]), None);
    }

    #[test]
    fn what_was_changed_left_out_or_put_in_is_found() {
        let mut changed = chain();
        changed[2].event.description = "something else".into();
        assert_eq!(first_broken(&changed), Some(2));

        let mut resealed = chain();
        resealed[1].event.actor = Some(Uuid::from_u128(1));
        let previous = resealed[0].checksum.clone();
        resealed[1].checksum = resealed[1].event.checksum(Some(&previous));
        assert_eq!(first_broken(&resealed), Some(2), "the next event shows it");

        let mut shorter = chain();
        shorter.remove(1);
        assert_eq!(first_broken(&shorter), Some(1));

        let mut swapped = chain();
        swapped.swap(1, 2);
        assert_eq!(first_broken(&swapped), Some(1));
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let mut one = String::new();
        let mut other = String::new();
        write(
            &serde_json::from_str(r#"{"b": [1, {"y": 1, "x": 2}], "a": null}"#).expect("JSON"),
            &mut one,
        );
        write(
            &serde_json::from_str(r#"{"a": null, "b": [1, {"x": 2, "y": 1}]}"#).expect("JSON"),
            &mut other,
        );
        assert_eq!(one, other);
    }
}
