//! From gross to net.

use hr_pay::{
    Attendance, Choices, Claim, ClaimKind, Class, Contributor, Grant, Housing, Kind, Payslip, Period, Purpose, Rule,
    Rules, Terms, granted, monthly_pay, settle,
};
use rust_decimal::Decimal;

use crate::support::{day, each, number};

fn november() -> Period {
    Period::of(2026, 11).unwrap()
}

fn terms(rules: &Rules, gross: Decimal) -> Terms<'_> {
    let earned = granted(&Grant {
        id: "work".to_owned(),
        kind: Kind::Basic,
        amount: gross,
    });
    Terms {
        rules,
        period: november(),
        earned: vec![earned.unwrap()],
        grants: Vec::new(),
        social: None,
        deducts_social: true,
        claims: Vec::new(),
        choices: Choices::default(),
    }
}

fn claim(word: &str, amount: Decimal, since: &str) -> Claim {
    let consented = |consent: Option<&str>, purpose| ClaimKind::Consented {
        consent: consent.map(ToOwned::to_owned),
        purpose,
    };
    let (name, share) = word
        .split_once('@')
        .map_or((word, None), |(name, share)| (name, Some(number(share))));
    let kind = match name {
        "loan" => ClaimKind::Loan,
        "damage" => ClaimKind::Damage,
        "fine" | "fine_whole" => ClaimKind::Fine,
        "maintenance" | "court" => ClaimKind::Court {
            maintenance: name == "maintenance",
            judgment_share: share,
        },
        "consented" => consented(Some("letter 7"), Purpose::Other),
        "unconsented" => consented(None, Purpose::Other),
        "gear" => consented(Some("letter 8"), Purpose::SafetyGear),
        "housing" => consented(Some("letter 9"), Purpose::Housing),
        other => panic!("{other}"),
    };
    Claim {
        id: format!("{word} of {since}"),
        kind,
        amount,
        since: day(since),
        whole: name == "fine_whole",
    }
}

fn holds(payslip: &Payslip) {
    let sum: Decimal = payslip.lines.iter().map(|line| line.amount).sum();
    assert_eq!(sum, payslip.net);
    for line in payslip.lines.iter().chain(&payslip.beside) {
        assert_eq!(line.recompute().as_ref(), Ok(line));
    }
}

#[test]
fn each_deduction_has_its_limit_and_its_article() {
    each("deductions.csv", "PAY8", "deductions", |case| {
        let claim = claim(case.text("claim"), case.number("asked"), "2026-11-01");
        let payslip = settle(Terms {
            claims: vec![claim],
            ..terms(Rules::saudi(), case.number("gross"))
        })
        .unwrap();
        holds(&payslip);
        let found = &payslip.deductions[0];
        assert_eq!(
            [found.allowed, found.carried, found.refused],
            ["allowed", "carried", "refused"].map(|column| case.number(column)),
            "{}",
            case.name()
        );
        assert_eq!(
            found.stopped_by.as_deref().unwrap_or_default(),
            case.text("stopped_by"),
            "{}",
            case.name()
        );
    });
}

/// 3,000 SAR: 292.50 social, 750 for courts, 300 for loans, 157.50 of 500 for damage until the half of 1,500 is reached.
#[test]
fn all_together_in_the_order_of_the_law() {
    let claims = [
        claim("consented", number("50"), "2026-01-01"),
        claim("fine", number("100"), "2026-01-01"),
        claim("damage", number("500"), "2026-01-01"),
        claim("loan", number("400"), "2026-06-01"),
        claim("loan", number("100"), "2026-05-01"),
        claim("court", number("500"), "2025-01-01"),
        claim("maintenance", number("600"), "2026-10-01"),
    ];
    let social = Contributor {
        class: Class::SaudiOld,
        basic: number("2250"),
        housing: Housing::Cash(number("750")),
        days: None,
    };
    let given = Terms {
        claims: claims.to_vec(),
        social: Some(social.clone()),
        ..terms(Rules::saudi(), number("3000"))
    };
    let payslip = settle(given.clone()).unwrap();
    holds(&payslip);
    let told: Vec<_> = payslip
        .deductions
        .iter()
        .map(|one| {
            (
                one.kind.word(),
                one.asked.to_string(),
                one.allowed.to_string(),
                one.stopped_by.as_deref().unwrap_or(""),
            )
        })
        .collect();
    let row = |kind, asked: &str, allowed: &str, article| (kind, asked.to_owned(), allowed.to_owned(), article);
    assert_eq!(
        told,
        [
            row("gosi", "292.50", "292.50", ""),
            row("court", "600.00", "600.00", ""),
            row("court", "500.00", "150.00", "Labour Law, Art. 92(6)"),
            row("loan", "100.00", "100.00", ""),
            row("loan", "400.00", "200.00", "Labour Law, Art. 92(1)"),
            row("damage", "500.00", "157.50", "Labour Law, Art. 93"),
            row("penalty", "100.00", "0.00", "Labour Law, Art. 93"),
            row("consented", "50.00", "0.00", "Labour Law, Art. 93"),
        ]
    );
    assert_eq!(
        (payslip.net, payslip.amount(Kind::GosiEmployer)),
        (number("1500.00"), number("352.50"))
    );
    // The other reading: the social insurance stays outside of the half.
    let other = settle(Terms {
        choices: Choices {
            social_counts: false,
            ..Choices::default()
        },
        ..given.clone()
    })
    .unwrap();
    holds(&other);
    assert_eq!(other.net, number("1207.50"));
    // The body that decides disputes allowed three quarters.
    let more = settle(Terms {
        choices: Choices {
            together_share: Some(number("0.75")),
            ..Choices::default()
        },
        ..given
    })
    .unwrap();
    assert_eq!(
        more.net,
        number("3000") - number("292.5") - number("750") - number("300") - number("500") - number("150")
    );
}

