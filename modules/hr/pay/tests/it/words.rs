//! Lines in words.

use std::collections::BTreeSet;

use hr_pay::{
    Attendance, CATEGORIES, CapOptions, Categories, Choices, Claim, ClaimKind, Class, Contributor, DayCount, Days,
    Debts, Grant, Housing, Kind, Language, Length, Line, Overtime, Period, Purpose, Reason, Rules, Terms, Work, settle,
    work_pay,
};
use rust_decimal::Decimal;

use crate::support::{day, number, said};

const BOTH: [Language; 2] = [Language::En, Language::Ar];

fn work(place: usize, days: Days) -> Work {
    Work {
        period_target: Some(if place == 5 { 6630.into() } else { number("399.2") }),
        days,
        last_working_day: Some(day("2026-11-10")),
        unpaid_days: 2,
        orders: Some(100 + 130 * i64::try_from(place).unwrap()),
        revenue: Some(9_000.into()),
        gas_usage: Some(number("3300.55")),
    }
}

fn lines() -> Vec<Line> {
    let (rules, period) = (Rules::saudi(), Period::of(2026, 11).unwrap());
    let mut lines = Vec::new();
    for (place, name) in CATEGORIES.iter().enumerate() {
        let category = Categories::documented().at(name, period.ends_on).unwrap();
        for (days, on) in [
            (Days::Given(5), false),
            (Days::Joined(Some(day("2026-11-02"))), false),
            (Days::Joined(Some(day("2026-11-02"))), true),
        ] {
            let options = CapOptions {
                leavers: on,
                unpaid_leave: on,
            };
            for gas in ["3300.55", "10.004"] {
                let mut given = work(place, days);
                given.gas_usage = Some(number(gas));
                lines.extend(work_pay(category, period, &given, options).unwrap().lines);
            }
        }
    }
    let given = Overtime {
        minutes: 90.into(),
        monthly_wage: 4_000.into(),
        basic: 3_000.into(),
        month_hours: None,
    };
    lines.push(hr_pay::overtime(rules, period.ends_on, &given).unwrap());
    let attendance = |absent_days: i64| Attendance {
        basic: Some(3_000.into()),
        joined_on: Some(day("2020-01-01")),
        last_working_day: None,
        present_days: 22,
        absent_days,
        late_times: absent_days,
        unpaid_days: 0,
    };
    for absent in [0, 2] {
        lines.extend(hr_pay::monthly_pay(rules, period, &attendance(absent)).unwrap().lines);
    }
    for count in [DayCount::Calendar, DayCount::Actual365, DayCount::Average] {
        let length = Length::Between {
            joined_on: day("2019-01-01"),
            last_day: day("2026-11-24"),
            suspended_days: 3,
            count,
        };
        let (on, wage) = (period.ends_on, number("4000"));
        for reason in Reason::ALL {
            lines.push(hr_pay::award(rules, on, wage, length, reason).unwrap().line);
        }
        lines.push(hr_pay::provision(rules, on, wage, length, number("100")).unwrap());
        lines.push(hr_pay::unlawful_termination(rules, on, wage, length).unwrap());
    }
    let debts = Debts {
        basic: 3_000.into(),
        unpaid_leave_days: 2.into(),
        unused_leave_days: 5.into(),
        ..Debts::default()
    };
    lines.extend(
        hr_pay::final_settlement(rules, period.ends_on, 0.into(), &debts)
            .unwrap()
            .lines,
    );
    for (housing, social_counts, whole) in [(Housing::Cash(750.into()), true, false), (Housing::InKind, false, true)] {
        lines.extend(settled(housing, social_counts, whole));
    }
    lines
}

