//! The law's vectors.

use hr_pay::{Class, Contributor, DayCount, Housing, Length, Overtime, Reason, Rules, Service};

use crate::support::{Case, day, each, number};

fn reason(word: &str) -> Reason {
    Reason::ALL.into_iter().find(|reason| reason.word() == word).unwrap()
}

#[test]
fn social_insurance() {
    each("gosi.csv", "PAY2", "vectors of social insurance", |case| {
        let registered = (!case.is_empty("first_registered_on")).then(|| case.day("first_registered_on"));
        let person = Contributor {
            class: Class::of(Some(case.text("nationality")), registered).unwrap(),
            basic: case.number("basic"),
            housing: if case.text("housing") == "in_kind" {
                Housing::InKind
            } else {
                Housing::Cash(case.number("housing"))
            },
            days: (!case.is_empty("contribution_days")).then(|| case.count("contribution_days")),
        };
        let paid = hr_pay::contribution(Rules::saudi(), case.day("month_end"), &person).unwrap();
        assert_eq!(paid.base, case.number("base"), "{}", case.name());
        assert_eq!(
            (paid.employee().to_string(), paid.employer().to_string()),
            (case.text("employee").to_owned(), case.text("employer").to_owned()),
            "{}",
            case.name()
        );
        assert_eq!(paid.article(), case.text("article"), "{}", case.name());
        assert_eq!(
            paid.employee_line.recompute().as_ref(),
            Ok(&paid.employee_line),
            "{}",
            case.name()
        );
        assert_eq!(
            paid.employer_line.recompute().as_ref(),
            Ok(&paid.employer_line),
            "{}",
            case.name()
        );
    });
}

#[test]
fn a_rate_that_nobody_recorded_is_an_error_with_its_name() {
    let person = Contributor {
        class: Class::Gcc,
        basic: number("4000"),
        housing: Housing::Cash(number("0")),
        days: None,
    };
    let error = hr_pay::contribution(Rules::saudi(), day("2026-11-30"), &person).expect_err("no row");
    assert_eq!(
        error.to_string(),
        "no row of the rule “gosi.gcc.annuities_employee” holds on 2026-11-30"
    );
}

fn award(case: &Case, length: Length, reason: Reason) -> hr_pay::Award {
    let award = hr_pay::award(Rules::saudi(), day("2026-11-24"), case.number("wage"), length, reason).unwrap();
    assert_eq!(award.line.recompute().as_ref(), Ok(&award.line), "{}", case.name());
    award
}

#[test]
fn end_of_service() {
    each("end_of_service.csv", "PAY3", "awards", |case| {
        let count = |column: &str| u32::try_from(case.count(column)).unwrap();
        let length = Length::Exact(Service {
            years: count("years"),
            months: count("months"),
            days: count("days"),
        });
        let reason = reason(case.text("reason"));
        let award = award(case, length, reason);
        assert_eq!(
            [award.full.to_string(), award.thirds.to_string(), award.paid.to_string()],
            ["full", "thirds", "paid"].map(|column| case.text(column).to_owned()),
            "{}",
            case.name()
        );
        assert!(
            award.line.trace.articles().contains(&case.text("article")),
            "{}",
            case.name()
        );
        assert_eq!(reason.article(), case.text("article"), "{}", case.name());
    });
}

#[test]
fn length_of_service() {
    each("service.csv", "PAY4", "lengths of service", |case| {
        let count = match case.text("day_count") {
            "calendar" => DayCount::Calendar,
            "actual365" => DayCount::Actual365,
            "average" => DayCount::Average,
            other => panic!("{other}"),
        };
        let length = Length::Between {
            joined_on: case.day("joined_on"),
            last_day: case.day("last_day"),
            suspended_days: case.count("suspended_days"),
            count,
        };
        let paid = |reason| award(case, length, reason).paid.to_string();
        assert_eq!(
            paid(Reason::EmployerTermination),
            case.text("by_employer"),
            "{}",
            case.name()
        );
        assert_eq!(
            paid(Reason::Resignation),
            case.text("by_resignation"),
            "{}",
            case.name()
        );
    });
}

