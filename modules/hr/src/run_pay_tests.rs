//! From target to net, without a database.

use super::*;
use crate::run_facts::Attended;
use crate::run_late::Late;
use crate::run_terms::{Formulas, Switches};
use hr_pay::money::number;
use hr_pay::{CapOptions, Period, Rules};

fn courier(nationality: &str) -> Facts {
    Facts {
        id: Uuid::nil(),
        name: "A".to_owned(),
        category: Some("motorcycle".to_owned()),
        target: Some(number("400")),
        joined_on: Some("2026-05-09".parse().expect("a day")),
        last_working_day: None,
        nationality: Some(nationality.to_owned()),
        insured_since: None,
        is_employed: true,
        basic: Some(300_000),
        housing: 75_000,
        transport: 0,
        done: Some(Done {
            orders: 450,
            revenue: 0,
            gas: 30_000,
            days: None,
            unpaid_days: 0,
            overtime_minutes: 0,
            attended: Attended::default(),
        }),
        dues: Vec::new(),
        late: Vec::new(),
        sheet: None,
    }
}

fn claim(kind: &str, amount: i64) -> Due {
    Due {
        kind: kind.to_owned(),
        id: Uuid::max(),
        amount,
        since: "2026-11-01".parse().expect("a day"),
        share: None,
        document: None,
    }
}

const ALL: Switches = Switches {
    loans: true,
    penalties: true,
    gosi: true,
    allowances: false,
    overtime: false,
    caps_leavers: false,
    caps_unpaid_leave: false,
};

fn terms(switches: Switches) -> Terms {
    Terms {
        year: 2026,
        month: 11,
        period: Period::of(2026, 11).expect("a month"),
        switches,
        rules: Rules::saudi().clone(),
        formulas: Formulas::new(&[]),
        past: Formulas::new(&[]),
    }
}

fn settled(facts: Facts, switches: Switches) -> (Map<String, Json>, Vec<StoredLine>) {
    let terms = terms(switches);
    let paid = pay(facts, &terms).expect("complete");
    let lines = lines(&paid.slip);
    (paid.row(Uuid::max(), &terms, &lines), lines)
}

fn with(dues: &[Due]) -> Facts {
    Facts {
        dues: dues.to_vec(),
        ..courier("Pakistani")
    }
}

fn sum(lines: &[StoredLine]) -> Decimal {
    lines.iter().map(|line| line.amount).sum()
}

#[test]
fn deductions_keep_their_limits_and_lines_sum_to_net() {
    // 1,861.04 for work and 200.00 granted: 206.10 for loans, 343.50 for fines, 1,030.52 together.
    let claims = [
        claim("extra_bonus", 20_000),
        claim("loan", 50_000),
        claim("penalty", 10_000),
        claim("penalty", 30_000),
    ];
    let (row, lines) = settled(with(&claims), ALL);
    let told = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(told("category_total"), "1861.04");
    assert_eq!(told("gross_salary"), "2061.04");
    assert_eq!(
        (told("gosi_employee"), told("gosi_employer")),
        ("0.00".to_owned(), "75.00".to_owned())
    );
    assert_eq!(
        (told("loan_deduction"), told("penalty_deduction")),
        ("206.10".to_owned(), "100.00".to_owned())
    );
    assert_eq!(told("carried_forward"), "593.90");
    assert_eq!(told("net_salary"), "1754.94");
    assert_eq!(sum(&lines), number("1754.94"));
}

#[test]
fn a_saudi_contributes_on_contract_pay() {
    let (row, lines) = settled(courier("Saudi"), ALL);
    assert_eq!(
        (&row["gosi_employee"], &row["gosi_employer"]),
        (&json!("365.63"), &json!("440.63"))
    );
    assert_eq!(row["net_salary"], "1495.41");
    assert_eq!(sum(&lines), number("1495.41"));
    let none = Switches { gosi: false, ..ALL };
    assert_eq!(settled(courier("Saudi"), none).0["net_salary"], "1861.04");
}

#[test]
fn allowances_of_the_contract_come_on_top_when_the_run_says_so() {
    let allowances = Switches {
        allowances: true,
        ..ALL
    };
    let (row, _) = settled(courier("Pakistani"), allowances);
    assert_eq!(
        (&row["allowances"], &row["gross_salary"]),
        (&json!("750.00"), &json!("2611.04"))
    );
}

fn trace(line: &StoredLine) -> (Json, hr_pay::Trace) {
    let inputs: Json = serde_json::from_str(&line.inputs).expect("JSON");
    let trace = serde_json::from_value(inputs["trace"].clone()).expect("a trace");
    (inputs, trace)
}

