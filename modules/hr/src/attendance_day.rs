//! Coming and going: the day's row is made by whoever comes first, the courier or the plan.

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use platform_resource::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::ATTENDANCE;
use crate::attendance::worked_minutes;

/// The row of a courier and a day, locked: two check-ins at once find the same one.
pub(crate) const ROW: &str = "SELECT a.id
FROM hr.attendance a
WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.day = $3::date AND a.deleted_at IS NULL
FOR UPDATE";

/// A row of the last day that was begun and not ended: whom a check-out belongs to, also past midnight.
pub(crate) const OPEN: &str = "SELECT a.id
FROM hr.attendance a
WHERE a.organization_id = $1 AND a.courier_id = $2 AND a.day BETWEEN $3::date - 1 AND $3::date
    AND a.check_in IS NOT NULL AND a.check_out IS NULL AND a.deleted_at IS NULL
ORDER BY a.day DESC
LIMIT 1
FOR UPDATE";

/// Who comes or goes, and where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    /// The courier.
    courier_id: Uuid,
    /// Time of day as `08:30`; now unless given.
    time: Option<String>,
    /// When the planned shift begins, as `08:00`.
    shift_starts_at: Option<String>,
    /// Name of the place.
    place: Option<String>,
    /// Latitude as text, `"24.7136"`.
    lat: Option<String>,
    /// Longitude as text.
    lon: Option<String>,
}

/// A day of attendance.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Day {
    id: Uuid,
    courier_id: Uuid,
    #[serde(rename = "day")]
    on: NaiveDate,
    status: String,
    check_in: Option<String>,
    check_out: Option<String>,
    /// Minutes from check-in to check-out without the break.
    worked_minutes: Option<i64>,
}

impl Day {
    fn of(record: &Record) -> Result<Self, Problem> {
        let text = |field: &str| record.text(field).map(ToOwned::to_owned);
        let ids = record.uuid("id").zip(record.uuid("courier_id")).zip(record.date("day"));
        let ((id, courier_id), day) = ids.ok_or_else(|| Problem::internal(&"a day of attendance lacks its key"))?;
        let times = record.text("check_in").zip(record.text("check_out"));
        let pause = record.integer("break_minutes").unwrap_or(0);
        Ok(Self {
            id,
            courier_id,
            on: day,
            status: text("status").unwrap_or_default(),
            check_in: text("check_in"),
            check_out: text("check_out"),
            worked_minutes: times.and_then(|(came, went)| worked_minutes(came, went, pause)),
        })
    }
}

impl Moment {
    fn time(&self, cx: &Cx) -> String {
        let now = || cx.now.with_timezone(&cx.time_zone()).format("%H:%M").to_string();
        self.time.clone().unwrap_or_else(now)
    }

    /// The inputs of the action that are given, under the names that it has for them.
    fn inputs(&self, names: [&str; 4], time: String) -> Map<String, Json> {
        let [when, place, lat, lon] = names;
        let given = [(place, &self.place), (lat, &self.lat), (lon, &self.lon)];
        let mut inputs: Map<String, Json> = given
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?))))
            .collect();
        inputs.insert(when.to_owned(), time.into());
        inputs
    }
}

/// `POST /hr/attendance/check_in`.
pub(crate) async fn check_in(cx: &mut Cx, moment: Moment) -> Result<Day, Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let found: Option<Uuid> = sqlx::query_scalar(ROW)
        .bind(organization_id)
        .bind(moment.courier_id)
        .bind(today)
        .fetch_optional(cx.db())
        .await?;
    let id = if let Some(id) = found {
        id
    } else {
        let fresh = json!({"courier_id": moment.courier_id, "day": today, "status": "absent"});
        let fresh = fresh.as_object().cloned().unwrap_or_default();
        let record = platform_engine::create(cx, &ATTENDANCE, fresh).await?;
        record.uuid("id").ok_or_else(Problem::not_found)?
    };
    let time = moment.time(cx);
    let mut inputs = moment.inputs(["check_in", "check_in_place", "check_in_lat", "check_in_lon"], time);
    if let Some(planned) = &moment.shift_starts_at {
        inputs.insert("shift_starts_at".to_owned(), json!(planned));
    }
    Day::of(&platform_engine::act(cx, &ATTENDANCE, id, "check_in", inputs).await?)
}

/// `POST /hr/attendance/check_out`.
pub(crate) async fn check_out(cx: &mut Cx, moment: Moment) -> Result<Day, Problem> {
    let (organization_id, today) = (cx.organization_id, cx.today());
    let found: Option<Uuid> = sqlx::query_scalar(OPEN)
        .bind(organization_id)
        .bind(moment.courier_id)
        .bind(today)
        .fetch_optional(cx.db())
        .await?;
    let id = found.ok_or_else(|| Problem::refused("not_checked_in"))?;
    let time = moment.time(cx);
    let inputs = moment.inputs(["check_out", "check_out_place", "check_out_lat", "check_out_lon"], time);
    Day::of(&platform_engine::act(cx, &ATTENDANCE, id, "check_out", inputs).await?)
}
