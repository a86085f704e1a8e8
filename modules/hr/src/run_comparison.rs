//! A run beside the month before: whom to look at first, and which lines made the difference.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hr_pay::money::amount;
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

use crate::run::month_of;
use crate::{PAYROLL_RUNS, figures};

/// Everybody of the run and of the month before it.
pub(crate) const PAIRS: &str = "SELECT coalesce(n.courier_id, b.courier_id), c.full_name, coalesce(n.category, b.category), n.id,
    b.id, n.net_salary, b.net_salary, b.run_id
FROM (SELECT s.id, s.courier_id, s.category, s.net_salary FROM hr.salaries s
    WHERE s.organization_id = $1 AND s.run_id = $2 AND s.deleted_at IS NULL) n
FULL JOIN (SELECT s.id, s.courier_id, s.category, s.net_salary, s.run_id FROM hr.salaries s
    WHERE s.organization_id = $1 AND s.year = $3 AND s.month = $4 AND s.deleted_at IS NULL) b ON b.courier_id = n.courier_id
JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = coalesce(n.courier_id, b.courier_id)
ORDER BY 2, 1
LIMIT 40000";

/// Sums of lines by kind.
pub(crate) const KINDS: &str = "SELECT l.salary_id, l.kind, sum(l.amount)::bigint
FROM hr.salary_lines l
WHERE l.organization_id = $1 AND l.salary_id = ANY ($2) AND l.deleted_at IS NULL
GROUP BY l.salary_id, l.kind";

/// Of which run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The run.
    id: Uuid,
    /// Rows of a page, 1 to 100; 50 unless given.
    limit: Option<usize>,
    /// Where the next page begins.
    after: Option<String>,
}

/// Sums of both sides.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Totals {
    now: String,
    before: String,
    change: String,
    couriers_now: usize,
    couriers_before: usize,
}

/// What a kind of lines came to on both sides.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Because {
    kind: String,
    now: String,
    before: String,
    change: String,
}

/// One courier.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Compared {
    salary_id: Option<Uuid>,
    courier_id: Uuid,
    courier_name: String,
    category: String,
    net_now: Option<String>,
    net_before: Option<String>,
    change: String,
    /// Of the month before; nothing where that was nothing.
    change_percent: Option<String>,
    /// `new`, `gone`, `nothing` (paid nothing now), `rose` or `fell`: by a quarter and 200 riyals at least.
    outlier: Option<&'static str>,
    /// Kinds of lines that differ, the largest difference first.
    because: Vec<Because>,
}

/// A run beside the month before.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Comparison {
    year: i64,
    month: i64,
    before_run_id: Option<Uuid>,
    totals: Totals,
    rows: Vec<Compared>,
    next: Option<String>,
}

/// Two nets of somebody, in halalas.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nets {
    pub now: Option<i64>,
    pub before: Option<i64>,
}

/// A change that is looked at first has this share of what was paid before, in percent, and this many halalas.
const LARGE: (i64, i64) = (25, 20_000);

impl Nets {
    pub(crate) fn change(self) -> i64 {
        self.now.unwrap_or(0) - self.before.unwrap_or(0)
    }

    pub(crate) fn percent(self) -> Option<String> {
        figures::percent(self.change(), self.before?)
    }

    pub(crate) fn outlier(self) -> Option<&'static str> {
        let (now, before) = match (self.now, self.before) {
            (None, _) => return Some("gone"),
            (Some(_), None) => return Some("new"),
            (Some(now), Some(before)) => (now, before),
        };
        if now == 0 && before != 0 {
            return Some("nothing");
        }
        let (share, least) = LARGE;
        let is_large = self.change().abs() >= least && self.change().abs() * 100 >= before * share;
        is_large.then_some(if now > before { "rose" } else { "fell" })
    }

    /// Outliers first, then by size.
    pub(crate) fn rank(self) -> (bool, Reverse<i64>) {
        (self.outlier().is_none(), Reverse(self.change().abs()))
    }
}

/// Where a page begins and how long it is.
pub(crate) fn page(limit: Option<usize>, after: Option<&str>) -> Result<(usize, usize), Problem> {
    let limit = limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let mut problem = Problem::field("limit", "bad_limit");
        for error in &mut problem.errors {
            error.params = vec![("max", "100".to_owned())];
        }
        return Err(problem);
    }
    let first = after.map_or(Ok(0), str::parse);
    Ok((first.map_err(|_| Problem::field("after", "bad_cursor"))?, limit))
}