/// A stored row is enough to count its line again, and names what it settles.
#[test]
fn stored_lines_carry_their_trace() {
    let mut facts = courier("Saudi");
    facts.dues = vec![claim("loan", 50_000), claim("penalty", 10_000)];
    let (_, lines) = settled(facts, ALL);
    for line in &lines {
        assert_eq!(trace(line).1.recompute(), Ok(line.amount));
    }
    let loan = lines.iter().find(|line| line.kind == "loan").expect("a loan");
    let (inputs, _) = trace(loan);
    assert_eq!(
        (&inputs["id"], loan.article.as_str(), loan.asked),
        (&json!(Uuid::max()), "Labour Law, Art. 92(1)", Some(number("500.00")))
    );
    assert_eq!(loan.carried, Some(number("500.00") + loan.amount));
}

#[test]
fn orders_of_courts_damage_and_consents_are_lines_of_their_own() {
    let mut consented = claim("consented", 5_000);
    consented.document = Some("Form 7".to_owned());
    let dues = [
        claim("court_debt", 100_000),
        claim("damage", 50_000),
        consented,
        claim("safety_gear", 4_000),
    ];
    let (row, lines) = settled(with(&dues), ALL);
    let of = |kind: &str| {
        let lines = lines.iter().filter(|line| line.kind == kind);
        lines.map(|line| line.amount.to_string()).collect::<Vec<_>>()
    };
    // A quarter of 1,861.04; five days of it; as agreed; nothing for gear.
    assert_eq!(of("court"), ["-465.26"]);
    assert_eq!(of("damage"), ["-310.17"]);
    assert_eq!(of("consented"), ["-50.00", "0.00"]);
    assert_eq!(row["other_deductions"], "825.43");
    assert_eq!(sum(&lines).to_string(), row["net_salary"]);
}

#[test]
fn overtime_is_paid_where_the_run_says_so() {
    let mut facts = courier("Pakistani");
    facts.done.as_mut().expect("work").overtime_minutes = 600;
    let overtime = Switches { overtime: true, ..ALL };
    // 10 hours × (3,750 + half of 3,000) ÷ 240.
    assert_eq!(settled(facts.clone(), overtime).0["overtime_pay"], "218.75");
    assert_eq!(settled(facts.clone(), ALL).0["overtime_pay"], "0.00");
    facts.basic = None;
    let refused = pay(facts, &terms(overtime)).expect_err("no contract pay").1;
    assert_eq!(refused.code, "no_basic_salary");
}

/// What a courier is spoiled by.
type Change = fn(&mut Facts);

#[test]
fn each_courier_is_refused_for_a_reason_of_his_own() {
    let table: [(&str, Change); 13] = [
        ("no_target period_target", |facts| facts.target = None),
        ("no_target period_target", |facts| facts.category = None),
        ("no_work total_orders", |facts| facts.done = None),
        ("no_joining_date joined_on", |facts| facts.joined_on = None),
        ("joins_later joined_on", |facts| {
            facts.joined_on = "2026-11-25".parse().ok();
        }),
        ("left_before last_working_day", |facts| {
            facts.last_working_day = "2026-10-24".parse().ok();
        }),
        ("left_before last_working_day", |facts| {
            facts.last_working_day = "2026-10-24".parse().ok();
            facts.done = None;
        }),
        ("unknown_category category", |facts| {
            facts.category = Some("bicycle".to_owned());
        }),
        ("above_most period_target", |facts| facts.target = Some(number("9999"))),
        ("negative gas_usage", |facts| {
            facts.done.as_mut().expect("work").gas = -5;
        }),
        ("no_nationality nationality", |facts| facts.nationality = None),
        ("no_basic_salary basic_salary", |facts| {
            facts.nationality = Some("Saudi".to_owned());
            facts.basic = None;
        }),
        ("no_gosi_rate ", |facts| facts.nationality = Some("Kuwaiti".to_owned())),
    ];
    for (expected, change) in table {
        let mut facts = courier("Pakistani");
        change(&mut facts);
        let refused = pay(facts, &terms(ALL)).expect_err(expected).1;
        let found = format!("{} {}", refused.code, refused.field.unwrap_or_default());
        assert_eq!(found, expected);
    }
    // Nothing is deducted from who is no Saudi, nor where the company is not the employer.
    let mut facts = courier("Pakistani");
    facts.basic = None;
    assert!(pay(facts.clone(), &terms(ALL)).is_ok());
    facts.nationality = None;
    facts.is_employed = false;
    assert!(pay(facts, &terms(ALL)).is_ok());
}

