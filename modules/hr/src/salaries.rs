//! Pay of one courier for one month, and the lines that explain it. Rows come from a run's calculation alone.

use hr_pay::Kind;
use platform_resource::{
    Action, Field, Resource, Verb, choice, date, decimal, integer, json, long_text, money, moved, reference, text,
    transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Pay of couriers.
pub static SALARIES: Resource = Resource::new("hr", "salaries", FIELDS)
    .owned_by("courier_id")
    .title(&["period_ends_on"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .actions(ACTIONS)
    .sort("-year,-month");

/// What each pay is made of.
pub static SALARY_LINES: Resource = Resource::new("hr", "salary_lines", LINE_FIELDS)
    .owned_by("salary_id")
    .title(&["kind"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("position");

const FIELDS: &[Field] = &[
    reference("run_id", "hr.payroll_runs").required().filter().list(),
    reference("courier_id", "fleet.couriers").required().filter().list(),
    integer("year", 2_000, 2_200).required().filter().list(),
    integer("month", 1, 12).required().filter().list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("calculated")
        .filter()
        .list(),
    choice("category", &hr_pay::PAID_BY).required().filter().list(),
    date("period_starts_on").required(),
    date("period_ends_on").required(),
    integer("days_since_joining", 0, 100_000).required().unit("days"),
    integer("total_orders", 0, 100_000).required(),
    money("total_revenue").required().permission("read_pay"),
    money("gas_usage").required().permission("read_pay"),
    decimal("period_target", 4).required(),
    decimal("final_target", 4).required(),
    money("base_salary").required().permission("read_pay").group("result"),
    money("bonus_amount")
        .signed()
        .required()
        .permission("read_pay")
        .group("result"),
    money("gas_deserved").required().permission("read_pay").group("result"),
    money("gas_difference")
        .signed()
        .required()
        .permission("read_pay")
        .group("result"),
    money("rounding_amount")
        .signed()
        .required()
        .permission("read_pay")
        .group("result"),
    money("category_total")
        .required()
        .list()
        .permission("read_pay")
        .group("result"),
    money("extra_bonuses")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("allowances")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("overtime_pay")
        .required()
        .default("0")
        .permission("read_pay")
        .group("settlement"),
    money("adjustments")
        .required()
        .default("0")
        .permission("read_pay")
        .group("settlement"),
    json("adjusted_months").permission("read_pay").group("settlement"),
    money("gross_salary")
        .required()
        .list()
        .permission("read_pay")
        .group("settlement"),
    money("gosi_employee")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("gosi_employer")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("loan_deduction")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("penalty_deduction")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("other_deductions")
        .required()
        .permission("read_pay")
        .group("settlement"),
    money("net_salary")
        .required()
        .list()
        .permission("read_pay")
        .group("settlement"),
    money("carried_forward")
        .required()
        .permission("read_pay")
        .group("settlement"),
    reference("payroll_parameter_id", "hr.payroll_parameters"),
    text("lines_checksum", 64),
    choice("payment_method", &["bank_transfer", "cash", "cheque"]).read_only(),
    text("payment_reference", 100).read_only().permission("read_pay"),
    date("paid_on").read_only(),
    long_text("hold_reason", 500).read_only(),
    long_text("notes", 4000),
];

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Calculated,
    Held,
    Paid,
}

/// Every kind of line that the core has, and what stands in old rows without one.
const LINE_KINDS: &[&str] = &{
    let mut words = ["other"; Kind::ALL.len() + 1];
    let mut place = 0;
    while place < Kind::ALL.len() {
        words[place] = Kind::ALL[place].word();
        place += 1;
    }
    words
};

const LINE_FIELDS: &[Field] = &[
    reference("salary_id", "hr.salaries").required().filter().list(),
    integer("position", 1, 1_000).required().list(),
    choice("kind", LINE_KINDS).required().filter().list(),
    money("amount").signed().required().list().permission("read_pay"),
    money("asked").list().permission("read_pay"),
    money("carried").permission("read_pay"),
    text("article", 200).list(),
    text("formula", 500).permission("read_pay"),
    json("inputs").permission("read_pay"),
];

const ACTIONS: &[Action] = &[
    transition("hold", "status", &[long_text("hold_reason", 500).required()], |state| {
        moved(state, |status| match status {
            Status::Calculated => Some(Status::Held),
            Status::Held | Status::Paid => None,
        })
    }),
    transition("release", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Held => Some(Status::Calculated),
            Status::Calculated | Status::Paid => None,
        })
    }),
    transition(
        "mark_paid",
        "status",
        &[
            date("paid_on"),
            choice("payment_method", &["bank_transfer", "cash", "cheque"])
                .required()
                .default("bank_transfer"),
            text("payment_reference", 100),
        ],
        |state| {
            moved(state, |status| match status {
                Status::Calculated => Some(Status::Paid),
                Status::Held | Status::Paid => None,
            })
        },
    )
    .decide(|given| {
        let paid_on = given.input.date("paid_on").unwrap_or(given.today);
        Ok([("paid_on".to_owned(), serde_json::json!(paid_on))]
            .into_iter()
            .collect())
    }),
];