#[test]
fn overtime() {
    each("overtime.csv", "PAY5", "overtime", |case| {
        let given = Overtime {
            minutes: case.number("hours") * number("60"),
            monthly_wage: case.number("monthly_wage"),
            basic: case.number("basic"),
            month_hours: case.some("month_hours"),
        };
        let line = hr_pay::overtime(Rules::saudi(), day("2026-11-24"), &given).unwrap();
        assert_eq!(line.amount.to_string(), case.text("amount"), "{}", case.name());
        assert!(line.trace.articles().contains(&case.text("article")), "{}", case.name());
        assert_eq!(line.recompute().as_ref(), Ok(&line));
    });
}

#[test]
fn numbers_of_the_law_on_their_days() {
    each("statute.csv", "PAY6", "numbers of the law on their days", |case| {
        let found = Rules::saudi().at(case.text("rule"), case.day("day"));
        if case.text("value") == "none" {
            assert!(found.is_err(), "{}", case.name());
        } else {
            let row = found.unwrap();
            assert_eq!(
                (row.value, row.article.as_str()),
                (case.number("value"), case.text("article")),
                "{}",
                case.name()
            );
        }
    });
}

#[test]
fn what_is_set_aside_each_month_sums_to_the_award() {
    let (rules, wage) = (Rules::saudi(), number("4000"));
    let joined_on = day("2021-03-10");
    let mut set_aside = number("0");
    let mut months = 0;
    let mut end = day("2021-03-31");
    while end <= day("2028-12-31") {
        let length = Length::Between {
            joined_on,
            last_day: end,
            suspended_days: 0,
            count: DayCount::Calendar,
        };
        let line = hr_pay::provision(rules, end, wage, length, set_aside).unwrap();
        assert!(line.amount >= number("0"), "{end}: {}", line.amount);
        set_aside += line.amount;
        assert_eq!(
            set_aside,
            hr_pay::award(rules, end, wage, length, Reason::ContractEnd)
                .unwrap()
                .paid,
            "{end}"
        );
        months += 1;
        end = hr_pay::month_end(end.succ_opt().unwrap());
    }
    crate::support::said(
        "PAY7",
        &format!("{months} months of provision sum to the award, each month"),
    );
}

/// Sixty days of the employer, thirty of the worker since 19 February 2025, and sixty before.
#[test]
fn notice_that_is_missing_is_paid_for_by_whoever_did_not_give_it() {
    let of = |on: &str, reason, given| {
        let notice = hr_pay::notice(Rules::saudi(), day(on), reason, number("6000"), given).unwrap();
        (notice.required_days, notice.missing_days, notice.amount.to_string())
    };
    assert_eq!(
        of("2026-11-24", Reason::Resignation, 0),
        (30, 30, "-6000.00".to_owned())
    );
    assert_eq!(
        of("2025-02-18", Reason::Resignation, 45),
        (60, 15, "-3000.00".to_owned())
    );
    assert_eq!(
        of("2026-11-24", Reason::EmployerTermination, 50),
        (60, 10, "2000.00".to_owned())
    );
    assert_eq!(
        of("2026-11-24", Reason::EmployerTermination, 90),
        (60, 0, "0.00".to_owned())
    );
    assert_eq!(of("2026-11-24", Reason::GrossMisconduct, 0), (0, 0, "0".to_owned()));
}

#[test]
fn the_final_settlement_of_the_document() {
    let length = Length::Exact(Service {
        years: 3,
        months: 6,
        days: 0,
    });
    let (rules, on) = (Rules::saudi(), day("2026-11-24"));
    let award = hr_pay::award(rules, on, number("4000"), length, Reason::Resignation).unwrap();
    let debts = hr_pay::Debts {
        basic: number("4000"),
        unused_leave_days: number("5"),
        loans: number("2000"),
        ..hr_pay::Debts::default()
    };
    let settled = hr_pay::final_settlement(rules, on, award.paid, &debts).unwrap();
    assert_eq!(
        (settled.unused_leave.to_string(), settled.net.to_string()),
        ("666.67".to_owned(), "1000.00".to_owned())
    );
    let unlawful = hr_pay::unlawful_termination(rules, on, number("4000"), length).unwrap();
    // Half a month for each year is less than two months.
    assert_eq!(unlawful.amount, number("8000.00"));
    assert!(unlawful.trace.articles().contains(&"Labour Law, Art. 77"));
    assert_eq!(Reason::Resignation.settle_by(rules, on).unwrap(), day("2026-12-08"));
    assert_eq!(Reason::ContractEnd.settle_by(rules, on).unwrap(), day("2026-12-01"));
}
