//! What the calculation refuses, as problems of the API.

use hr_pay::PayError;
use platform_core::Problem;

/// The problem of a refusal.
pub(crate) fn refusal(error: &PayError) -> Problem {
    match error {
        PayError::Gap(gap) if gap.rule.starts_with("gosi.") => Problem::refused("no_gosi_rate"),
        PayError::Gap(gap) => Problem::refused("rule_gap")
            .with("rule", &gap.rule)
            .with("day", gap.day.to_string()),
        PayError::UnknownCategory { category, .. } => Problem::refused("no_formula").with("category", category),
        PayError::ParameterMissing { field, .. } => Problem::refused("formula_incomplete").with("field", field),
        PayError::AboveMost { field, .. } if field == "target" => Problem::refused("target_too_high"),
        PayError::JoinedAfter { .. } => Problem::refused("joins_later"),
        other => Problem::refused("not_payable").with("field", other.field().unwrap_or(other.code())),
    }
}
