//! What a month of many couriers costs: ten times the couriers cost ten times as much.

use std::ops::Range;

use hr_pay::{
    CATEGORIES, CapOptions, Categories, Choices, Claim, ClaimKind, Class, Contributor, Days, Housing, Payslip, Period,
    Rules, Terms, Work, settle, work_pay,
};
use rust_decimal::Decimal;

use crate::support::{day, said};

fn month(number: i64) -> Payslip {
    let period = Period::of(2026, 11).unwrap();
    let place = usize::try_from(number % 6).unwrap();
    let category = Categories::documented().at(CATEGORIES[place], period.ends_on).unwrap();
    let work = Work {
        period_target: Some(if place == 5 { 6630.into() } else { 400.into() }),
        days: Days::Joined(Some(day("2024-01-01"))),
        last_working_day: None,
        unpaid_days: 0,
        orders: Some(300 + number % 300),
        revenue: Some((4_000 + number % 9_000).into()),
        gas_usage: Some(Decimal::new(20_000 + number % 40_000, 2)),
    };
    let earned = work_pay(category, period, &work, CapOptions::default()).unwrap().lines;
    let claim = |kind, amount: i64| Claim {
        id: format!("{number}"),
        kind,
        amount: Decimal::new(amount, 2),
        since: day("2026-10-30"),
        whole: false,
    };
    settle(Terms {
        rules: Rules::saudi(),
        period,
        earned,
        grants: Vec::new(),
        social: Some(Contributor {
            class: if number % 3 == 0 {
                Class::SaudiNew
            } else {
                Class::NonSaudi
            },
            basic: 3_000.into(),
            housing: Housing::Cash(750.into()),
            days: None,
        }),
        deducts_social: true,
        claims: vec![
            claim(ClaimKind::Loan, 30_000),
            claim(ClaimKind::Fine, 10_000 + number % 20_000),
        ],
        choices: Choices::default(),
    })
    .unwrap()
}

/// Nanoseconds that this thread was computing: what else the machine does is not in it.
fn computed_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split_whitespace().next().unwrap().parse().unwrap()
}

fn cost(couriers: Range<i64>) -> (u64, usize) {
    let before = computed_ns();
    let mut lines = 0;
    for number in couriers {
        let slip = month(number);
        assert!(slip.net >= Decimal::ZERO);
        lines += slip.lines.len() + slip.beside.len();
    }
    (computed_ns() - before, lines)
}

#[test]
fn ten_times_the_couriers_cost_ten_times_as_much() {
    cost(0..200);
    let (few, many) = (1_000, 10_000);
    // The same couriers in ten small months and in a large one, three times: the ratio in the middle.
    let mut rounds: Vec<(u64, u64, usize)> = (0..3)
        .map(|_| {
            let (large, lines) = cost(0..many);
            let small: u64 = (0..10).map(|part| cost(part * few..(part + 1) * few).0).sum();
            (large * 10_000 / small, large, lines)
        })
        .collect();
    rounds.sort_unstable();
    let (per_mille, large, lines) = rounds[1];
    assert!((8_000..=12_000).contains(&per_mille), "{many} ÷ {few}: {per_mille} ‰");
    said(
        "PAY21",
        &format!(
            "{many} couriers, {lines} lines: {} ms of computing, {} µs each; {many} ÷ {few} couriers = {}.{:02}",
            large / 1_000_000,
            large / 1_000 / u64::try_from(many).unwrap(),
            per_mille / 1000,
            per_mille % 1000 / 10
        ),
    );
}
