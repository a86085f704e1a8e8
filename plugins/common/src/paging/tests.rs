use super::*;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn answer(ids: &[u32], last_page: Option<u32>) -> Answer {
    Answer {
        rows: ids.len(),
        last_page,
        next: None,
        hash: hash_of(ids.iter().map(u32::to_string)),
    }
}

fn start() -> Cursor {
    Cursor::resume(None, day("2026-11-01"), day("2026-11-20"), 3).unwrap()
}

fn next(cursor: Cursor, answer: &Answer) -> Result<Next> {
    cursor.advance(answer, 0, day("2026-11-20"), 5)
}

#[test]
fn pages_are_read_to_the_last() {
    let mut cursor = start();
    for page in 1..=3 {
        assert_eq!(cursor.position().page, page);
        let step = next(cursor, &answer(&[page], Some(3))).unwrap();
        assert_eq!(step.more, page < 3);
        // What the platform stores is what continues.
        cursor = Cursor::resume(Some(&step.cursor.to_text()), day("2026-11-01"), day("2026-11-20"), 3).unwrap();
    }
}

#[test]
fn without_a_last_page_reading_ends_with_an_empty_one() {
    let step = next(start(), &answer(&[1], None)).unwrap();
    assert!(step.more);
    assert!(!next(step.cursor, &answer(&[], None)).unwrap().more);
}

#[test]
fn a_finished_period_is_read_again_a_few_days_back() {
    let done = next(start(), &answer(&[], Some(1))).unwrap().cursor.to_text();
    let again = Cursor::resume(Some(&done), day("2026-11-01"), day("2026-11-22"), 3)
        .unwrap()
        .position();
    assert_eq!(
        (again.from, again.to, again.page),
        (day("2026-11-17"), day("2026-11-22"), 1)
    );
    let earlier = Cursor::resume(Some(&done), day("2026-10-15"), day("2026-11-22"), 3)
        .unwrap()
        .position();
    assert_eq!(
        earlier.from,
        day("2026-10-15"),
        "an earlier start reads what was never asked for"
    );
    let later = Cursor::resume(Some(&done), day("2026-11-19"), day("2026-11-22"), 3)
        .unwrap()
        .position();
    assert_eq!(later.from, day("2026-11-19"));
}

#[test]
fn a_long_past_is_read_in_periods_without_a_gap() {
    let today = day("2026-11-20");
    let mut cursor = Cursor::resume(None, day("2026-08-15"), today, 3).unwrap();
    let mut expected = day("2026-08-15");
    loop {
        let at = cursor.position();
        assert_eq!(at.from, expected);
        let step = cursor.advance(&answer(&[1], Some(1)), 0, today, 5).unwrap();
        if !step.more {
            assert_eq!(at.to, today);
            break;
        }
        expected = at.to.plus_days(1);
        cursor = step.cursor;
    }
}

#[test]
fn a_provider_that_never_ends_is_an_error_at_the_limit() {
    let mut cursor = start();
    for page in 1..5 {
        cursor = next(cursor, &answer(&[page], Some(page + 1))).unwrap().cursor;
    }
    assert_eq!(
        next(cursor.clone(), &answer(&[5], Some(6))).unwrap_err().code,
        "page_limit"
    );
    assert!(
        !next(cursor, &answer(&[5], Some(5))).unwrap().more,
        "exactly at the limit is fine"
    );
}

#[test]
fn the_same_page_for_ever_is_an_error_at_once() {
    let second = next(start(), &answer(&[1, 2], Some(9))).unwrap().cursor;
    assert_eq!(
        next(second.clone(), &answer(&[1, 2], Some(9))).unwrap_err().code,
        "repeated_page"
    );
    assert!(
        next(second, &answer(&[3, 4], Some(9))).is_ok(),
        "and the next run continues when it is mended"
    );
}

#[test]
fn a_list_that_shrinks_is_read_again_but_not_for_ever() {
    let mut cursor = start();
    for _ in 0..3 {
        cursor = next(cursor, &answer(&[1], Some(2))).unwrap().cursor;
        assert_eq!(cursor.position().page, 2);
        let step = next(cursor, &answer(&[], Some(1))).unwrap();
        assert!(step.more);
        cursor = step.cursor;
        assert_eq!(cursor.position().page, 1);
    }
    cursor = next(cursor, &answer(&[1], Some(2))).unwrap().cursor;
    assert_eq!(next(cursor, &answer(&[], Some(1))).unwrap_err().code, "list_changes");
}

#[test]
fn a_page_in_parts_continues_where_it_was_and_starts_over_when_it_changed() {
    let step = start()
        .advance(&answer(&[1, 2, 3], Some(1)), 2, day("2026-11-20"), 5)
        .unwrap();
    assert!(step.more);
    assert_eq!((step.cursor.position().page, step.cursor.position().row), (1, 1));
    assert!(!next(step.cursor.clone(), &answer(&[1, 2, 3], Some(1))).unwrap().more);
    let changed = next(step.cursor, &answer(&[0, 1, 2, 3], Some(1))).unwrap();
    assert_eq!((changed.more, changed.cursor.position().row), (true, 0));
}

#[test]
fn a_broken_cursor_is_named() {
    for text in ["", "{}", "null", r#"{"since":"x","from":"x","to":"x","page":1}"#] {
        let failure = Cursor::resume(Some(text), day("2026-11-01"), day("2026-11-20"), 3).unwrap_err();
        assert_eq!(failure.code, "bad_cursor", "{text}");
    }
}