fn settled(housing: Housing, social_counts: bool, whole: bool) -> Vec<Line> {
    let claim = |kind| Claim {
        id: "7".to_owned(),
        kind,
        amount: 30.into(),
        since: day("2026-10-01"),
        whole,
    };
    let court = |judgment_share| ClaimKind::Court {
        maintenance: true,
        judgment_share,
    };
    let consented = |consent: Option<&str>| ClaimKind::Consented {
        consent: consent.map(ToOwned::to_owned),
        purpose: Purpose::Other,
    };
    let kinds = [
        court(None),
        court(Some(number("0.4"))),
        ClaimKind::Loan,
        ClaimKind::Damage,
        ClaimKind::Fine,
        consented(None),
        consented(Some("letter")),
    ];
    let slip = settle(Terms {
        rules: Rules::saudi(),
        period: Period::of(2026, 11).unwrap(),
        earned: Vec::new(),
        grants: vec![Grant {
            id: "b".to_owned(),
            kind: Kind::ExtraBonus,
            amount: 3_000.into(),
        }],
        social: Some(Contributor {
            class: Class::SaudiOld,
            basic: 3_000.into(),
            housing,
            days: None,
        }),
        deducts_social: true,
        claims: kinds.into_iter().map(claim).collect(),
        choices: Choices {
            social_counts,
            together_share: None,
        },
    })
    .unwrap();
    slip.lines.into_iter().chain(slip.beside).collect()
}

#[test]
fn every_name_has_a_word_in_both_languages() {
    let lines = lines();
    let mut names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    for line in &lines {
        names.extend(line.trace.inputs.iter().map(|input| &*input.name));
        names.extend(line.trace.steps.iter().map(|step| &*step.name));
        for used in &line.trace.rules {
            names.extend([&*used.name, used.rule.unit.as_str()]);
        }
    }
    names.extend(Rules::saudi().rows().map(|row| row.unit.as_str()));
    for language in BOTH {
        assert_eq!(
            hr_pay::without_words(language, names.iter().copied()),
            Vec::<&str>::new(),
            "{language:?}"
        );
    }
    said(
        "PAY22",
        &format!(
            "{} names of {} lines have words in both languages",
            names.len(),
            lines.len()
        ),
    );
}

#[test]
fn a_line_explains_itself_in_both_languages() {
    let period = Period::of(2026, 11).unwrap();
    let category = Categories::documented().at("motorcycle", period.ends_on).unwrap();
    let given = Work {
        period_target: Some(400.into()),
        days: Days::Joined(Some(day("2026-05-09"))),
        last_working_day: None,
        unpaid_days: 0,
        orders: Some(450),
        revenue: None,
        gas_usage: Some(300.into()),
    };
    let pay = work_pay(category, period, &given, CapOptions::default()).unwrap();
    let english = pay.lines[0].explained(Language::En);
    for part in [
        "Basic pay: 1,600.04 SAR",
        "days since joining = the greatest of (0, [end of the period] − [day of joining] + 1)",
        "max(0, 2026-11-24 − 2026-05-09 + 1) = 200",
        "min(ceil(400), 200 × 13.333) = 400",
        "400 ÷ 13.333 × 53.33333 ≈ 1,600.0399",
        "pay for a day's target: 53.33333 SAR a day, Pay document, since 2000-01-01",
    ] {
        assert!(english.contains(part), "{part} is not in\n{english}");
    }
    // Of a condition only the part that holds is shown.
    assert!(
        pay.lines[1].explained(Language::En).contains("    50 × 6 = 300\n"),
        "{}",
        pay.lines[1].explained(Language::En)
    );
    let arabic = pay.lines[0].explained(Language::Ar);
    for part in [
        "الأجر الأساسي: \u{2066}1,600.04\u{2069} ريال",
        "[الهدف بعد حد الأيام] ÷ [هدف اليوم في الأجر الأساسي]",
        "وثيقة الأجور",
    ] {
        assert!(arabic.contains(part), "{part} is not in\n{arabic}");
    }
    let loan = settled(Housing::Cash(Decimal::ZERO), true, false)
        .into_iter()
        .find(|line| line.kind == Kind::Loan)
        .unwrap();
    assert!(
        loan.explained(Language::Ar).contains("نظام العمل، المادة 92(1)"),
        "{}",
        loan.explained(Language::Ar)
    );
}
