//! A believable month of people and pay for demonstrations: attendance, leave, loans, things handed out, bonuses, penalties,
//! pay by the formulas, expenses and budgets. The same couriers and day make the same rows.

mod finance;
mod pay;
mod people;
mod time;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json};
use sqlx::Row;
use uuid::Uuid;

use crate::adopt::{self, adopt};

type Object = Map<String, Json>;

pub(crate) const COURIERS: &str = "SELECT c.id, c.status, c.city, c.joined_on, c.project_type, c.sponsorship_status
FROM fleet.courier_facts c
WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.joined_on IS NOT NULL
ORDER BY c.barq_id, c.id";
pub(crate) const MEMBERS: &str = "SELECT m.user_id FROM platform.members m
WHERE m.organization_id = $1 AND m.status = 'active' ORDER BY m.email";

/// Whom the rows are about, and who signs them.
struct Company {
    couriers: Vec<Courier>,
    members: Vec<Uuid>,
    today: NaiveDate,
    is_arabic: bool,
}

struct Courier {
    id: Uuid,
    /// Place in the list, from which everything about the courier follows.
    number: u64,
    status: String,
    joined_on: NaiveDate,
    project: String,
    sponsorship: String,
}

impl Courier {
    /// Who is there day by day.
    fn works(&self) -> bool {
        matches!(self.status.as_str(), "active" | "on_leave")
    }
}

impl Company {
    /// A text in the language that the company writes.
    const fn pick(&self, en: &'static str, ar: &'static str) -> &'static str {
        if self.is_arabic { ar } else { en }
    }

    fn back(&self, days: u64) -> NaiveDate {
        self.today
            .checked_sub_days(chrono::Days::new(days))
            .unwrap_or(self.today)
    }

    /// One of the people who decide; nobody in a company without members.
    fn member(&self, place: usize) -> Option<Uuid> {
        self.members.get(place % self.members.len().max(1)).copied()
    }
}

/// Looks random from `low` to `high`, both included, and is the same for the same numbers (SplitMix64).
fn drawn(of: u64, salt: u64, low: i64, high: i64) -> i64 {
    let mut mixed = (of + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (salt + 7).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let width = u64::try_from(high - low + 1).unwrap_or(1);
    low + i64::try_from(mixed % width).unwrap_or(0)
}

/// Without its nulls: an absent field takes its default.
fn object(json: &Json) -> Object {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Stores the demonstration in the caller's transaction: `scale` months of attendance, one at least.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let company = company(cx).await?;
    adopt(cx, adopt::Asked::default()).await?;
    finance::seed(cx, &company).await?;
    if company.couriers.is_empty() {
        return Ok(());
    }
    people::seed(cx, &company, u64::from(scale.clamp(1, 12))).await?;
    time::seed(cx, &company).await?;
    pay::seed(cx, &company).await
}

async fn company(cx: &mut Cx) -> Result<Company, Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let rows = sqlx::query(COURIERS).bind(organization_id).fetch_all(cx.db()).await?;
    let members = sqlx::query_scalar(MEMBERS)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let mut couriers = Vec::with_capacity(rows.len());
    let mut is_arabic = false;
    for (number, row) in (0..).zip(&rows) {
        let city: Option<String> = row.try_get(2)?;
        is_arabic |= city.is_some_and(|city| !city.is_ascii());
        couriers.push(Courier {
            id: row.try_get(0)?,
            number,
            status: row.try_get(1)?,
            joined_on: row.try_get(3)?,
            project: row.try_get(4)?,
            sponsorship: row.try_get(5)?,
        });
    }
    Ok(Company {
        couriers,
        members,
        today,
        is_arabic,
    })
}
