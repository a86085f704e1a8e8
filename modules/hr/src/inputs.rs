//! Values that operations take from callers, within bounds in which no figure overflows.

use chrono::{Datelike, NaiveDate};
use platform_core::Problem;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use hr_pay::money::number;

/// A day that rows can have; a problem at the field otherwise.
pub(crate) fn day(field: &'static str, day: NaiveDate) -> Result<NaiveDate, Problem> {
    if (1900..=2200).contains(&day.year()) {
        Ok(day)
    } else {
        Err(Problem::field(field, "date_out_of_range"))
    }
}

/// Fields of a row or an action.
pub(crate) fn object(json: &Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

/// More than any fleet earns or owes: figures of this size and their products still fit.
const LARGEST: &str = "1000000000";

/// An amount or count, not negative, as text: `"6000.00"`.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) struct Amount(pub Decimal);

impl TryFrom<String> for Amount {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let amount: Decimal = text.trim().parse().map_err(|_| "not a number")?;
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err("a negative number");
        }
        if amount > number(LARGEST) || amount.scale() > 12 {
            return Err("a number beyond all bounds");
        }
        Ok(Self(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_rows() {
        let at = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
        assert!(day("on", at(1900)).is_ok() && day("on", at(2200)).is_ok());
        assert_eq!(
            day("on", at(2201)).expect_err("too late").errors[0].code,
            "date_out_of_range"
        );
        assert!(day("on", NaiveDate::MIN).is_err());
    }

    #[test]
    fn amounts_are_numbers_within_bounds() {
        assert_eq!(
            Amount::try_from(" 12.50 ".to_owned()).map(|amount| amount.0),
            Ok(number("12.50"))
        );
        for bad in ["", "x", "-1", "1000000001", "0.0000000000001"] {
            assert!(Amount::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
