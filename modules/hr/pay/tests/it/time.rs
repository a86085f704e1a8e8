//! Leave, holidays, hours.

use chrono::{FixedOffset, NaiveDate, Weekday};
use hr_pay::{
    Announced, Cause, Conditions, Entry, HolidayKind, LeaveLedger, Rules, Span, Standard, holidays, instant, occasion,
    sick_pay, suspended_days, touched, work_days,
};

use crate::support::{day, each};

fn riyadh() -> FixedOffset {
    FixedOffset::east_opt(3 * 3600).unwrap()
}

fn kind(word: &str) -> HolidayKind {
    let kinds = [
        HolidayKind::EidAlFitr,
        HolidayKind::EidAlAdha,
        HolidayKind::NationalDay,
        HolidayKind::FoundingDay,
    ];
    kinds.into_iter().find(|kind| kind.word() == word).unwrap()
}

/// `2026-11-24 20:00-28:00`, several apart by semicolons.
fn spans(text: &str) -> Vec<Span> {
    let clock = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        (hour.parse().unwrap(), minute.parse().unwrap())
    };
    let of = |text: &str| {
        let (on, times) = text.split_once(' ').unwrap();
        let (from, until) = times.split_once('-').unwrap();
        let at = |(hour, minute)| instant(day(on), hour, minute, riyadh()).unwrap();
        Span {
            from: at(clock(from)),
            until: at(clock(until)),
        }
    };
    text.split(';').filter(|part| !part.is_empty()).map(of).collect()
}

fn periods(text: &str) -> Vec<(NaiveDate, NaiveDate)> {
    let of = |text: &str| {
        let (from, until) = text.split_once('/').unwrap();
        (day(from), day(until))
    };
    text.split(';').map(of).collect()
}

#[test]
fn hours_by_business_day() {
    each("work_days.csv", "PAY9", "business days", |case| {
        let holidays = holidays(Rules::saudi(), day("2026-01-01"), day("2026-12-31"), &[]).unwrap();
        let terms = Conditions {
            rules: Rules::saudi(),
            zone: riyadh(),
            standard: if case.text("standard") == "weekly" {
                Standard::Weekly
            } else {
                Standard::Daily
            },
            is_muslim: case.text("muslim") == "yes",
            ramadan: &[],
            rest_day: Weekday::Fri,
            holidays: &holidays,
            under_the_sun: false,
        };
        let days = work_days(&terms, spans(case.text("spans")), &spans(case.text("shift"))).unwrap();
        assert_eq!(days.len(), 1, "{}", case.name());
        let found = &days[0];
        assert_eq!(found.day, case.day("day"), "{}", case.name());
        assert_eq!(
            [
                found.worked_min,
                found.ordinary_min,
                found.overtime_min,
                found.night_min
            ],
            ["worked_min", "ordinary_min", "overtime_min", "night_min"].map(|column| case.count(column)),
            "{}",
            case.name()
        );
        let rules: Vec<_> = found.findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules.join(";"), case.text("findings"), "{}", case.name());
    });
}

#[test]
fn a_week_a_year_and_a_night_have_their_limits() {
    let terms = Conditions {
        rules: Rules::saudi(),
        zone: riyadh(),
        standard: Standard::Weekly,
        is_muslim: true,
        ramadan: &[],
        rest_day: Weekday::Fri,
        holidays: &[],
        under_the_sun: true,
    };
    // Sunday to Thursday, ten hours each: 48 are ordinary, the last two are not.
    let week: Vec<_> = (1..=5)
        .map(|number| format!("2026-11-0{number} 07:00-12:00;2026-11-0{number} 13:00-18:00"))
        .collect();
    let days = work_days(&terms, spans(&week.join(";")), &[]).unwrap();
    let overtime: Vec<_> = days.iter().map(|day| day.overtime_min).collect();
    assert_eq!(overtime, [0, 0, 0, 0, 120]);
    // A night of five hours, and seven hours later the next work.
    let nights = work_days(&terms, spans("2026-11-01 22:00-28:00;2026-11-02 11:00-13:00"), &[]).unwrap();
    let rest = nights[1]
        .findings
        .iter()
        .find(|finding| finding.rule == "work.night.rest_hours")
        .unwrap();
    assert_eq!((rest.allowed_min, rest.found_min), (720, 420));
    // Noon in July.
    let noon = work_days(&terms, spans("2026-07-05 11:00-14:00"), &[]).unwrap();
    assert_eq!(noon[0].findings[0].found_min, 120);
    assert!(
        work_days(&terms, spans("2026-10-05 11:00-14:00"), &[]).unwrap()[0]
            .findings
            .is_empty()
    );
    // A Ramadan that was announced a day later.
    let later = Conditions {
        ramadan: &[(1447, 1)],
        standard: Standard::Daily,
        ..terms
    };
    let day = work_days(&later, spans("2026-02-18 09:00-16:00"), &[]).unwrap();
    assert_eq!((day[0].is_ramadan, day[0].overtime_min), (false, 0));
}

#[test]
fn holidays_by_the_moon_and_as_announced() {
    each("holidays.csv", "PAY10", "holidays", |case| {
        let (kind, year) = (kind(case.text("kind")), i32::try_from(case.count("year")).unwrap());
        let told = [Announced {
            kind,
            hijri_year: year,
            shift_days: case.count("shift_days"),
        }];
        let (from, until) = (case.day("from"), case.day("until"));
        let found = holidays(Rules::saudi(), from, until, &told).unwrap();
        let found = found
            .iter()
            .find(|one| one.kind == kind && one.year == year)
            .unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(
            (found.from, found.until, found.article.as_str()),
            (from, until, case.text("article")),
            "{}",
            case.name()
        );
    });
}

