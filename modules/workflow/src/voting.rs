//! What votes come to. A level is done when everybody who must approve has; levels follow one another or stand side
//! by side.

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vote {
    Open,
    Approved,
    Rejected,
    /// Nobody decided in time, and it went to somebody else.
    Escalated,
}

/// One request of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ballot {
    pub(crate) level: i64,
    pub(crate) is_required: bool,
    pub(crate) vote: Vote,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Somebody still has to decide.
    Wait,
    /// The next level is asked.
    Ask(i64),
    Approved,
    Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Unasked,
    Waits,
    Done,
    Lost,
}

fn level(level: i64, ballots: &[Ballot]) -> Level {
    let here = || ballots.iter().filter(|ballot| ballot.level == level);
    let any = |vote: Vote| here().any(|ballot| ballot.vote == vote);
    if here().next().is_none() {
        return Level::Unasked;
    }
    if here().any(|ballot| ballot.is_required && ballot.vote == Vote::Rejected) {
        return Level::Lost;
    }
    let are_agreed = here()
        .filter(|ballot| ballot.is_required)
        .all(|ballot| matches!(ballot.vote, Vote::Approved | Vote::Escalated));
    if are_agreed && (any(Vote::Approved) || any(Vote::Escalated)) {
        return Level::Done;
    }
    // Nobody is left who could approve a level that only asked people who need not.
    if any(Vote::Open) { Level::Waits } else { Level::Lost }
}

/// What the votes of a round come to. `levels` are those on which the chain has somebody, lowest first.
pub(crate) fn verdict(levels: &[i64], ballots: &[Ballot]) -> Verdict {
    let mut is_waiting = false;
    let mut unasked = None;
    for one in levels {
        match level(*one, ballots) {
            Level::Lost => return Verdict::Rejected,
            Level::Waits => is_waiting = true,
            Level::Unasked => unasked = unasked.or(Some(*one)),
            Level::Done => {}
        }
    }
    let is_approved_at_last = || {
        let last = levels.last();
        ballots
            .iter()
            .any(|ballot| Some(&ballot.level) == last && ballot.vote == Vote::Approved)
    };
    match unasked {
        _ if is_waiting => Verdict::Wait,
        Some(level) => Verdict::Ask(level),
        None if is_approved_at_last() => Verdict::Approved,
        None => Verdict::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ballot(level: i64, is_required: bool, vote: Vote) -> Ballot {
        Ballot {
            level,
            is_required,
            vote,
        }
    }

    #[test]
    fn a_must_b_may_then_c_must() {
        use Vote::{Approved, Escalated, Open, Rejected};
        let levels = [1, 2];
        let first = |a: Vote, b: Vote| vec![ballot(1, true, a), ballot(1, false, b)];
        let both = |a: Vote, b: Vote, c: Vote| [first(a, b), vec![ballot(2, true, c)]].concat();
        let table = [
            (first(Open, Open), Verdict::Wait),
            // B alone does not open the next level; A does, and B may still decide.
            (first(Open, Approved), Verdict::Wait),
            (first(Approved, Open), Verdict::Ask(2)),
            (first(Approved, Rejected), Verdict::Ask(2)),
            (first(Rejected, Approved), Verdict::Rejected),
            (both(Approved, Open, Open), Verdict::Wait),
            (both(Approved, Open, Approved), Verdict::Approved),
            (both(Approved, Approved, Rejected), Verdict::Rejected),
            // A was silent: the next level decides in his place.
            (first(Escalated, Open), Verdict::Ask(2)),
            (both(Escalated, Open, Approved), Verdict::Approved),
        ];
        for (ballots, expected) in table {
            assert_eq!(verdict(&levels, &ballots), expected, "{ballots:?}");
        }
    }

    #[test]
    fn levels_side_by_side_wait_for_each_other() {
        use Vote::{Approved, Open};
        let asked = [ballot(1, true, Approved), ballot(2, true, Open)];
        assert_eq!(verdict(&[1, 2], &asked), Verdict::Wait);
        let asked = [ballot(1, true, Open), ballot(2, true, Approved)];
        assert_eq!(verdict(&[1, 2], &asked), Verdict::Wait);
        let asked = [ballot(1, true, Approved), ballot(2, true, Approved)];
        assert_eq!(verdict(&[1, 2], &asked), Verdict::Approved);
    }

    #[test]
    fn a_level_of_those_who_need_not_needs_one_of_them() {
        use Vote::{Approved, Open, Rejected};
        let of = |one: Vote, other: Vote| verdict(&[1], &[ballot(1, false, one), ballot(1, false, other)]);
        assert_eq!(of(Open, Rejected), Verdict::Wait);
        assert_eq!(of(Approved, Open), Verdict::Approved);
        assert_eq!(of(Rejected, Rejected), Verdict::Rejected);
    }

    #[test]
    fn a_substitute_decides_in_the_place_of_who_was_silent() {
        use Vote::{Approved, Escalated, Open, Rejected};
        let with = |substitute: Vote| verdict(&[1], &[ballot(1, true, Escalated), ballot(1, true, substitute)]);
        assert_eq!(with(Open), Verdict::Wait);
        assert_eq!(with(Approved), Verdict::Approved);
        assert_eq!(with(Rejected), Verdict::Rejected);
        // Silence alone approves nothing.
        assert_eq!(verdict(&[1], &[ballot(1, true, Escalated)]), Verdict::Wait);
    }
}
