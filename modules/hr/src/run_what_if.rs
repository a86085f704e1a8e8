//! A run as it would come out with other numbers, beside the run as it comes out now. Nothing is stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use hr_pay::money::{amount, halalas};
use hr_pay::{Categories, PARAMETERS};
use platform_core::{Cx, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::PAYROLL_RUNS;
use crate::inputs::Amount;
use crate::payroll_refusals::Refused;
use crate::run::month_of;
use crate::run_comparison::{Because, Nets, Totals, because, page, totals};
use crate::run_facts::{Attended, Done, Facts, RunMonth, gather};
use crate::run_pay::pay;
use crate::run_terms::{Formulas, Stored, Switches, Terms, Version};

/// What would be otherwise.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    /// Numbers of categories by their names, as `{"motorcycle": {"bonus_rate": "7"}}`.
    categories: BTreeMap<String, BTreeMap<String, Amount>>,
    /// Work and targets of couriers.
    inputs: Vec<Input>,
    deducts_loans: Option<bool>,
    deducts_penalties: Option<bool>,
    deducts_gosi: Option<bool>,
    adds_allowances: Option<bool>,
    adds_overtime: Option<bool>,
    caps_leavers: Option<bool>,
    caps_unpaid_leave: Option<bool>,
}

/// Other work of one courier; what is not given stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    courier_id: Uuid,
    category: Option<String>,
    period_target: Option<Amount>,
    total_orders: Option<u32>,
    total_revenue: Option<Amount>,
    gas_usage: Option<Amount>,
}

/// Of which run, and what would be otherwise.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The run.
    id: Uuid,
    /// Only these; everybody unless given.
    courier_ids: Option<Vec<Uuid>>,
    changes: Changes,
    /// Rows of a page, 1 to 100; 50 unless given.
    limit: Option<usize>,
    /// Where the next page begins.
    after: Option<String>,
}

/// A kind of lines.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Sum {
    kind: String,
    amount: String,
}

/// Why somebody would not be paid.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reason {
    code: &'static str,
    field: Option<String>,
    found: Option<String>,
}

/// One courier.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    courier_id: Uuid,
    courier_name: String,
    category: Option<String>,
    net_now: Option<String>,
    net_before: Option<String>,
    change: String,
    change_percent: Option<String>,
    outlier: Option<&'static str>,
    because: Vec<Because>,
    lines: Vec<Sum>,
    refused: Option<Reason>,
}

/// The run as it would be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WhatIf {
    totals: Totals,
    rows: Vec<Row>,
    next: Option<String>,
}

/// What becomes of a courier: the net pay and sums by kind, or why not.
struct Outcome {
    net: Option<i64>,
    kinds: BTreeMap<String, i64>,
    refused: Option<Refused>,
}

fn outcome(facts: Facts, terms: &Terms) -> Outcome {
    match pay(facts, terms) {
        Ok(paid) => {
            let mut kinds = BTreeMap::new();
            for line in &paid.slip.lines {
                *kinds.entry(line.kind.word().to_owned()).or_default() += halalas(line.amount);
            }
            Outcome {
                net: Some(halalas(paid.slip.net)),
                kinds,
                refused: None,
            }
        }
        Err(refused) => Outcome {
            net: None,
            kinds: BTreeMap::new(),
            refused: Some(refused.1),
        },
    }
}

