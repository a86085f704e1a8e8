//! What holds for every input.

use chrono::{Datelike, Days as CalendarDays, NaiveDate};
use hr_pay::{
    Arrears, CATEGORIES, CapOptions, Categories, Category, Cause, Choices, Claim, ClaimKind, Class, Contributor, Days,
    Entry, Grant, Housing, Kind, LeaveLedger, Line, Loan, Overtime, PARAMETERS, Payslip, Period, Purpose, Rule, Rules,
    Terms, Work, arrears, overtime, settle, work_pay,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::support::{cases, day, said};

/// Runs so many cases, the same ones every time, and says how many.
fn holds<S: Strategy>(check: &str, what: &str, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        ..Config::default()
    };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    if let Err(error) = runner.run(&strategy, test) {
        panic!("{what}: {error}");
    }
    said(check, &format!("{} random cases: {what}", cases()));
}

fn halalas(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

fn a_period() -> impl Strategy<Value = Period> {
    (2025..2029_i64, 1..=12_i64).prop_map(|(year, month)| Period::of(year, month).unwrap())
}

/// Category, target in tenths of what a full month may have, days, orders, revenue, fuel.
fn some_work() -> impl Strategy<Value = (usize, Work)> {
    let numbers = (1..8_000_i64, 1..900_i64, 0..1_200_i64, 0..3_000_000_i64, 0..90_000_i64);
    (0..6_usize, numbers).prop_map(|(place, (target, days, orders, revenue, gas))| {
        let target = if CATEGORIES[place] == "ecommerce" {
            Decimal::from(target)
        } else {
            Decimal::new(target, 1)
        };
        let work = Work {
            period_target: Some(target),
            days: Days::Given(days),
            last_working_day: None,
            unpaid_days: 0,
            orders: Some(orders),
            revenue: Some(halalas(revenue)),
            gas_usage: Some(halalas(gas)),
        };
        (place, work)
    })
}

fn some_claims() -> impl Strategy<Value = Vec<Claim>> {
    let one = (0..8_u8, 1..400_000_i64, 0..700_u64, any::<bool>(), 0..100_i64);
    let claim = one.prop_map(|(kind, amount, age, whole, share)| Claim {
        id: format!("{kind}-{amount}-{age}"),
        kind: match kind {
            0 => ClaimKind::Court {
                maintenance: true,
                judgment_share: None,
            },
            1 => ClaimKind::Court {
                maintenance: false,
                judgment_share: Some(Decimal::new(share, 2)),
            },
            2 => ClaimKind::Damage,
            3 => ClaimKind::Fine,
            4 => ClaimKind::Consented {
                consent: Some("letter".to_owned()),
                purpose: Purpose::Other,
            },
            5 => ClaimKind::Consented {
                consent: None,
                purpose: Purpose::Other,
            },
            6 => ClaimKind::Consented {
                consent: Some("letter".to_owned()),
                purpose: Purpose::SafetyGear,
            },
            _ => ClaimKind::Loan,
        },
        amount: halalas(amount),
        since: day("2026-11-24").checked_sub_days(CalendarDays::new(age)).unwrap(),
        whole,
    });
    proptest::collection::vec(claim, 0..9)
}

fn some_person() -> impl Strategy<Value = Option<Contributor>> {
    let classes = prop_oneof![Just(Class::SaudiOld), Just(Class::SaudiNew), Just(Class::NonSaudi)];
    let person = (
        classes,
        0..6_000_000_i64,
        proptest::option::of(0..1_500_000_i64),
        proptest::option::of(0..=30_i64),
    );
    proptest::option::of(person.prop_map(|(class, basic, housing, days)| Contributor {
        class,
        basic: halalas(basic),
        housing: housing.map_or(Housing::InKind, |housing| Housing::Cash(halalas(housing))),
        days,
    }))
}

#[derive(Clone, Debug)]
struct Month {
    period: Period,
    place: usize,
    work: Work,
    grants: Vec<i64>,
    overtime_min: i64,
    person: Option<Contributor>,
    claims: Vec<Claim>,
    social_counts: bool,
}

fn some_month() -> impl Strategy<Value = Month> {
    let grants = proptest::collection::vec(0..80_000_i64, 0..3);
    (
        a_period(),
        some_work(),
        grants,
        0..3_000_i64,
        some_person(),
        some_claims(),
        any::<bool>(),
    )
        .prop_map(
            |(period, (place, work), grants, overtime_min, person, claims, social_counts)| Month {
                period,
                place,
                work,
                grants,
                overtime_min,
                person,
                claims,
                social_counts,
            },
        )
}

fn payslip(month: &Month, categories: &Categories, rules: &Rules) -> Payslip {
    let on = month.period.ends_on;
    let category = categories.at(CATEGORIES[month.place], on).unwrap();
    let mut earned = work_pay(category, month.period, &month.work, CapOptions::default())
        .unwrap()
        .lines;
    let given = Overtime {
        minutes: month.overtime_min.into(),
        monthly_wage: 4_000.into(),
        basic: 3_000.into(),
        month_hours: None,
    };
    earned.push(overtime(rules, on, &given).unwrap());
    let grant = |(place, amount): (usize, &i64)| Grant {
        id: format!("bonus {place}"),
        kind: Kind::ExtraBonus,
        amount: halalas(*amount),
    };
    settle(Terms {
        rules,
        period: month.period,
        earned,
        grants: month.grants.iter().enumerate().map(grant).collect(),
        social: month.person.clone(),
        deducts_social: true,
        claims: month.claims.clone(),
        choices: Choices {
            social_counts: month.social_counts,
            together_share: None,
        },
    })
    .unwrap()
}

fn saudi(month: &Month) -> Payslip {
    payslip(month, Categories::documented(), Rules::saudi())
}

#[test]
fn net_pay_keeps_its_half_and_every_deduction_its_limit() {
    holds(
        "PAY13",
        "net is never below zero, deductions keep their limits, nothing is lost",
        some_month(),
        |month| {
            let slip = saudi(&month);
            let of = |kind: Kind| -> Decimal {
                slip.deductions
                    .iter()
                    .filter(|one| one.kind == kind)
                    .map(|one| one.allowed)
                    .sum()
            };
            prop_assert!(slip.net >= Decimal::ZERO);
            let half = slip.gross / Decimal::TWO;
            let counted = if month.social_counts {
                slip.deducted()
            } else {
                slip.deducted() - of(Kind::Gosi)
            };
            prop_assert!(counted <= half, "{counted} of {half}");
            prop_assert!(of(Kind::Loan) <= slip.gross / Decimal::TEN);
            let five_days = slip.gross / Decimal::from(6);
            prop_assert!(of(Kind::Damage) <= five_days && of(Kind::Penalty) <= five_days);
            for one in &slip.deductions {
                prop_assert!(
                    Decimal::ZERO <= one.allowed && Decimal::ZERO <= one.carried && Decimal::ZERO <= one.refused
                );
                prop_assert_eq!(one.allowed + one.carried + one.refused, one.asked);
                prop_assert_eq!(one.stopped_by.is_some(), one.allowed < one.asked);
            }
            prop_assert_eq!(slip.lines.iter().map(|line| line.amount).sum::<Decimal>(), slip.net);
            Ok(())
        },
    );
}

#[test]
fn an_order_more_above_target_is_never_paid_less() {
    let strategy = (some_work(), 1..200_i64);
    holds(
        "PAY14",
        "pay never falls with orders or revenue above target",
        strategy,
        |((place, mut work), more)| {
            let period = Period::of(2026, 11).unwrap();
            let category = Categories::documented().at(CATEGORIES[place], period.ends_on).unwrap();
            let mut pay = |orders: i64| {
                work.orders = Some(orders);
                work.revenue = Some(orders.into());
                work_pay(category, period, &work, CapOptions::default()).unwrap()
            };
            let target = pay(0).final_target.ceil().to_i64().unwrap();
            let (less, greater) = (pay(target + more), pay(target + more + 1));
            prop_assert!(less.total <= greater.total, "{} > {}", less.total, greater.total);
            Ok(())
        },
    );
}

#[test]
fn parts_and_the_odd_halala_make_the_total() {
    holds(
        "PAY15",
        "parts, what is forgiven and the odd halala sum to the total, which plain arithmetic confirms",
        some_work(),
        |(place, work)| {
            let period = Period::of(2026, 11).unwrap();
            let category = Categories::documented().at(CATEGORIES[place], period.ends_on).unwrap();
            let pay = work_pay(category, period, &work, CapOptions::default()).unwrap();
            prop_assert_eq!(pay.lines.iter().map(|line| line.amount).sum::<Decimal>(), pay.total);
            prop_assert!(pay.amount(Kind::Rounding).abs() <= halalas(2));
            prop_assert!(pay.total >= Decimal::ZERO);
            let plain = plain_total(place, &work);
            let total = pay.total.to_f64().unwrap();
            prop_assert!((total - plain).abs() < 0.005_1, "{total} and {plain}");
            Ok(())
        },
    );
}

/// The pay document once more, in floating point and in other words.
fn plain_total(place: usize, work: &Work) -> f64 {
    let float = |number: Decimal| number.to_f64().unwrap();
    let target = float(work.period_target.unwrap());
    let Days::Given(days) = work.days else {
        panic!("days are given")
    };
    let (orders, revenue) = (float(work.orders.unwrap().into()), float(work.revenue.unwrap()));
    let used = float(work.gas_usage.unwrap());
    // Days of target in the cap and in basic pay, a day's pay, an order more, an order less, fuel.
    let (cap, divisor, rate, more) = match place {
        0 => (13.333, 13.333, 53.333_33, 6.0),
        1 => (13.0, 13.0, 66.666_666_67, 7.0),
        2 => (15.833_333_3, 15.833_333_33, 66.666_666_67, 7.0),
        3 => (15.833_333_3, 15.833_333_33, 66.666_666_67, 6.0),
        4 => (16.666_67, 16.666_666_7, 66.666_667, 8.0),
        _ => (221.0, 221.0, 66.666_666_67, 0.0),
    };
    let wanted = if place == 0 { target.ceil() } else { target };
    let reached = wanted.min(cap * float(days.into()));
    let basic = reached / divisor * rate;
    if place == 5 {
        let above = (revenue - reached).max(0.0);
        let bonus = if above <= 4000.0 {
            0.55 * above
        } else {
            2200.0 + 0.5 * (above - 4000.0)
        };
        let fuel = (0.068 * revenue).min(reached / 221.0 * 15.06).min(452.0);
        return (basic.min(revenue * 0.301_659_125_2) + bonus + fuel - used).max(0.0);
    }
    let above = orders - reached;
    let each = match () {
        () if above <= 0.0 => 10.0,
        () if place == 3 && above > 199.0 => 9.0,
        () => more,
    };
    let fuel = match place {
        0 => (0.65 * orders).min(261.0),
        1 => (2.11 * orders).min(826.0),
        2 => (1.739 * orders).min(826.0),
        3 => (2.065 * orders).min(826.0),
        _ => (reached / 16.666_667 * 15.03).min(452.0),
    };
    (basic + above * each + fuel - used).max(0.0)
}

#[test]
fn every_line_comes_out_of_its_own_trace() {
    holds(
        "PAY16",
        "every stored line comes out of its own trace, and a changed one does not",
        some_month(),
        |month| {
            let slip = saudi(&month);
            let stored = serde_json::to_string(&slip).unwrap();
            let read: Payslip = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&read, &slip);
            for line in read.lines.iter().chain(&read.beside) {
                prop_assert_eq!(line.recompute(), Ok(line.clone()));
                let changed = Line {
                    amount: line.amount + halalas(1),
                    ..line.clone()
                };
                prop_assert!(changed.recompute().is_err());
                let mut changed = line.clone();
                if let Some(step) = changed.trace.steps.first_mut() {
                    step.value += Decimal::ONE;
                }
                prop_assert!(changed.recompute().is_err());
            }
            Ok(())
        },
    );
}

