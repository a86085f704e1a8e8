//! The numbers that pay is made of, on their days: of the law, of the pay document, and the organization's own in their place.

use chrono::NaiveDate;
use hr_pay::{CATEGORIES, Categories, Category, ClassRates, Rule, Rules, rule_title, rule_unit};
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inputs::day;
use crate::rates;
use crate::run_terms::{FORMULAS, Version};
use crate::salary_explanation::{Words, language};

/// On which day, in which words.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The day; today unless given.
    on: Option<NaiveDate>,
    /// `ar` or `en`; the caller's language unless given.
    language: Option<Words>,
}

/// A number and its days.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PayRule {
    /// As `gosi.saudi_new.annuities_employee`.
    id: String,
    title: String,
    value: String,
    unit: String,
    article: String,
    source: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
    /// A row of the organization, which stands in place of the law's.
    own: bool,
    /// Whether it is the one that holds on the day.
    in_force: bool,
}

/// Every number with its history.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PayRules {
    on: NaiveDate,
    data: Vec<PayRule>,
}

/// `GET /hr/pay_rules`.
pub(crate) async fn pay_rules(cx: &mut Cx, asked: Asked) -> Result<PayRules, Problem> {
    let on = day("on", asked.on.unwrap_or_else(|| cx.today()))?;
    let language = language(cx, asked.language);
    let own = rates::own_gosi(cx).await?;
    let organization_id = cx.organization_id;
    let rows = sqlx::query(FORMULAS).bind(organization_id).fetch_all(cx.db()).await?;
    let versions = rows.iter().map(Version::of).collect::<Result<Vec<_>, _>>()?;
    let own_rules: Vec<Rule> = own.iter().flat_map(ClassRates::rules).collect();
    let law = Rules::saudi();
    // Rows of the law that the organization's stand in place of are told too: they are the history of the number.
    let replaced = law
        .rows()
        .filter(|row| own_rules.iter().any(|own| own.id == row.id))
        .cloned();
    let rules = law.with(own_rules.iter().cloned());
    let rules = rules.with(formulas(&versions));
    let mut data: Vec<PayRule> = Vec::new();
    let row = |rule: &Rule, is_own: bool, in_force: bool| PayRule {
        id: rule.id.clone(),
        title: rule_title(&rule.id, language),
        value: rule.value.normalize().to_string(),
        unit: rule_unit(&rule.unit, language),
        article: hr_pay::article_in(&rule.article, language),
        source: rule.source.clone(),
        from: rule.from,
        to: rule.to,
        own: is_own,
        in_force,
    };
    for rule in rules.rows() {
        let holds = rules.at(&rule.id, on).is_ok_and(|found| **found == *rule);
        let is_own = own_rules.contains(rule) || versions.iter().any(|version| version.id.to_string() == rule.source);
        data.push(row(rule, is_own, holds));
    }
    data.extend(replaced.map(|rule| row(&rule, false, false)));
    data.sort_by(|a, b| (&a.id, a.from, a.own).cmp(&(&b.id, b.from, b.own)));
    Ok(PayRules { on, data })
}

/// Numbers of the formulas: the organization's versions, and the documented ones of categories that it has none of.
fn formulas(versions: &[Version]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for name in CATEGORIES {
        let own: Vec<Category> = versions
            .iter()
            .filter(|version| version.category == name)
            .filter_map(|version| version.category().ok())
            .collect();
        if own.is_empty() {
            let documented = Categories::documented().at(name, hr_pay::documented_from());
            rules.extend(documented.into_iter().flat_map(Category::rows).cloned());
        }
        rules.extend(own.iter().flat_map(Category::rows).cloned());
    }
    rules
}
