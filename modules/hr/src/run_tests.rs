//! From target to net, without a database.

use super::*;
use hr_pay::money::number;

fn courier(nationality: &str) -> Courier {
    Courier {
        id: Uuid::nil(),
        category: "motorcycle".to_owned(),
        target: number("400"),
        joined_on: "2026-05-09".parse().expect("a day"),
        nationality: Some(nationality.to_owned()),
        insured_since: None,
        basic: 300_000,
        housing: 75_000,
        transport: 0,
        orders: 450,
        revenue: 0,
        gas: 30_000,
    }
}

fn claim(kind: &str, amount: i64) -> Due {
    Due {
        courier_id: Uuid::nil(),
        kind: kind.to_owned(),
        id: Uuid::max(),
        amount,
        since: "2026-11-01".parse().expect("a day"),
    }
}

const ALL: Switches = Switches {
    loans: true,
    penalties: true,
    gosi: true,
    allowances: false,
};

fn settled(courier: &Courier, dues: &[Due], switches: Switches) -> (Map<String, Json>, Vec<Map<String, Json>>) {
    let period = Period::of(2026, 11).expect("a month");
    let category = hr_pay::Categories::documented()
        .at(&courier.category, period.ends_on)
        .expect("a category");
    let pay = work_pay(category, period, &courier.work(), CapOptions::default()).expect("complete");
    let dues: Vec<&Due> = dues.iter().collect();
    let slip = settle(terms(courier, &pay, &dues, switches, Rules::saudi(), period)).expect("settled");
    (figures(&pay, &slip), stored_lines(&slip))
}

fn sum(lines: &[Map<String, Json>]) -> Decimal {
    let amounts = lines.iter().filter_map(|line| line["amount"].as_str());
    amounts.map(number).sum()
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
    let (row, lines) = settled(&courier("Pakistani"), &claims, ALL);
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
    let (row, lines) = settled(&courier("Saudi"), &[], ALL);
    assert_eq!(
        (&row["gosi_employee"], &row["gosi_employer"]),
        (&json!("365.63"), &json!("440.63"))
    );
    assert_eq!(row["net_salary"], "1495.41");
    assert_eq!(sum(&lines), number("1495.41"));
    let none = Switches { gosi: false, ..ALL };
    assert_eq!(settled(&courier("Saudi"), &[], none).0["net_salary"], "1861.04");
}

#[test]
fn allowances_of_the_contract_come_on_top_when_the_run_says_so() {
    let with = Switches {
        allowances: true,
        ..ALL
    };
    let (row, _) = settled(&courier("Pakistani"), &[], with);
    assert_eq!(
        (&row["allowances"], &row["gross_salary"]),
        (&json!("750.00"), &json!("2611.04"))
    );
}

/// A stored row is enough to count its line again, and names what it settles.
#[test]
fn stored_lines_carry_their_trace() {
    let (_, lines) = settled(
        &courier("Saudi"),
        &[claim("loan", 50_000), claim("penalty", 10_000)],
        ALL,
    );
    for line in &lines {
        let trace: hr_pay::Trace = serde_json::from_value(line["inputs"]["trace"].clone()).expect("a trace");
        assert_eq!(
            trace.recompute().map(|amount| json!(amount.to_string())),
            Ok(line["amount"].clone())
        );
    }
    let loan = lines.iter().find(|line| line["kind"] == "loan").expect("a loan");
    assert_eq!(
        (&loan["inputs"]["id"], &loan["article"]),
        (&json!(Uuid::max()), &json!("Labour Law, Art. 92(1)"))
    );
}