/// The law and the company's parameters as they might be a year later.
fn later_rows(after: NaiveDate) -> (Categories, Rules) {
    let from = after.succ_opt().unwrap();
    let mut rows: Vec<Rule> = Rules::saudi().rows().cloned().collect();
    let later: Vec<Rule> = rows
        .iter()
        .filter(|row| row.to.is_none() && row.from < from)
        .map(|row| Rule {
            value: row.value + Decimal::ONE,
            from,
            ..row.clone()
        })
        .collect();
    rows.extend(later);
    let categories = CATEGORIES.iter().flat_map(|name| {
        let today = Categories::documented().at(name, after).unwrap().clone();
        let numbers = PARAMETERS.iter().map(|parameter| {
            let row = today.rows().find(|row| row.id.ends_with(&format!(".{parameter}")));
            (*parameter, row.map(|row| row.value + Decimal::ONE))
        });
        let next = Category::new(name, from, None, "A later pay document", numbers).unwrap();
        [today.clone(), next]
    });
    (Categories::new(categories.collect::<Vec<_>>()), Rules::new(rows))
}

#[test]
fn a_month_calculated_again_later_gives_the_same_bytes() {
    let later: Vec<(Period, Categories, Rules)> = (2025..2029)
        .flat_map(|year| (1..=12).map(move |month| Period::of(year, month).unwrap()))
        .map(|period| {
            let (categories, rules) = later_rows(period.contributions_on());
            (period, categories, rules)
        })
        .collect();
    holds(
        "PAY17",
        "the same bytes after the law and the parameters have changed",
        some_month(),
        |month| {
            let (_, categories, rules) = later.iter().find(|(period, ..)| *period == month.period).unwrap();
            let bytes = |slip: &Payslip| serde_json::to_vec(slip).unwrap();
            prop_assert_eq!(bytes(&saudi(&month)), bytes(&payslip(&month, categories, rules)));
            Ok(())
        },
    );
}

