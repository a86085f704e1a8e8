//! Comments on a workflow, in threads.

use platform_resource::{
    Action, Decision, Field, Given, Resource, Verb, action, boolean, instant, long_text, member, reference,
};
use serde_json::{Map, json};

use crate::instant_json;

/// Workflow comments.
pub static WORKFLOW_COMMENTS: Resource = Resource::new("workflow", "workflow_comments", FIELDS)
    .title(&["comment"])
    .actions(ACTIONS)
    .without(&[Verb::Create, Verb::Update, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("workflow_instance_id", "workflow.workflow_instances")
        .required()
        .create_only()
        .filter()
        .list(),
    reference("parent_comment_id", "workflow.workflow_comments")
        .create_only()
        .filter(),
    long_text("comment", 4000).required().read_only().search().list(),
    member("author").required().filter().list(),
    boolean("is_internal").required().default("false").filter().list(),
    boolean("is_edited").required().read_only().default("false"),
    instant("edited_at").read_only(),
];

const ACTIONS: &[Action] = &[action("edit", &[long_text("comment", 4000).required()], edit)];

/// Who wrote it may put it right; that it was is shown.
fn edit(given: &Given<'_>) -> Decision {
    if given.record.uuid("author") != Some(given.actor_id) {
        return Err("not_the_author");
    }
    Ok(Map::from_iter([
        ("comment".to_owned(), given.input.get("comment").clone()),
        ("is_edited".to_owned(), json!(true)),
        ("edited_at".to_owned(), instant_json(given.now)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ACTOR, decide};

    #[test]
    fn only_the_author_edits() {
        let input = json!({"comment": "Right"});
        let own = decide(ACTIONS, "edit", &json!({"author": ACTOR}), &input).expect("allowed");
        assert_eq!(own["comment"], "Right");
        assert_eq!(own["is_edited"], true);
        let others = json!({"author": uuid::Uuid::from_u128(9)});
        assert_eq!(decide(ACTIONS, "edit", &others, &input), Err("not_the_author"));
    }
}
