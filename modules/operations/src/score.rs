//! Scores of couriers, service levels and penalties: plain arithmetic, rounded once at the end.

use rust_decimal::{Decimal, RoundingStrategy};
use strum::{EnumString, IntoStaticStr};

/// To hundredths, halves away from zero.
pub(crate) fn hundredths(number: Decimal) -> Decimal {
    let mut rounded = number.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

/// A share in percent; nothing of nothing.
pub(crate) fn percent(part: i64, whole: i64) -> Option<Decimal> {
    (whole > 0).then(|| {
        let share = Decimal::from(part * 100) / Decimal::from(whole);
        let mut rounded = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(1);
        rounded
    })
}

/// How well a dispatch kept its estimate: 100 up to a tenth over it, then two points less for each further minute; 80 when
/// nobody estimated.
pub(crate) fn on_time(estimate_minutes: Option<i64>, actual_minutes: i64) -> Decimal {
    let Some(estimate) = estimate_minutes.map(Decimal::from) else {
        return hundredths(Decimal::from(80));
    };
    let over = Decimal::from(actual_minutes) - estimate - estimate / Decimal::TEN;
    if over <= Decimal::ZERO {
        return hundredths(Decimal::ONE_HUNDRED);
    }
    hundredths((Decimal::ONE_HUNDRED - over * Decimal::TWO).max(Decimal::ZERO))
}

/// A courier's performance after one more dispatch: nine tenths of what it was, 70 at the beginning.
pub(crate) fn performance(before: Option<Decimal>, on_time: Decimal) -> Decimal {
    let before = before.unwrap_or_else(|| Decimal::from(70));
    hundredths(before * Decimal::new(9, 1) + on_time * Decimal::new(1, 1))
}

/// How far a result is from its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) actual: Decimal,
    pub(crate) variance: Decimal,
    pub(crate) percent: Decimal,
    pub(crate) compliance: Decimal,
    pub(crate) is_kept: bool,
}

/// Compares a result with its target. What keeps the target complies fully, however early; what misses it loses its deviation
/// in percent.
pub(crate) fn outcome(target: Decimal, actual: Decimal, higher_is_better: bool) -> Option<Outcome> {
    if target <= Decimal::ZERO {
        return None;
    }
    let variance = actual - target;
    let percent = variance / target * Decimal::ONE_HUNDRED;
    let is_kept = if higher_is_better {
        actual >= target
    } else {
        actual <= target
    };
    let compliance = if is_kept {
        Decimal::ONE_HUNDRED
    } else {
        (Decimal::ONE_HUNDRED - percent.abs()).max(Decimal::ZERO)
    };
    Some(Outcome {
        actual: hundredths(actual),
        variance: hundredths(variance),
        percent: hundredths(percent),
        compliance: hundredths(compliance),
        is_kept,
    })
}

/// How bad a breach is.
#[derive(Clone, Copy, Debug, EnumString, IntoStaticStr, PartialEq, Eq, PartialOrd, Ord)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Severity {
    Minor,
    Major,
    Critical,
}

impl Severity {
    /// Up to a fifth from the target is minor, up to a half major.
    pub(crate) fn of(variance_percent: Decimal) -> Self {
        let distance = variance_percent.abs();
        if distance <= Decimal::from(20) {
            Self::Minor
        } else if distance <= Decimal::from(50) {
            Self::Major
        } else {
            Self::Critical
        }
    }
}

/// What a breach costs.
pub(crate) fn penalty(per_breach: Decimal, severity: Severity) -> Decimal {
    let factor = match severity {
        Severity::Minor => Decimal::ONE,
        Severity::Major => Decimal::new(15, 1),
        Severity::Critical => Decimal::TWO,
    };
    hundredths(per_breach * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    #[test]
    fn twelve_minutes_late_of_forty_score_84_and_lift_82_to_82_20() {
        // Tolerance 4 minutes, 8 beyond it.
        assert_eq!(on_time(Some(40), 52), number("84.00"));
        assert_eq!(performance(Some(number("82")), number("84")), number("82.20"));
        assert_eq!(on_time(Some(40), 44), number("100.00"));
        assert_eq!(on_time(Some(40), 20), number("100.00"));
        assert_eq!(on_time(Some(40), 300), number("0.00"));
        assert_eq!(on_time(None, 52), number("80.00"));
        assert_eq!(performance(None, number("100")), number("73.00"));
    }

    #[test]
    fn targets_of_time_and_of_share() {
        let late = outcome(number("45"), number("54"), false).expect("a target");
        assert_eq!(
            (late.variance, late.percent, late.compliance),
            (number("9.00"), number("20.00"), number("80.00"))
        );
        assert!(!late.is_kept);
        let early = outcome(number("45"), number("36"), false).expect("a target");
        assert_eq!((early.percent, early.compliance), (number("-20.00"), number("100.00")));
        let share = outcome(number("99"), number("89.1"), true).expect("a target");
        assert_eq!((share.compliance, share.is_kept), (number("90.00"), false));
        assert_eq!(outcome(Decimal::ZERO, Decimal::ONE, false), None);
    }

    #[test]
    fn penalties_grow_with_severity() {
        let fifty = number("50");
        for (severity, expected) in [
            (Severity::Minor, "50.00"),
            (Severity::Major, "75.00"),
            (Severity::Critical, "100.00"),
        ] {
            assert_eq!(penalty(fifty, severity), number(expected));
        }
        for (percent, expected) in [
            ("20", Severity::Minor),
            ("-20.01", Severity::Major),
            ("50.01", Severity::Critical),
        ] {
            assert_eq!(Severity::of(number(percent)), expected);
        }
    }

    #[test]
    fn shares() {
        assert_eq!(percent(31, 36), Some(number("86.1")));
        assert_eq!(percent(31, 40), Some(number("77.5")));
        assert_eq!(percent(5, 12), Some(number("41.7")));
        assert_eq!(percent(0, 0), None);
    }
}
