//! Sending one message after another to a gateway that takes one at a time.

use barq_plugin::http::Request;
use barq_plugin::{Failure, FailureKind, Phone, Result, SmsKind, SmsMessage, SmsResult, SmsState};

use crate::segments;

/// Requests that may be under way at once, and in one call.
const AT_ONCE: usize = 16;
const IN_ONE_CALL: usize = 32;

/// A message that can be sent.
#[derive(Debug)]
pub struct Outgoing {
    pub message: SmsMessage,
    pub to: Phone,
    /// Parts as we count them.
    pub parts: u32,
}

impl Outgoing {
    pub fn id(&self) -> &str {
        &self.message.message_id
    }

    /// The sender of the message, or the one of the settings.
    pub fn sender<'a>(&'a self, default: &'a str) -> &'a str {
        self.message.sender_name.as_deref().unwrap_or(default)
    }
}

/// Sorts out what need not be sent; one-time passwords come first, for they are waited for.
pub fn plan(messages: Vec<SmsMessage>, now: i64, most_parts: u32) -> (Vec<Outgoing>, Vec<SmsResult>) {
    let (mut outgoing, mut refused) = (Vec::new(), Vec::new());
    for message in messages {
        match checked(&message, now, most_parts) {
            Ok((to, parts)) => outgoing.push(Outgoing { message, to, parts }),
            Err(result) => refused.push(*result),
        }
    }
    outgoing.sort_by_key(|one| !matches!(one.message.kind, SmsKind::OneTimePassword));
    (outgoing, refused)
}

fn checked(message: &SmsMessage, now: i64, most_parts: u32) -> std::result::Result<(Phone, u32), Box<SmsResult>> {
    let refused =
        |code, words: &str| Box::new(SmsResult::refused(&message.message_id, Failure::permanent(code, words)));
    if message.expires_at.is_some_and(|at| at <= now) {
        let mut result = refused("expired", "The message was not sent before it became worthless.");
        result.state = SmsState::Expired;
        return Err(result);
    }
    let to = Phone::parse(&message.to).ok_or_else(|| refused("bad_number", "The number cannot receive messages."))?;
    let parts = u32::try_from(segments::count(&message.body).parts).unwrap_or(u32::MAX);
    if message.body.trim().is_empty() {
        return Err(refused("bad_text", "The message is empty."));
    }
    if parts > most_parts {
        return Err(refused(
            "too_many_parts",
            &format!("The message has {parts} parts; the settings allow {most_parts}."),
        ));
    }
    Ok((to, parts))
}

/// Sends each with a request of its own and reads each answer; what `read` does not understand is judged by its status. A
/// refusal that concerns all of them ends the call; what was not tried then is tried again.
pub fn send_each(
    messages: Vec<SmsMessage>,
    now: i64,
    most_parts: u32,
    request: impl Fn(&Outgoing) -> Request,
    read: impl Fn(&Outgoing, u16, &[u8]) -> Option<SmsResult>,
) -> Result<Vec<SmsResult>> {
    let (outgoing, mut results) = plan(messages, now, most_parts);
    let mut sent = false;
    for chunk in outgoing[..outgoing.len().min(IN_ONE_CALL)].chunks(AT_ONCE) {
        let answers = Request::send_all(chunk.iter().map(&request).collect());
        let mut concerns_all = None;
        for (one, answer) in chunk.iter().zip(answers) {
            let result = match answer {
                Err(failure) => SmsResult::refused(one.id(), failure),
                Ok(answer) => read(one, answer.status(), answer.bytes()).unwrap_or_else(|| {
                    let failure = match answer.success() {
                        Err(failure) => failure,
                        Ok(_) => Failure::transient("bad_reply", "The gateway's answer cannot be read."),
                    };
                    SmsResult::refused(one.id(), failure)
                }),
            };
            match &result.failure {
                None => sent = true,
                Some(failure) if of_all(failure) => concerns_all = Some(failure.clone()),
                Some(_) => {}
            }
            results.push(result);
        }
        match concerns_all {
            Some(failure) if !sent => return Err(failure),
            Some(_) => break,
            None => {}
        }
    }
    Ok(results)
}

fn of_all(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Auth | FailureKind::RateLimited | FailureKind::Config
    )
}

/// A message of a test.
#[doc(hidden)]
pub fn example(id: &str, to: &str, body: &str) -> SmsMessage {
    SmsMessage {
        message_id: id.to_owned(),
        to: to.to_owned(),
        sender_name: None,
        body: body.to_owned(),
        kind: SmsKind::Transactional,
        expires_at: None,
        attributes: Vec::new(),
    }
}

/// The same, ready to be sent.
#[doc(hidden)]
pub fn example_outgoing(to: &str, body: &str) -> Outgoing {
    let (mut outgoing, _) = plan(vec![example("m-1", to, body)], 0, 10);
    outgoing.remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_go_first_and_what_cannot_be_sent_is_named() {
        let mut password = example("otp", "0501234567", "1234");
        password.kind = SmsKind::OneTimePassword;
        let mut late = example("late", "0501234567", "x");
        late.expires_at = Some(1_000);
        let messages = vec![
            example("first", "+966501234568", "سلام"),
            late,
            example("number", "12", "x"),
            example("empty", "0501234567", " "),
            example("long", "0501234567", &"م".repeat(200)),
            password,
        ];
        let (outgoing, refused) = plan(messages, 1_000, 2);
        let ids: Vec<_> = outgoing.iter().map(Outgoing::id).collect();
        assert_eq!(ids, ["otp", "first"]);
        assert_eq!((outgoing[0].to.digits(), outgoing[1].parts), ("966501234567", 1));
        let codes: Vec<_> = refused
            .iter()
            .map(|result| {
                (
                    result.message_id.as_str(),
                    result.failure.as_ref().unwrap().code.as_str(),
                )
            })
            .collect();
        assert_eq!(
            codes,
            [
                ("late", "expired"),
                ("number", "bad_number"),
                ("empty", "bad_text"),
                ("long", "too_many_parts")
            ]
        );
        assert!(matches!(refused[0].state, SmsState::Expired));
    }
}
