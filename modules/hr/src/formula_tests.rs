//! The worked examples of the pay document, and what must hold for every input.

use proptest::prelude::*;

use super::*;

const FLAT: &str = "
motorcycle|400|200|450|0|300|400|1600.04|300.00|261.00|-39.00|1861.04
motorcycle|400|200|350|0|280|400|1600.04|-500.00|227.50|-52.50|1047.54
motorcycle|400|10|120|0|50|133.33|533.33|-133.30|78.00|28.00|428.03
motorcycle|399.2|200|399|0|250|400|1600.04|-10.00|259.35|9.35|1599.39
motorcycle|400|200|60|0|300|400|1600.04|-3400.00|39.00|-261.00|0.00
food_trial|390|100|420|0|700|390|2000.00|210.00|826.00|126.00|2336.00
food_trial|390|100|300|0|650|390|2000.00|-900.00|633.00|-17.00|1083.00
food_trial|390|8|100|0|150|104|533.33|-40.00|211.00|61.00|554.33
food_inhouse_new|475|400|520|0|800|475|2000.00|315.00|826.00|26.00|2341.00
food_inhouse_new|475|400|450|0|800|475|2000.00|-250.00|782.55|-17.45|1732.55
food_inhouse_new|475|9|150|0|200|142.50|600.00|52.50|260.85|60.85|713.35
food_inhouse_old|475|400|500|0|800|475|2000.00|150.00|826.00|26.00|2176.00
food_inhouse_old|475|400|674|0|800|475|2000.00|1194.00|826.00|26.00|3220.00
food_inhouse_old|475|400|675|0|800|475|2000.00|1800.00|826.00|26.00|3826.00
food_inhouse_old|475|400|450|0|700|475|2000.00|-250.00|826.00|126.00|1876.00
ecommerce_wh|500|300|560|0|430|500|2000.00|480.00|450.90|20.90|2500.90
ecommerce_wh|500|300|480|0|430|500|2000.00|-200.00|450.90|20.90|1820.90
ecommerce_wh|500|10|200|0|120|166.67|666.67|266.67|150.30|30.30|963.63
ecommerce|6630|300|0|9000|400|6630|2000.00|1303.50|451.80|51.80|3355.30
ecommerce|6630|300|0|12000|460|6630|2000.00|2885.00|451.80|-8.20|4876.80
ecommerce|6630|300|0|10630|452|6630|2000.00|2200.00|451.80|-0.20|4199.80
ecommerce|6630|300|0|5000|300|6630|1508.30|0.00|340.00|40.00|1548.30
ecommerce|6630|5|0|1500|60|1105|333.33|217.25|75.30|15.30|565.88
motorcycle|400|200|253|0|300|400|1600.04|-1470.00|164.45|-135.55|0.00
motorcycle|400|200|254|0|300|400|1600.04|-1460.00|165.10|-134.90|5.14
";

fn work(target: &str, days: i64, orders: i64, revenue: &str, gas: &str) -> Work {
    Work {
        period_target: number(target),
        days,
        orders,
        revenue: number(revenue),
        gas_usage: number(gas),
    }
}

/// Category, target, days, orders, revenue and fuel; then final target, basic, bonus, fuel deserved, difference and total.
#[test]
fn the_worked_examples_come_out_to_the_halala() {
    let mut rows = 0;
    for line in FLAT.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').collect();
        let formula = Formula::documented(cells[0]).expect("a category");
        let (days, orders) = (cells[2].parse().expect("days"), cells[3].parse().expect("orders"));
        let pay = formula
            .pay(&work(cells[1], days, orders, cells[4], cells[5]))
            .expect("complete");
        let told = [
            half_up(pay.final_target, 2),
            pay.basic,
            pay.bonus,
            pay.gas_deserved,
            pay.gas_difference,
            pay.total,
        ];
        assert_eq!(
            told.map(|figure| figure.normalize()),
            [6, 7, 8, 9, 10, 11].map(|cell| number(cells[cell]).normalize()),
            "{line}"
        );
        rows += 1;
    }
    assert_eq!(rows, 25);
}

#[test]
fn the_odd_halala_is_a_line_of_its_own() {
    let formula = Formula::documented("ecommerce_wh").expect("a category");
    let pay = formula.pay(&work("500", 10, 200, "0", "120")).expect("complete");
    assert_eq!(pay.rounding.to_string(), "-0.01");
    let floor = Formula::documented("motorcycle").expect("a category");
    let pay = floor.pay(&work("400", 200, 60, "0", "300")).expect("complete");
    assert_eq!(
        (pay.total.to_string(), pay.rounding.to_string()),
        ("0.00".to_owned(), "2060.96".to_owned())
    );
}

#[test]
fn fuel_caps_and_the_cliff_are_where_the_document_has_them() {
    let gas = |category: &str, orders: i64| {
        let formula = Formula::documented(category).expect("a category");
        formula
            .pay(&work("400", 900, orders, "0", "0"))
            .expect("complete")
            .gas_deserved
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

#[test]
fn a_number_that_a_row_lacks_is_named() {
    let formula = Formula {
        penalty_rate: None,
        ..Formula::documented("motorcycle").expect("a category")
    };
    assert_eq!(
        formula.pay(&work("400", 200, 350, "0", "0")),
        Err(Missing("penalty_rate"))
    );
    assert_eq!(Formula::documented("ajeer"), None);
}

#[test]
fn days_count_both_ends() {
    let day = |text: &str| text.parse().expect("a day");
    assert_eq!(days_since_joining(day("2025-12-15"), day("2025-12-24")), 10);
    assert_eq!(days_since_joining(day("2025-12-25"), day("2025-12-24")), 0);
}

proptest! {
    #[test]
    fn parts_and_rounding_make_the_total(
        place in 0..6_usize, target in 1..900_i64, days in 0..900_i64, orders in 0..1200_i64, revenue in 0..30_000_i64, gas in 0..90_000_i64,
    ) {
        let formula = Formula::documented(crate::payroll_parameters::CATEGORIES[place]).expect("a category");
        let work = Work { period_target: target.into(), days, orders, revenue: revenue.into(), gas_usage: crate::money::riyals(gas) };
        let pay = formula.pay(&work).expect("complete");
        prop_assert_eq!(pay.basic + pay.bonus + pay.gas_difference + pay.rounding, pay.total);
        prop_assert!(pay.total >= Decimal::ZERO);
        let more = formula.pay(&Work { orders: orders + 1, revenue: (revenue + 1).into(), ..work }).expect("complete");
        prop_assert!(more.total >= pay.total, "one order more is never worth less");
    }
}
