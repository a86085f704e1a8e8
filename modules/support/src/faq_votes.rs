//! Who found which answer helpful: written by the operation `vote`.

use platform_resource::{Field, Resource, Verb, boolean, member, reference};

/// Votes on frequent questions.
pub static FAQ_VOTES: Resource = Resource::new("support", "faq_votes", FIELDS)
    .title(&["is_helpful"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FIELDS: &[Field] = &[
    reference("faq_id", "support.faqs")
        .required()
        .read_only()
        .filter()
        .list(),
    member("voter").required().read_only().filter().list(),
    boolean("is_helpful").required().read_only().filter().list(),
];
