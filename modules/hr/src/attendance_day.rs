//! Coming and going: the day's row is made by whoever comes first, the courier or the plan.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hr_pay::{Span, business_day, shift_of};
use platform_core::{Cx, Problem};
use platform_resource::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::attendance::worked_minutes;
use crate::geofence::{Doubt, Fix, Point, Verdict, judge};
use crate::inputs::object;
use crate::working_time::came_at;
use crate::{ATTENDANCE, roster, whose, work_places};

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
    /// The courier; the caller himself unless given.
    courier_id: Option<Uuid>,
    /// Time of day as `08:30`, where somebody else writes it down; now unless given.
    time: Option<String>,
    /// When it happened, where it could not be sent at once; not with `time`.
    at: Option<DateTime<Utc>>,
    /// When the planned shift begins, as `08:00`; the roster's unless given.
    shift_starts_at: Option<String>,
    /// Name of the place.
    place: Option<String>,
    /// Latitude as text, `"24.7136"`.
    #[serde(alias = "lat")]
    latitude: Option<String>,
    /// Longitude as text.
    #[serde(alias = "lon")]
    longitude: Option<String>,
    /// How far off the position may be, in metres, as the telephone says.
    accuracy_m: Option<u32>,
    /// Whether the telephone says that its position is invented.
    #[serde(default)]
    is_mock_location: bool,
}

/// A day of attendance.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Day {
    id: Uuid,
    courier_id: Uuid,
    #[serde(rename = "day")]
    on: NaiveDate,
    status: String,
    shift_starts_at: Option<String>,
    check_in: Option<String>,
    check_out: Option<String>,
    /// Minutes from check-in to check-out without the break.
    worked_minutes: Option<i64>,
    /// The place of work that took the position.
    place: Option<Taken>,
    /// `none`, `inaccurate`, `mock_location` or `late_report`.
    doubt: String,
    /// Whether somebody has to look at it before it counts.
    waits_for_review: bool,
}

/// The place of work that a position is in.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Taken {
    id: Uuid,
    name: String,
    /// From its middle.
    distance_m: i64,
}

/// What a position comes to.
#[derive(Default)]
struct Position {
    taken: Option<Taken>,
    doubt: Option<Doubt>,
}

/// Later than that a report is doubtful; later than the second it is none.
const PROMPT_MINUTES: i64 = 15;
const LATEST_HOURS: i64 = 24;
/// Clocks of telephones are a little ahead.
const AHEAD_MINUTES: i64 = 2;
/// Longer than that nobody works: the check-out of the day before was forgotten.
const FORGOTTEN_MINUTES: i64 = 20 * 60;

impl Day {
    fn of(record: &Record, taken: Option<Taken>) -> Result<Self, Problem> {
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
            shift_starts_at: text("shift_starts_at"),
            check_in: text("check_in"),
            check_out: text("check_out"),
            worked_minutes: times.and_then(|(came, went)| worked_minutes(came, went, pause)),
            place: taken,
            doubt: text("doubt").unwrap_or_default(),
            waits_for_review: record.is("location_review", "waiting"),
        })
    }
}

/// Degrees of a text that the table takes as well.
fn degrees(field: &'static str, text: &str, most: f64) -> Result<f64, Problem> {
    let number: f64 = text.trim().parse().map_err(|_| Problem::field(field, "not_a_number"))?;
    if number.is_finite() && number.abs() <= most {
        Ok(number)
    } else {
        Err(Problem::field(field, "not_on_the_globe"))
    }
}

impl Moment {
    /// When it happened.
    fn instant(&self, cx: &Cx) -> Result<DateTime<Utc>, Problem> {
        let Some(at) = self.at else {
            let zone = roster::zone(cx);
            let of_day = self.time.as_deref().map(|time| roster::at(cx.today(), time, zone));
            return Ok(of_day.flatten().unwrap_or(cx.now));
        };
        if self.time.is_some() {
            return Err(Problem::field("time", "one_time_only"));
        }
        if at > cx.now + TimeDelta::minutes(AHEAD_MINUTES) {
            return Err(Problem::field("at", "in_the_future"));
        }
        if at < cx.now - TimeDelta::hours(LATEST_HOURS) {
            return Err(Problem::field("at", "too_long_ago"));
        }
        Ok(at)
    }

