//! What the gateway wants to be told and what it answers, without I/O.

use barq_plugin::{Failure, Phone, SmsMessage, SmsResult};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where messages go.
pub const SEND: &str = "/messages";
/// A question that costs nothing and needs the key.
pub const ACCOUNT: &str = "/account";

/// One message in the gateway's words.
pub fn request(message: &SmsMessage, to: &Phone, sender: &str) -> Value {
    json!({ "to": to.digits(), "from": sender, "text": message.body })
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    parts: Option<u32>,
}

/// What the gateway made of it.
pub fn result(message: &SmsMessage, body: &[u8]) -> SmsResult {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        let failure = Failure::transient("bad_reply", "The gateway's answer cannot be read.");
        return SmsResult::refused(&message.message_id, failure);
    };
    SmsResult {
        segments: answer.parts,
        ..SmsResult::accepted(&message.message_id, answer.id)
    }
}