#[test]
fn instalments_sum_to_the_principal() {
    let steps = proptest::collection::vec((0..5_u8, 1..60_000_i64, 0..30_u32), 0..12);
    let strategy = (1..5_000_000_i64, 1..60_u32, any::<bool>(), steps);
    holds(
        "PAY18",
        "instalments sum to the principal, whatever is skipped, reduced, paid in part, postponed or paid early",
        strategy,
        |(principal, count, by_amount, steps)| {
            let principal = halalas(principal.max(i64::from(count)));
            let first = day("2026-01-15");
            let mut loan = if by_amount {
                let each = (principal / Decimal::from(count)).max(Decimal::ONE).round_dp(2);
                Loan::by_amount(principal, each, first).unwrap()
            } else {
                Loan::in_parts(principal, count, first).unwrap()
            };
            for (step, amount, months) in steps {
                let month = first.checked_add_months(chrono::Months::new(months)).unwrap();
                let before = loan.clone();
                let done = match step {
                    0 => loan.skip(month).is_ok(),
                    1 => loan.postpone(month, 1 + months % 4).is_ok(),
                    4 => loan.reduce(month, halalas(amount)).is_ok(),
                    2 => {
                        let done = loan.pay(month, halalas(amount));
                        prop_assert_eq!(done.is_err(), halalas(amount) > before.owed());
                        done.is_ok()
                    }
                    _ => loan.pay_off(month).is_ok(),
                };
                prop_assert!(done || loan == before);
                let paid: Decimal = loan.paid().iter().map(|one| one.amount).sum();
                prop_assert_eq!(paid + loan.owed(), principal);
                prop_assert!(loan.due().iter().all(|one| one.amount > Decimal::ZERO));
                // One row a month: rows of a table are found again by it.
                prop_assert!(loan.due().windows(2).all(|two| two[0].month < two[1].month));
                let kept = Loan::resumed(principal, loan.paid().to_vec(), loan.due().to_vec());
                prop_assert_eq!(kept.as_ref(), Ok(&loan));
            }
            Ok(())
        },
    );
}