    fn time(&self, cx: &Cx, at: DateTime<Utc>) -> String {
        let of_day = || at.with_timezone(&cx.time_zone()).format("%H:%M").to_string();
        self.time.clone().unwrap_or_else(of_day)
    }

    /// Whose moment it is. Of himself nobody chooses time or plan, and he says where he stands.
    async fn whose(&self, cx: &mut Cx, permission: &str) -> Result<Uuid, Problem> {
        if let Some(courier_id) = self.courier_id.filter(|_| cx.may(permission)) {
            return Ok(courier_id);
        }
        let mine = whose::mine(cx)
            .await?
            .ok_or_else(|| Problem::field("courier_id", "required"))?;
        if self.courier_id.is_some_and(|named| named != mine) {
            return Err(Problem::not_found());
        }
        for (field, given) in [("time", &self.time), ("shift_starts_at", &self.shift_starts_at)] {
            if given.is_some() {
                return Err(Problem::field(field, "not_of_oneself"));
            }
        }
        for (field, given) in [("latitude", &self.latitude), ("longitude", &self.longitude)] {
            if given.is_none() {
                return Err(Problem::field(field, "required"));
            }
        }
        Ok(mine)
    }

    /// The place of work that the position is in; a clear refusal where it is in none.
    async fn position(&self, cx: &mut Cx, at: DateTime<Utc>) -> Result<Position, Problem> {
        let late = cx.now - at > TimeDelta::minutes(PROMPT_MINUTES) && self.at.is_some();
        let late = late.then_some(Doubt::LateReport);
        let Some((latitude, longitude)) = self.latitude.as_deref().zip(self.longitude.as_deref()) else {
            return Ok(Position {
                taken: None,
                doubt: late,
            });
        };
        let fix = Fix {
            at: Point {
                latitude: degrees("latitude", latitude, 90.0)?,
                longitude: degrees("longitude", longitude, 180.0)?,
            },
            accuracy_m: self.accuracy_m.map(i64::from),
            is_mock: self.is_mock_location,
        };
        let places = work_places::active(cx).await?;
        let (taken, doubt) = match judge(&places, &fix) {
            Verdict::Outside { place, distance_m } => {
                return Err(Problem::refused("outside_places")
                    .with("distance", distance_m)
                    .with("place", &place.name)
                    .with("radius", place.radius_m));
            }
            Verdict::Within {
                place,
                distance_m,
                doubt,
            } => {
                let taken = Taken {
                    id: place.id,
                    name: place.name.clone(),
                    distance_m,
                };
                (Some(taken), doubt)
            }
            Verdict::Nowhere { doubt } => (None, doubt),
        };
        let doubt = Some(doubt).filter(|doubt| *doubt != Doubt::None).or(late);
        Ok(Position { taken, doubt })
    }

    /// The inputs of the action that are given, under the names that it has for them.
    fn inputs(&self, side: &str, time: String) -> Map<String, Json> {
        // Telephones say more decimals than a centimetre has.
        let degrees = |text: &Option<String>| {
            let text = text.as_deref()?.trim();
            Some(
                text.parse::<f64>()
                    .map_or_else(|_| text.to_owned(), |degrees| format!("{degrees:.7}")),
            )
        };
        let named = [
            ("place", self.place.clone()),
            ("lat", degrees(&self.latitude)),
            ("lon", degrees(&self.longitude)),
        ];
        let given = named
            .into_iter()
            .filter_map(|(name, value)| Some((format!("{side}_{name}"), json!(value?))));
        let mut inputs: Map<String, Json> = given.collect();
        inputs.insert(side.to_owned(), time.into());
        inputs
    }

