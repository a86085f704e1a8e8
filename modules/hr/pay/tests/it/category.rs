//! The worked examples of the pay document, and what is refused.

use hr_pay::{CapOptions, Categories, Days, Kind, PayError, Period, Warning, Work, WorkPay, work_pay};
use rust_decimal::Decimal;

use crate::support::{day, each, number};

fn november() -> Period {
    Period::of(2026, 11).unwrap()
}

pub fn pay(category: &str, work: &Work, options: CapOptions) -> Result<WorkPay, PayError> {
    let period = november();
    work_pay(
        Categories::documented().at(category, period.ends_on)?,
        period,
        work,
        options,
    )
}

fn rider() -> Work {
    Work {
        period_target: Some(number("400")),
        days: Days::Given(200),
        last_working_day: None,
        unpaid_days: 0,
        orders: Some(450),
        revenue: None,
        gas_usage: Some(number("300")),
    }
}

#[test]
fn the_worked_examples_come_out_to_the_halala() {
    each(
        "category_pay.csv",
        "PAY1",
        "worked examples equal to the halala",
        |case| {
            let work = Work {
                period_target: case.some("target"),
                days: Days::Given(case.count("days")),
                orders: (!case.is_empty("orders")).then(|| case.count("orders")),
                revenue: case.some("revenue"),
                gas_usage: case.some("gas_usage"),
                ..rider()
            };
            let pay = pay(case.text("category"), &work, CapOptions::default()).unwrap();
            let told = [
                hr_pay::money::half_up(pay.final_target, 2),
                pay.basic,
                pay.bonus,
                pay.gas_deserved,
                pay.gas_difference,
                pay.total,
            ];
            let columns = [
                "final_target",
                "basic",
                "bonus",
                "gas_deserved",
                "gas_difference",
                "total",
            ];
            assert_eq!(
                told.map(|figure| figure.to_string()),
                columns.map(|column| case.text(column).to_owned()),
                "{}",
                case.name()
            );
            let lines: Decimal = pay.lines.iter().map(|line| line.amount).sum();
            assert_eq!(lines, pay.total, "{}", case.name());
        },
    );
}

#[test]
fn the_odd_halala_and_what_is_forgiven_are_lines_of_their_own() {
    let joiner = Work {
        period_target: Some(number("500")),
        days: Days::Given(10),
        orders: Some(200),
        gas_usage: Some(number("120")),
        ..rider()
    };
    let found = pay("ecommerce_wh", &joiner, CapOptions::default()).unwrap();
    assert_eq!(found.amount(Kind::Rounding), number("-0.01"));
    let floor = Work {
        orders: Some(60),
        ..rider()
    };
    let found = pay("motorcycle", &floor, CapOptions::default()).unwrap();
    assert_eq!(
        (found.total, found.amount(Kind::Floor)),
        (number("0.00"), number("2060.96"))
    );
    assert_eq!(
        (found.amount(Kind::Rounding), found.warnings),
        (Decimal::ZERO, vec![Warning::BelowZero])
    );
}

#[test]
fn what_is_missing_or_impossible_is_refused_by_name() {
    let refused = |category: &str, work: Work| {
        let error = pay(category, &work, CapOptions::default()).expect_err("has to be refused");
        (error.code(), error.field().unwrap_or_default().to_owned())
    };
    let is = |code: &'static str, field: &str| (code, field.to_owned());
    let without = |change: fn(&mut Work)| {
        let mut work = rider();
        change(&mut work);
        work
    };
    assert_eq!(
        refused("motorcycle", without(|work| work.period_target = None)),
        is("required", "target")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.orders = None)),
        is("required", "orders")
    );
    assert_eq!(
        refused("ecommerce", without(|work| work.revenue = None)),
        is("required", "revenue")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.gas_usage = None)),
        is("required", "gas_usage")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.days = Days::Joined(None))),
        is("required", "joined_on")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.period_target = Some(Decimal::ZERO))),
        is("not_positive", "target")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.period_target = Some(900.into()))),
        is("above_most", "target")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.orders = Some(-1))),
        is("negative", "orders")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.gas_usage = Some((-1).into()))),
        is("negative", "gas_usage")
    );
    assert_eq!(
        refused("motorcycle", without(|work| work.days = Days::Given(0))),
        is("not_positive", "days")
    );
    assert_eq!(refused("scooter", rider()), is("unknown_category", "category"));
    assert_eq!(refused("ajeer", rider()), is("not_paid_here", "category"));
    let late = without(|work| work.days = Days::Joined(Some(day("2026-11-25"))));
    assert_eq!(refused("motorcycle", late), is("joined_after_period", "joined_on"));
    let gone = without(|work| {
        work.days = Days::Joined(Some(day("2020-01-01")));
        work.last_working_day = Some(day("2026-10-24"));
    });
    assert_eq!(
        refused("motorcycle", gone),
        is("left_before_period", "last_working_day")
    );
}

#[test]
fn days_are_counted_up_to_the_end_of_the_period_and_cut_only_when_the_organization_says_so() {
    let target = |joined: &str, left: Option<&str>, unpaid: i64, leavers: bool, unpaid_leave: bool| {
        let work = Work {
            days: Days::Joined(Some(day(joined))),
            last_working_day: left.map(day),
            unpaid_days: unpaid,
            ..rider()
        };
        let options = CapOptions { leavers, unpaid_leave };
        pay("motorcycle", &work, options)
            .unwrap()
            .final_target
            .normalize()
            .to_string()
    };
    assert_eq!(target("2026-11-15", None, 0, false, false), "133.33");
    assert_eq!(target("2020-01-01", Some("2026-11-03"), 5, false, false), "400");
    // 25 October to 3 November are ten days.
    assert_eq!(target("2020-01-01", Some("2026-11-03"), 0, true, false), "133.33");
    assert_eq!(target("2020-01-01", Some("2026-11-03"), 4, true, true), "79.998");
    // Who stays to the end without unpaid leave is not cut, with the options too.
    assert_eq!(target("2020-01-01", None, 0, true, true), "400");
}

#[test]
fn fuel_caps_are_where_the_document_has_them() {
    let gas = |category: &str, orders: i64| {
        let work = Work {
            orders: Some(orders),
            days: Days::Given(900),
            ..rider()
        };
        pay(category, &work, CapOptions::default()).unwrap().gas_deserved
    };
    for (category, orders, cap) in [
        ("motorcycle", 402, "261"),
        ("food_trial", 392, "826"),
        ("food_inhouse_new", 475, "826"),
        ("food_inhouse_old", 400, "826"),
    ] {
        assert!(gas(category, orders - 1) < number(cap), "{category}");
        assert_eq!(gas(category, orders), number(cap), "{category}");
    }
}
