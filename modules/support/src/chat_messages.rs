//! What is said in chats: written by the operation `send`, never changed.

use platform_resource::{Field, Resource, Verb, boolean, long_text, member, reference};

/// Messages of chats.
pub static CHAT_MESSAGES: Resource = Resource::new("support", "chat_messages", FIELDS)
    .title(&["message"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("id");

const FIELDS: &[Field] = &[
    reference("chat_session_id", "support.chat_sessions")
        .required()
        .read_only()
        .filter()
        .list(),
    member("author").read_only().filter().list(),
    long_text("message", 4000).required().read_only().search().list(),
    boolean("is_agent")
        .required()
        .read_only()
        .default("false")
        .filter()
        .list(),
    boolean("is_system").required().read_only().default("false").filter(),
];
