//! Exact amounts: halalas as whole numbers in tables, riyals as decimals in formulas, rounded half up once, at the end.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Rounded half away from zero, as people round.
pub fn half_up(number: Decimal, digits: u32) -> Decimal {
    let mut rounded = number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(digits);
    // There is no negative nothing on a payslip.
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    rounded
}

/// Riyals of halalas.
pub fn riyals(halalas: i64) -> Decimal {
    Decimal::new(halalas, 2)
}

/// More halalas than any figure here means; sums of a few of them still fit.
const LARGEST: i64 = 1_000_000_000_000_000;

/// Halalas of riyals, rounded half up, within bounds in which sums fit.
pub fn halalas(riyals: Decimal) -> i64 {
    let scaled = half_up(riyals, 2).checked_mul(Decimal::ONE_HUNDRED);
    let whole = scaled.and_then(|whole| whole.to_i64());
    whole.unwrap_or(LARGEST).clamp(-LARGEST, LARGEST)
}

/// An amount as the API writes it.
pub fn amount(halalas: i64) -> String {
    riyals(halalas).to_string()
}

/// A percentage of an amount, to the halala.
pub fn share(amount: Decimal, percent: Decimal) -> Decimal {
    half_up(amount * percent / Decimal::ONE_HUNDRED, 2)
}

/// A number of a table of this source; never of a caller.
pub fn number(text: &str) -> Decimal {
    text.parse().expect("the tables of this crate hold numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up_on_both_sides_of_zero() {
        for (given, expected) in [
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("2.675", "2.68"),
            ("7", "7.00"),
            ("-0.004", "0.00"),
        ] {
            assert_eq!(half_up(number(given), 2).to_string(), expected);
        }
        assert_eq!(
            (halalas(number("354.165")), amount(35_417)),
            (35_417, "354.17".to_owned())
        );
    }
}