/// Differences of kinds, the largest first.
pub(crate) fn because(now: &BTreeMap<String, i64>, before: &BTreeMap<String, i64>) -> Vec<Because> {
    let mut kinds: Vec<&String> = now.keys().chain(before.keys()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |side: &BTreeMap<String, i64>, kind: &String| side.get(kind).copied().unwrap_or(0);
    let mut rows: Vec<_> = kinds
        .into_iter()
        .map(|kind| (kind, of(now, kind), of(before, kind)))
        .filter(|(_, now, before)| now != before)
        .collect();
    rows.sort_by_key(|(_, now, before)| Reverse((now - before).abs()));
    let row = |(kind, now, before): (&String, i64, i64)| Because {
        kind: kind.clone(),
        now: amount(now),
        before: amount(before),
        change: amount(now - before),
    };
    rows.into_iter().map(row).collect()
}

pub(crate) fn totals(nets: impl Iterator<Item = Nets>) -> Totals {
    let (mut now, mut before) = ((0, 0), (0, 0));
    for one in nets {
        if let Some(net) = one.now {
            now = (now.0 + net, now.1 + 1);
        }
        if let Some(net) = one.before {
            before = (before.0 + net, before.1 + 1);
        }
    }
    Totals {
        now: amount(now.0),
        before: amount(before.0),
        change: amount(now.0 - before.0),
        couriers_now: now.1,
        couriers_before: before.1,
    }
}

struct Pair {
    courier_id: Uuid,
    name: String,
    category: String,
    now: Option<Uuid>,
    before: Option<Uuid>,
    nets: Nets,
}

/// `GET /hr/payroll_runs/{id}/comparison`.
pub(crate) async fn comparison(cx: &mut Cx, asked: Asked) -> Result<Comparison, Problem> {
    let (first, limit) = page(asked.limit, asked.after.as_deref())?;
    let run = platform_engine::load(cx, &PAYROLL_RUNS, asked.id).await?;
    let month = month_of(&run)?;
    let (year, number) = match month.month {
        1 => (month.year - 1, 12),
        other => (month.year, other - 1),
    };
    let organization_id = cx.organization_id;
    let rows = sqlx::query(PAIRS)
        .bind(organization_id)
        .bind(asked.id)
        .bind(year)
        .bind(number)
        .fetch_all(cx.db())
        .await?;
    let mut before_run_id = None;
    let mut pairs = Vec::with_capacity(rows.len());
    for row in &rows {
        before_run_id = before_run_id.or(row.try_get::<Option<Uuid>, _>(7)?);
        pairs.push(Pair {
            courier_id: row.try_get(0)?,
            name: row.try_get(1)?,
            category: row.try_get(2)?,
            now: row.try_get(3)?,
            before: row.try_get(4)?,
            nets: Nets {
                now: row.try_get(5)?,
                before: row.try_get(6)?,
            },
        });
    }
    let totals = totals(pairs.iter().map(|pair| pair.nets));
    pairs.sort_by_key(|pair| pair.nets.rank());
    let next = (pairs.len() > first + limit).then(|| (first + limit).to_string());
    let shown: Vec<Pair> = pairs.into_iter().skip(first).take(limit).collect();
    let ids: Vec<Uuid> = shown
        .iter()
        .flat_map(|pair| [pair.now, pair.before])
        .flatten()
        .collect();
    let kinds = kinds(cx, &ids).await?;
    let none = BTreeMap::new();
    let of = |id: Option<Uuid>| id.and_then(|id| kinds.get(&id)).unwrap_or(&none);
    let rows = shown.iter().map(|pair| Compared {
        salary_id: pair.now,
        courier_id: pair.courier_id,
        courier_name: pair.name.clone(),
        category: pair.category.clone(),
        net_now: pair.nets.now.map(amount),
        net_before: pair.nets.before.map(amount),
        change: amount(pair.nets.change()),
        change_percent: pair.nets.percent(),
        outlier: pair.nets.outlier(),
        because: because(of(pair.now), of(pair.before)),
    });
    Ok(Comparison {
        year: month.year,
        month: month.month,
        before_run_id,
        totals,
        rows: rows.collect(),
        next,
    })
}

async fn kinds(cx: &mut Cx, salaries: &[Uuid]) -> Result<BTreeMap<Uuid, BTreeMap<String, i64>>, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(KINDS)
        .bind(organization_id)
        .bind(salaries)
        .fetch_all(cx.db())
        .await?;
    let mut kinds: BTreeMap<Uuid, BTreeMap<String, i64>> = BTreeMap::new();
    for row in &rows {
        let of = kinds.entry(row.try_get(0)?).or_default();
        of.insert(row.try_get(1)?, row.try_get(2)?);
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_look_at_first() {
        let nets = |now: Option<i64>, before: Option<i64>| Nets { now, before };
        for (now, before, outlier) in [
            (None, Some(100_000), Some("gone")),
            (Some(100_000), None, Some("new")),
            (Some(0), Some(100_000), Some("nothing")),
            (Some(125_000), Some(100_000), Some("rose")),
            (Some(124_999), Some(100_000), None),
            (Some(75_000), Some(100_000), Some("fell")),
            // Half more, and still no sum to look at.
            (Some(30_000), Some(20_000), None),
        ] {
            assert_eq!(nets(now, before).outlier(), outlier, "{now:?} {before:?}");
        }
        let mut order = [
            nets(Some(1_000), Some(900)),
            nets(Some(2), Some(1)),
            nets(None, Some(5)),
        ];
        order.sort_by_key(|one| one.rank());
        assert_eq!(order.map(Nets::change), [-5, 100, 1]);
    }

    #[test]
    fn kinds_say_why() {
        let side = |kinds: &[(&str, i64)]| kinds.iter().map(|(kind, sum)| ((*kind).to_owned(), *sum)).collect();
        let found = because(
            &side(&[("basic", 5), ("bonus", 100)]),
            &side(&[("basic", 5), ("gas", -300)]),
        );
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.kind.as_str(), one.change.as_str()))
            .collect();
        assert_eq!(told, [("gas", "3.00"), ("bonus", "1.00")]);
    }
}