/// `POST /hr/payroll_runs/{id}/what_if`.
pub(crate) async fn what_if(cx: &mut Cx, asked: Asked) -> Result<WhatIf, Problem> {
    let (first, limit) = page(asked.limit, asked.after.as_deref())?;
    let run = platform_engine::load(cx, &PAYROLL_RUNS, asked.id).await?;
    let month = month_of(&run)?;
    let stored = Stored::read(cx, month, Switches::of(&run)).await?;
    let mut people = gather(cx, month).await?;
    if let Some(wanted) = &asked.courier_ids {
        let wanted: HashSet<&Uuid> = wanted.iter().collect();
        if let Some(stranger) = wanted.iter().find(|id| people.iter().all(|facts| facts.id != ***id)) {
            return Err(Problem::field("courier_ids", "not_known").with("id", stranger));
        }
        people.retain(|facts| wanted.contains(&facts.id));
    }
    let mut now = changed(&stored, &asked.changes, month)?.ready()?;
    now.past = Formulas::new(&stored.versions);
    let before = stored.ready()?;
    let inputs: HashMap<Uuid, &Input> = asked
        .changes
        .inputs
        .iter()
        .map(|input| (input.courier_id, input))
        .collect();
    if let Some(stranger) = inputs.keys().find(|id| people.iter().all(|facts| facts.id != **id)) {
        return Err(Problem::field("changes.inputs.courier_id", "not_known").with("id", stranger));
    }
    let mut rows: Vec<(Facts, Outcome, Outcome)> = Vec::with_capacity(people.len());
    for facts in people {
        let mut other = facts.clone();
        if let Some(input) = inputs.get(&facts.id) {
            input.apply(&mut other);
        }
        let was = outcome(facts, &before);
        rows.push((other.clone(), outcome(other, &now), was));
    }
    let nets = |now: &Outcome, before: &Outcome| Nets {
        now: now.net,
        before: before.net,
    };
    let totals = totals(rows.iter().map(|(_, now, before)| nets(now, before)));
    rows.sort_by_key(|(_, now, before)| nets(now, before).rank());
    let next = (rows.len() > first + limit).then(|| (first + limit).to_string());
    let shown = rows.into_iter().skip(first).take(limit);
    let row = |(facts, now, before): (Facts, Outcome, Outcome)| {
        let nets = nets(&now, &before);
        let both = now.net.or(before.net).is_some();
        Row {
            courier_id: facts.id,
            courier_name: facts.name,
            category: facts.category,
            net_now: nets.now.map(amount),
            net_before: nets.before.map(amount),
            change: amount(nets.change()),
            change_percent: nets.percent(),
            outlier: nets.outlier().filter(|_| both),
            because: because(&now.kinds, &before.kinds),
            lines: now.kinds.into_iter().map(sum).collect(),
            refused: now.refused.map(|refused| Reason {
                code: refused.code,
                field: refused.field,
                found: refused.found,
            }),
        }
    };
    Ok(WhatIf {
        totals,
        rows: shown.map(row).collect(),
        next,
    })
}

fn sum((kind, halalas): (String, i64)) -> Sum {
    Sum {
        kind,
        amount: amount(halalas),
    }
}

impl Input {
    fn apply(&self, facts: &mut Facts) {
        if let Some(category) = &self.category {
            facts.category = Some(category.clone());
        }
        if let Some(target) = self.period_target {
            facts.target = Some(target.0);
        }
        let given = self.total_orders.is_some() || self.total_revenue.is_some() || self.gas_usage.is_some();
        if !given {
            return;
        }
        let done = facts.done.get_or_insert(Done {
            orders: 0,
            revenue: 0,
            gas: 0,
            days: None,
            unpaid_days: 0,
            overtime_minutes: 0,
            attended: Attended::default(),
        });
        done.orders = self.total_orders.map_or(done.orders, i64::from);
        done.revenue = self.total_revenue.map_or(done.revenue, |revenue| halalas(revenue.0));
        done.gas = self.gas_usage.map_or(done.gas, |gas| halalas(gas.0));
    }
}

/// The terms with other numbers and switches.
fn changed(stored: &Stored, changes: &Changes, month: RunMonth) -> Result<Stored, Problem> {
    let mut other = stored.clone();
    let on = |field: &mut bool, change: Option<bool>| *field = change.unwrap_or(*field);
    on(&mut other.switches.loans, changes.deducts_loans);
    on(&mut other.switches.penalties, changes.deducts_penalties);
    on(&mut other.switches.gosi, changes.deducts_gosi);
    on(&mut other.switches.allowances, changes.adds_allowances);
    on(&mut other.switches.overtime, changes.adds_overtime);
    on(&mut other.switches.caps_leavers, changes.caps_leavers);
    on(&mut other.switches.caps_unpaid_leave, changes.caps_unpaid_leave);
    let day = month.period.ends_on;
    for (name, numbers) in &changes.categories {
        let holds = |version: &Version| {
            version.category == *name && version.from <= day && version.to.is_none_or(|to| day <= to)
        };
        let in_force = other.versions.iter().rposition(holds);
        let mut version = match in_force {
            Some(place) => other.versions[place].clone(),
            None => documented(name, month)?,
        };
        for (parameter, number) in numbers {
            let place = PARAMETERS.iter().position(|known| known == parameter);
            let place = place.ok_or_else(|| Problem::field("changes.categories", "unknown_field"))?;
            version.numbers[place] = Some(number.0);
        }
        if version.category().is_err() {
            return Err(Problem::field("changes.categories", "not_allowed"));
        }
        match in_force {
            Some(place) => other.versions[place] = version,
            None => other.versions.push(version),
        }
    }
    Ok(other)
}

fn documented(name: &str, month: RunMonth) -> Result<Version, Problem> {
    let found = Categories::documented().at(name, month.period.ends_on);
    let category = found.map_err(|_| Problem::field("changes.categories", "not_allowed"))?;
    let known: BTreeMap<&str, Decimal> = category.numbers().collect();
    Ok(Version {
        id: Uuid::nil(),
        category: name.to_owned(),
        from: hr_pay::documented_from(),
        to: None,
        numbers: PARAMETERS
            .iter()
            .map(|parameter| known.get(parameter).copied())
            .collect(),
    })
}