    /// What is kept of the position; a doubt once raised stays until somebody has looked.
    async fn keep(&self, cx: &mut Cx, record: Record, side: &str, position: &Position) -> Result<Record, Problem> {
        let mut known = Map::new();
        if let Some(taken) = &position.taken {
            known.insert(format!("{side}_place_id"), json!(taken.id));
            known.insert(format!("{side}_distance_m"), json!(taken.distance_m));
            if self.place.is_none() {
                known.insert(format!("{side}_place"), json!(taken.name));
            }
        }
        if let Some(accuracy_m) = self.accuracy_m {
            known.insert(format!("{side}_accuracy_m"), json!(accuracy_m.min(30_000_000)));
        }
        if let Some(doubt) = position.doubt {
            known.insert("doubt".to_owned(), json!(doubt.word()));
            known.insert("location_review".to_owned(), json!("waiting"));
        }
        match record.uuid("id") {
            Some(id) if !known.is_empty() => platform_engine::change(cx, &ATTENDANCE, id, "update", known).await,
            Some(_) | None => Ok(record),
        }
    }
}

/// `POST /hr/attendance/check_in`.
pub(crate) async fn check_in(cx: &mut Cx, moment: Moment) -> Result<Day, Problem> {
    let courier_id = moment.whose(cx, "attendance.check_in").await?;
    let at = moment.instant(cx)?;
    let position = moment.position(cx, at).await?;
    let zone = roster::zone(cx);
    let local = at.with_timezone(&zone).date_naive();
    let (before, after) = (local.pred_opt().unwrap_or(local), local.succ_opt().unwrap_or(local));
    let plans = roster::planned(cx, courier_id, before, after).await?;
    let shifts: Vec<Span> = plans.iter().map(|plan| plan.span).collect();
    let now = Span {
        from: at,
        until: at + TimeDelta::minutes(1),
    };
    // A night that began yesterday is yesterday's, also for whoever comes after midnight.
    let today = business_day(now, &shifts, zone);
    let plan = shift_of(now, &shifts).and_then(|place| plans.get(place));
    let organization_id = cx.organization_id;
    let found: Option<Uuid> = sqlx::query_scalar(ROW)
        .bind(organization_id)
        .bind(courier_id)
        .bind(today)
        .fetch_optional(cx.db())
        .await?;
    let id = if let Some(id) = found {
        id
    } else {
        let fresh = object(&json!({"courier_id": courier_id, "day": today, "status": "absent"}));
        let record = platform_engine::create(cx, &ATTENDANCE, fresh).await?;
        record.uuid("id").ok_or_else(Problem::not_found)?
    };
    let mut inputs = moment.inputs("check_in", moment.time(cx, at));
    inputs.extend(roster::shift_fields(plan));
    if let Some(planned) = &moment.shift_starts_at {
        inputs.insert("shift_starts_at".to_owned(), json!(planned));
    }
    let record = platform_engine::act(cx, &ATTENDANCE, id, "check_in", inputs).await?;
    let record = moment.keep(cx, record, "check_in", &position).await?;
    Day::of(&record, position.taken)
}

/// `POST /hr/attendance/check_out`.
pub(crate) async fn check_out(cx: &mut Cx, moment: Moment) -> Result<Day, Problem> {
    let courier_id = moment.whose(cx, "attendance.check_out").await?;
    let at = moment.instant(cx)?;
    let position = moment.position(cx, at).await?;
    let zone = roster::zone(cx);
    let organization_id = cx.organization_id;
    let found: Option<Uuid> = sqlx::query_scalar(OPEN)
        .bind(organization_id)
        .bind(courier_id)
        .bind(at.with_timezone(&zone).date_naive())
        .fetch_optional(cx.db())
        .await?;
    let id = found.ok_or_else(|| Problem::refused("not_checked_in"))?;
    let open = platform_engine::load(cx, &ATTENDANCE, id).await?;
    if let Some(day) = open.date("day") {
        let came = open
            .text("check_in")
            .and_then(|time| came_at(day, time, open.text("shift_starts_at"), zone));
        if came.is_some_and(|came| (at - came).num_minutes() > FORGOTTEN_MINUTES) {
            return Err(Problem::refused("check_out_forgotten").with("day", day));
        }
    }
    let inputs = moment.inputs("check_out", moment.time(cx, at));
    let record = platform_engine::act(cx, &ATTENDANCE, id, "check_out", inputs).await?;
    let record = moment.keep(cx, record, "check_out", &position).await?;
    Day::of(&record, position.taken)
}