#[test]
fn a_fine_that_must_be_whole_waits() {
    let given = Terms {
        claims: vec![
            claim("fine", number("400"), "2026-01-01"),
            claim("fine_whole", number("200"), "2026-02-01"),
        ],
        ..terms(Rules::saudi(), number("3000"))
    };
    let payslip = settle(given).unwrap();
    let told: Vec<_> = payslip
        .deductions
        .iter()
        .map(|one| (one.allowed.to_string(), one.carried.to_string()))
        .collect();
    assert_eq!(
        told,
        [
            ("400.00".to_owned(), "0.00".to_owned()),
            ("0.00".to_owned(), "200.00".to_owned())
        ]
    );
}

fn old_rates() -> Rules {
    let row = |name: &str, value: &str| Rule {
        id: format!("gosi.saudi_old.{name}"),
        value: number(value),
        ..(**Rules::saudi()
            .at("gosi.saudi_old.annuities_employee", day("2026-11-30"))
            .unwrap())
        .clone()
    };
    Rules::saudi().with([row("annuities_employee", "0.09"), row("saned_employee", "0")])
}

fn salaried(basic: Option<&str>, present: i64, absent: i64, late: i64) -> Attendance {
    Attendance {
        basic: basic.map(number),
        joined_on: Some(day("2020-01-01")),
        last_working_day: None,
        present_days: present,
        absent_days: absent,
        late_times: late,
        unpaid_days: 0,
    }
}

/// The two worked examples, with the rate of nine percent that they were written with.
#[test]
fn salaried_staff_are_paid_by_attendance() {
    let rules = old_rates();
    let net = |attendance: &Attendance, loan: &str| {
        let month = monthly_pay(&rules, november(), attendance).unwrap();
        let mut claims: Vec<_> = month.lateness.clone().into_iter().collect();
        if number(loan) > Decimal::ZERO {
            claims.push(claim("loan", number(loan), "2026-01-01"));
        }
        let payslip = settle(Terms {
            earned: month.lines,
            claims,
            social: Some(Contributor {
                class: Class::SaudiOld,
                basic: attendance.basic.unwrap(),
                housing: Housing::Cash(Decimal::ZERO),
                days: None,
            }),
            ..terms(&rules, Decimal::ZERO)
        })
        .unwrap();
        holds(&payslip);
        (payslip.gross.to_string(), payslip.net.to_string())
    };
    assert_eq!(
        net(&salaried(Some("5000"), 22, 0, 0), "0"),
        ("5200.00".to_owned(), "4750.00".to_owned())
    );
    assert_eq!(
        net(&salaried(Some("4000"), 19, 2, 1), "300"),
        ("3800.00".to_owned(), "3090.00".to_owned())
    );
    let error = monthly_pay(&rules, november(), &salaried(None, 22, 0, 0)).expect_err("no basic pay");
    assert_eq!((error.code(), error.field()), ("required", Some("basic")));
    // Ten of thirty-one days.
    let joiner = Attendance {
        joined_on: Some(day("2026-11-15")),
        ..salaried(Some("3100"), 8, 0, 0)
    };
    assert_eq!(
        monthly_pay(&rules, november(), &joiner).unwrap().total().to_string(),
        "1000.00"
    );
}
