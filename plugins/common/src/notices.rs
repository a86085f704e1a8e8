//! Telling a platform of couriers' progress, one notice after another.

use barq_plugin::{Failure, FailureKind, NoticeResult, Result, StatusNotice};

/// What to say about a notice.
pub enum Word<T> {
    /// This.
    Say(T),
    /// The platform has no word for it, and why.
    Nothing(String),
}

/// Tells `most` of them. A refusal that concerns all of them ends the call; what was not told is told by the next one.
pub fn tell_each<T>(
    notices: &[StatusNotice],
    most: usize,
    word: impl Fn(&StatusNotice) -> Word<T>,
    mut tell: impl FnMut(&StatusNotice, T) -> Result<()>,
) -> Result<Vec<NoticeResult>> {
    let mut results = Vec::new();
    let mut told = 0;
    for notice in notices {
        let id = &notice.notice_id;
        let word = match word(notice) {
            Word::Say(word) => word,
            Word::Nothing(why) => {
                results.push(NoticeResult::skipped(id, why));
                continue;
            }
        };
        if told == most {
            continue;
        }
        told += 1;
        match tell(notice, word) {
            Ok(()) => results.push(NoticeResult::done(id)),
            Err(failure) if of_all(&failure) => {
                if results.is_empty() {
                    return Err(failure);
                }
                results.push(NoticeResult::failed(id, failure));
                break;
            }
            Err(failure) => results.push(NoticeResult::failed(id, failure)),
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

/// A notice of a test.
#[doc(hidden)]
pub fn example(id: &str, order: &str, status: barq_plugin::OrderStatus) -> StatusNotice {
    StatusNotice {
        notice_id: id.to_owned(),
        external_id: order.to_owned(),
        platform: String::new(),
        status,
        at: 0,
        courier_ref: None,
        courier_name: None,
        courier_phone: None,
        location: None,
        reason: None,
        attributes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use barq_plugin::{ItemOutcome, OrderStatus};

    use super::*;

    fn run(answers: Vec<Result<()>>, most: usize) -> Result<Vec<String>> {
        let notices: Vec<_> = ["a", "b", "c", "d"]
            .iter()
            .map(|id| example(id, id, OrderStatus::Delivered))
            .collect();
        let mut answers = answers.into_iter();
        let word = |notice: &StatusNotice| match notice.notice_id.as_str() {
            "b" => Word::Nothing("no word".to_owned()),
            _ => Word::Say(()),
        };
        let results = tell_each(&notices, most, word, |_, ()| answers.next().unwrap())?;
        let short = |result: NoticeResult| match result.outcome {
            ItemOutcome::Done => format!("{} done", result.notice_id),
            ItemOutcome::Skipped(_) => format!("{} skipped", result.notice_id),
            ItemOutcome::Failed(failure) => format!("{} {}", result.notice_id, failure.code),
        };
        Ok(results.into_iter().map(short).collect())
    }

    #[test]
    fn each_has_its_own_outcome() {
        let answers = vec![Ok(()), Err(Failure::permanent("unknown_order", "")), Ok(())];
        assert_eq!(
            run(answers, 9).unwrap(),
            ["a done", "b skipped", "c unknown_order", "d done"]
        );
    }

    #[test]
    fn what_concerns_all_ends_the_call_and_the_rest_is_told_later() {
        assert_eq!(
            run(vec![Err(Failure::rate_limited(None))], 9).unwrap_err().code,
            "rate_limited"
        );
        let answers = vec![Ok(()), Err(Failure::auth("refused", ""))];
        assert_eq!(run(answers, 9).unwrap(), ["a done", "b skipped", "c refused"]);
        assert_eq!(run(vec![Ok(())], 1).unwrap(), ["a done", "b skipped"]);
    }
}