fn late(orders: i64, paid: [i64; 4], settled: &str) -> Late {
    let facts = courier("Pakistani");
    Late {
        period: Period::of(2026, 8).expect("a month"),
        joined_on: facts.joined_on,
        last_working_day: None,
        category: "motorcycle".to_owned(),
        target: number("400"),
        done: Done {
            orders,
            ..facts.done.expect("work")
        },
        caps: CapOptions::default(),
        paid,
        settled: number(settled),
    }
}

/// 1,600.04 + 300.00 − 39.00 were paid for 450 orders.
const PAID: [i64; 4] = [160_004, 30_000, -3_900, 0];

#[test]
fn a_late_fact_is_settled_once() {
    let of = |late: Late| {
        let mut facts = courier("Pakistani");
        facts.late = vec![late];
        settled(facts, ALL)
    };
    let (row, lines) = of(late(460, PAID, "0"));
    assert_eq!(
        (&row["adjustments"], &row["adjusted_months"]),
        (&json!("60.00"), &json!({"2026-08": "60.00"}))
    );
    let line = lines.iter().find(|line| line.kind == "adjustment").expect("a line");
    let (inputs, trace) = trace(line);
    assert_eq!(
        (&inputs["month"], trace.recompute()),
        (&json!("2026-08"), Ok(number("60.00")))
    );
    assert!(of(late(460, PAID, "60.00")).0.get("adjusted_months").is_none());
    assert!(of(late(450, PAID, "0")).0.get("adjusted_months").is_none());

    // What was paid too much comes back within the limit of a loan, and the rest is asked for again.
    let (row, lines) = of(late(400, PAID, "0"));
    assert_eq!(
        (
            &row["other_deductions"],
            &row["loan_deduction"],
            &row["adjusted_months"]
        ),
        (&json!("186.10"), &json!("0.00"), &json!({"2026-08": "-186.10"}))
    );
    assert_eq!(sum(&lines).to_string(), row["net_salary"]);
    let (row, _) = of(late(400, PAID, "-186.10"));
    assert_eq!(row["adjusted_months"], json!({"2026-08": "-114.90"}));
}

#[test]
fn who_is_paid_by_the_month_is_paid_by_contract_and_attendance() {
    let month = |present_days, absent_days, late_days| {
        let mut facts = courier("Pakistani");
        facts.category = Some(SALARIED.to_owned());
        facts.target = None;
        facts.joined_on = Some("2024-01-01".parse().expect("a day"));
        let attended = Attended {
            present_days,
            absent_days,
            late_days,
        };
        facts.done = facts.done.map(|done| Done {
            orders: 0,
            gas: 0,
            attended,
            ..done
        });
        facts
    };
    // 3,000.00 by contract, and 200.00 for a month without absence and lateness.
    let (row, lines) = settled(month(26, 0, 0), ALL);
    assert_eq!(
        [
            &row["category"],
            &row["base_salary"],
            &row["bonus_amount"],
            &row["net_salary"]
        ],
        ["salaried", "3000.00", "200.00", "3200.00"]
    );
    assert_eq!(
        (&row["total_orders"], &row["period_target"]),
        (&json!(0), &json!("0.0000"))
    );
    assert_eq!(sum(&lines), number("3200.00"));
    // Two days of absence at 100.00, and 50.00 for each of two late days, which is a fine with its own limits.
    let (row, lines) = settled(month(24, 2, 2), ALL);
    assert_eq!(
        [
            &row["base_salary"],
            &row["bonus_amount"],
            &row["penalty_deduction"],
            &row["net_salary"]
        ],
        ["2800.00", "0.00", "100.00", "2700.00"]
    );
    assert_eq!(sum(&lines), number("2700.00"));
    let forgiving = Switches {
        penalties: false,
        ..ALL
    };
    assert_eq!(settled(month(24, 2, 2), forgiving).0["net_salary"], "2800.00");
    // Nothing is guessed.
    let without = |change: fn(&mut Facts)| {
        let mut facts = month(26, 0, 0);
        change(&mut facts);
        let refused = pay(facts, &terms(ALL)).expect_err("incomplete").1;
        format!("{} {}", refused.code, refused.field.unwrap_or_default())
    };
    assert_eq!(without(|facts| facts.basic = None), "no_basic_salary basic_salary");
    assert_eq!(without(|facts| facts.done = None), "no_work present_days");
    assert_eq!(without(|facts| facts.joined_on = None), "no_joining_date joined_on");
}
