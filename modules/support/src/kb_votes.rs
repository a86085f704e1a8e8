//! Who found which article helpful: written by the operation `vote`.

use platform_resource::{Field, Resource, Verb, boolean, member, reference};

/// Votes.
pub static KB_VOTES: Resource = Resource::new("support", "kb_votes", FIELDS)
    .title(&["is_helpful"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("article_id", "support.kb_articles")
        .required()
        .read_only()
        .filter()
        .list(),
    member("voter").required().read_only().filter().list(),
    boolean("is_helpful").required().read_only().filter().list(),
];
