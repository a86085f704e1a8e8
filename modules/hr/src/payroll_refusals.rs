//! Who a run could not pay, and why: found by a calculation, a row for each courier. The rest of the run goes on.

use hr_pay::PayError;
use platform_resource::{Field, Resource, Verb, choice, json, reference, text};
use serde_json::{Map, Value as Json, json};

/// Couriers whom a run could not pay.
pub static PAYROLL_REFUSALS: Resource = Resource::new("hr", "payroll_refusals", FIELDS)
    .title(&["code"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("code");

/// Reasons. Those of a sheet's rows are among them.
pub(crate) const CODES: &[&str] = &[
    "no_target",
    "no_work",
    "no_joining_date",
    "joins_later",
    "left_before",
    "unknown_category",
    "formula_incomplete",
    "rule_gap",
    "no_gosi_rate",
    "no_nationality",
    "no_basic_salary",
    "required",
    "negative",
    "not_positive",
    "not_a_number",
    "not_whole",
    "above_most",
    "too_large",
    "taken",
    "bad_row",
    "not_payable",
];

const FIELDS: &[Field] = &[
    reference("run_id", "hr.payroll_runs").required().filter().list(),
    reference("courier_id", "fleet.couriers").required().filter().list(),
    choice("code", CODES).required().filter().list(),
    text("field", 60).list(),
    text("found", 200).list(),
    json("params"),
];

/// Why somebody is not paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub code: &'static str,
    pub field: Option<String>,
    /// What was found there.
    pub found: Option<String>,
    pub params: Option<Json>,
}

impl Refused {
    pub(crate) const fn new(code: &'static str) -> Self {
        Self {
            code,
            field: None,
            found: None,
            params: None,
        }
    }

    pub(crate) fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    pub(crate) fn found(mut self, found: impl ToString) -> Self {
        self.found = Some(found.to_string().chars().take(200).collect());
        self
    }

    /// A code by its word: of a sheet's row, or of a stored refusal.
    pub(crate) fn coded(code: &str) -> Self {
        let known = CODES.iter().find(|known| **known == code);
        Self::new(known.copied().unwrap_or("bad_row"))
    }

    /// The row that stores it, without its run and courier.
    pub(crate) fn row(&self) -> Map<String, Json> {
        let mut row = Map::new();
        row.insert("code".to_owned(), json!(self.code));
        for (name, value) in [
            ("field", self.field.clone().map(Json::from)),
            ("found", self.found.clone().map(Json::from)),
            ("params", self.params.clone()),
        ] {
            row.extend(value.map(|value| (name.to_owned(), value)));
        }
        row
    }
}

impl From<&PayError> for Refused {
    /// Every reason that the core has, as a row says it.
    fn from(error: &PayError) -> Self {
        let refused = match error {
            PayError::Missing { field } => return Self::missing(field),
            PayError::UnknownCategory { category, day } => Self {
                params: Some(json!({"category": category, "day": day})),
                ..Self::new("unknown_category").found(category)
            },
            PayError::ParameterMissing { category, field } => Self {
                params: Some(json!({"category": category, "parameter": field})),
                ..Self::new("formula_incomplete")
            },
            PayError::NotPositive { value, .. } => Self::new("not_positive").found(value),
            PayError::Negative { value, .. } => Self::new("negative").found(value),
            PayError::AboveMost { value, most, .. } => Self {
                params: Some(json!({"most": most.normalize().to_string()})),
                ..Self::new("above_most").found(value)
            },
            PayError::JoinedAfter { joined_on, .. } => Self::new("joins_later").found(joined_on),
            PayError::LeftBefore { left_on, .. } => Self::new("left_before").found(left_on),
            PayError::Gap(gap) => Self {
                params: Some(json!({"rule": gap.rule, "day": gap.day})),
                ..Self::new(if gap.rule.starts_with("gosi.") {
                    "no_gosi_rate"
                } else {
                    "rule_gap"
                })
                .found(&gap.rule)
            },
            PayError::TooLarge { .. } => Self::new("too_large"),
            PayError::Repeated { what } => Self::new("taken").found(what),
            PayError::NotPaidHere
            | PayError::Backwards { .. }
            | PayError::DividedByZero { .. }
            | PayError::Overpayment { .. } => Self::new("not_payable").found(error),
        };
        match error.field() {
            Some(field) => refused.at(stored(field)),
            None => refused,
        }
    }
}

impl Refused {
    fn missing(field: &str) -> Self {
        let code = match field {
            "target" | "category" => "no_target",
            "joined_on" => "no_joining_date",
            "orders" | "revenue" | "gas_usage" => "no_work",
            "nationality" => "no_nationality",
            "basic" => "no_basic_salary",
            _ => "required",
        };
        Self::new(code).at(stored(field))
    }
}

/// The core's name of a number as the tables call it.
fn stored(field: &str) -> &str {
    match field {
        "target" => "period_target",
        "orders" => "total_orders",
        "revenue" => "total_revenue",
        "basic" => "basic_salary",
        "days" => "days_since_joining",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hr_pay::money::number;

    #[test]
    fn what_is_missing_is_named_by_its_own_reason() {
        let missing = |field: &str| PayError::Missing {
            field: field.to_owned(),
        };
        for (field, code, at) in [
            ("target", "no_target", "period_target"),
            ("joined_on", "no_joining_date", "joined_on"),
            ("orders", "no_work", "total_orders"),
            ("basic", "no_basic_salary", "basic_salary"),
            ("formula", "required", "formula"),
        ] {
            let refused = Refused::from(&missing(field));
            assert_eq!((refused.code, refused.field.as_deref()), (code, Some(at)));
        }
        let negative = PayError::Negative {
            field: "gas_usage".to_owned(),
            value: number("-5"),
        };
        let row = Refused::from(&negative).row();
        assert_eq!(
            json!(row),
            json!({"code": "negative", "field": "gas_usage", "found": "-5"})
        );
    }

    #[test]
    fn codes_of_sheets_are_codes_of_refusals() {
        assert_eq!(Refused::coded("not_a_number").code, "not_a_number");
        assert_eq!(Refused::coded("too_few_cells").code, "bad_row");
    }
}