#[test]
fn a_feast_on_the_day_of_rest_is_given_again() {
    let of = |from: &str, until: &str| holidays(Rules::saudi(), day(from), day(until), &[]).unwrap();
    // 19 to 22 March 2026: the 20th is a Friday.
    let fitr = of("2026-03-19", "2026-03-22");
    assert_eq!((fitr.len(), fitr[0].days_on_rest(Weekday::Fri)), (1, 1));
    // The Founding Day of 2030 is a Friday, and only a feast is given again.
    let founding = of("2030-02-22", "2030-02-22");
    assert_eq!(
        (founding[0].kind, founding[0].days_on_rest(Weekday::Fri)),
        (HolidayKind::FoundingDay, 0)
    );
}

#[test]
fn an_announcement_touches_only_what_holds_its_days() {
    let of = |shift_days| {
        let told = [Announced {
            kind: HolidayKind::EidAlFitr,
            hijri_year: 1447,
            shift_days,
        }];
        holidays(Rules::saudi(), day("2026-01-01"), day("2026-12-31"), &told).unwrap()
    };
    let spans = periods(
        "2026-03-01/2026-03-18;2026-03-15/2026-03-19;2026-03-20/2026-03-22;2026-03-23/2026-03-25;2026-09-01/2026-09-30",
    );
    assert_eq!(touched(&of(0), &of(1), &spans), [1, 3]);
    assert!(touched(&of(0), &of(0), &spans).is_empty());
    let twice = [Announced {
        kind: HolidayKind::EidAlFitr,
        hijri_year: 1447,
        shift_days: 2,
    }];
    assert!(holidays(Rules::saudi(), day("2026-01-01"), day("2026-12-31"), &twice).is_err());
}

#[test]
fn annual_leave_is_earned_by_the_day() {
    each("annual_leave.csv", "PAY11", "sums of annual leave", |case| {
        let mut ledger = LeaveLedger::new(case.day("joined_on"));
        ledger.earn(Rules::saudi(), case.day("until")).unwrap();
        let days = rust_decimal::Decimal::new(ledger.balance(case.day("until")), 3);
        assert_eq!(days.to_string(), case.text("days"), "{}", case.name());
        assert_eq!(ledger.entries()[0].article, case.text("article"));
    });
}

#[test]
fn sick_days_are_paid_by_the_year_of_their_person() {
    each("sick_leave.csv", "PAY12", "sick days", |case| {
        let holidays = holidays(Rules::saudi(), day("2025-01-01"), day("2026-12-31"), &[]).unwrap();
        let parts = sick_pay(Rules::saudi(), &periods(case.text("leaves")), &holidays).unwrap();
        let on = case.day("on");
        let part = parts.iter().find(|part| part.from <= on && on <= part.until).unwrap();
        assert_eq!(
            (part.year_from, part.paid),
            (case.day("year_from"), case.number("paid")),
            "{}",
            case.name()
        );
    });
}

#[test]
fn a_feast_extends_annual_leave_and_a_leave_is_written_once() {
    let rules = Rules::saudi();
    let holidays = holidays(rules, day("2026-01-01"), day("2026-12-31"), &[]).unwrap();
    let mut ledger = LeaveLedger::new(day("2024-01-01"));
    ledger.earn(rules, day("2026-03-31")).unwrap();
    let earned = ledger.balance(day("2026-03-31"));
    // 15 to 25 March are eleven days, four of them Fitr.
    assert_eq!(
        ledger
            .take(rules, "L-1", day("2026-03-15"), day("2026-03-25"), &holidays)
            .unwrap(),
        7
    );
    assert!(
        ledger
            .take(rules, "L-1", day("2026-03-15"), day("2026-03-25"), &holidays)
            .is_err()
    );
    ledger.write(Entry {
        on: day("2026-03-24"),
        thousandths: 2000,
        cause: Cause::Returned {
            leave: "L-1".to_owned(),
        },
        article: "Labour Law, Art. 109".to_owned(),
    });
    assert_eq!(ledger.balance(day("2026-03-31")), earned - 5000);
    assert_eq!(
        suspended_days(rules, &periods("2026-01-01/2026-01-20;2026-05-01/2026-05-25")).unwrap(),
        5
    );
}

#[test]
fn occasions_have_the_days_of_their_time() {
    let of =
        |kind: &str, joined: &str, on: &str, before: bool| occasion(Rules::saudi(), kind, day(joined), day(on), before);
    let days = |kind: &str, on: &str| of(kind, "2010-01-01", on, false).unwrap().unwrap().0;
    assert_eq!(
        (days("maternity", "2025-02-18"), days("maternity", "2025-02-19")),
        (70, 84)
    );
    assert_eq!((days("marriage", "2026-01-01"), days("iddah", "2026-01-01")), (5, 130));
    assert_eq!(
        of("bereavement_sibling", "2010-01-01", "2025-02-18", false)
            .unwrap_err()
            .code(),
        "rule_gap"
    );
    assert_eq!(of("hajj", "2024-06-01", "2026-05-20", false).unwrap(), Err("too_early"));
    assert_eq!(of("hajj", "2020-06-01", "2026-05-20", true).unwrap(), Err("once_only"));
    assert_eq!(of("hajj", "2020-06-01", "2026-05-20", false).unwrap().unwrap().0, 15);
}