/// Thousandths of days earned up to a day, counted day by day with whole numbers.
fn counted_by_hand(joined_on: NaiveDate, until: NaiveDate) -> i64 {
    let anniversary = |years: i32| {
        let year = joined_on.year() + years;
        joined_on
            .with_year(year)
            .unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).unwrap())
    };
    // Days of leave × days, over 365 and over 366.
    let mut sums = [0_i64; 2];
    let mut years = 0;
    for today in joined_on.iter_days().take_while(|today| *today <= until) {
        while anniversary(years + 1) <= today {
            years += 1;
        }
        let is_long = (anniversary(years + 1) - anniversary(years)).num_days() == 366;
        sums[usize::from(is_long)] += if years < 5 { 21 } else { 30 };
    }
    let numerator = (sums[0] * 366 + sums[1] * 365) * 1000;
    let denominator = 365 * 366;
    (2 * numerator + denominator) / (2 * denominator)
}

#[test]
fn the_leave_ledger_sums_to_the_closed_form() {
    let steps = proptest::collection::vec((0..4_u8, 1..200_u64, 1..15_i64), 1..14);
    let strategy = (0..6_000_u64, steps);
    holds(
        "PAY19",
        "the leave ledger sums to the closed form",
        strategy,
        |(joined, steps)| {
            let rules = Rules::saudi();
            let joined_on = day("2008-02-20").checked_add_days(CalendarDays::new(joined)).unwrap();
            let mut ledger = LeaveLedger::new(joined_on);
            let (mut today, mut others) = (joined_on, 0);
            for (place, (step, days, count)) in steps.into_iter().enumerate() {
                today = today.checked_add_days(CalendarDays::new(days)).unwrap();
                match step {
                    0 | 1 => ledger.earn(rules, today).unwrap(),
                    2 => {
                        let until = today.checked_add_days(CalendarDays::new(count.unsigned_abs())).unwrap();
                        others -= 1000
                            * ledger
                                .take(rules, &format!("leave {place}"), today, until, &[])
                                .unwrap();
                    }
                    _ => {
                        others += count * 125;
                        ledger.write(Entry {
                            on: today,
                            thousandths: count * 125,
                            cause: Cause::Corrected {
                                reason: "counted again".to_owned(),
                            },
                            article: "Labour Law, Art. 109".to_owned(),
                        });
                    }
                }
            }
            ledger.earn(rules, today).unwrap();
            ledger.earn(rules, today).unwrap();
            prop_assert_eq!(ledger.balance(today), counted_by_hand(joined_on, today) + others);
            Ok(())
        },
    );
}

#[test]
fn a_raise_three_months_back_is_paid_as_the_sum_of_its_differences() {
    let strategy = (some_month(), 1..60_000_i64);
    holds(
        "PAY20",
        "a raise some months back pays the sum of the months' differences",
        strategy,
        |(month, raise)| {
            let mut paid = Decimal::ZERO;
            let mut expected = Decimal::ZERO;
            for number in 8..=10 {
                let mut then = month.clone();
                then.period = Period::of(2026, number).unwrap();
                let mut now = then.clone();
                now.grants.push(raise);
                let (then, now) = (saudi(&then), saudi(&now));
                expected += halalas(raise);
                match arrears(&then, &now).unwrap() {
                    Arrears::Pays(line) => {
                        prop_assert_eq!(line.recompute(), Ok((*line).clone()));
                        paid += line.amount;
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
                let Arrears::Claims(claim) = arrears(&now, &then).unwrap() else {
                    panic!("too much was paid")
                };
                prop_assert_eq!((claim.amount, claim.kind), (halalas(raise), ClaimKind::Loan));
                prop_assert_eq!(arrears(&now, &now).unwrap(), Arrears::Nothing);
            }
            prop_assert_eq!(paid, expected);
            Ok(())
        },
    );
}
