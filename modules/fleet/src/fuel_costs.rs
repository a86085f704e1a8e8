//! Fuel by vehicle and month: litres, cost, distance, km per litre; and the fills that each figure is made of.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use platform_core::{Actor, Cx, FieldError, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::economy::{Accounted, LONGEST_SEGMENT, Totals, account, by_month, rounded};
use crate::fills::{Filled, fills};
use crate::month::Month;

/// Longest period of one question.
const MOST_MONTHS: i32 = 24;
/// Vehicles of a page, unless the caller asks for fewer or more.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 100;
/// Months shown when nobody says which.
const USUAL_MONTHS: i32 = 6;

/// Fills, and a row without a day for each vehicle, which brings its title. Fills are read from before the period, as far back
/// as a full tank can open a segment that is closed in it.
pub(crate) const FILLS_OF_VEHICLES: &str = concat!(
    "WITH ",
    fills!(),
    " SELECT source, id, vehicle_id, day, at, station, volume_l, cost, odometer_km, is_full_tank, is_electric FROM fills
UNION ALL
SELECT 'vehicle', v.id, v.id, NULL, NULL, coalesce(v.plate_number, v.internal_number), 0, 0, NULL, NULL, false
FROM fleet.vehicles v
WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND ($2::uuid IS NULL OR v.id = $2)"
);

/// Which fuel costs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First month, as `2026-01`; five months before the last one unless given.
    from: Option<String>,
    /// Last month, as `2026-06`; this month unless given.
    to: Option<String>,
    /// One vehicle only.
    vehicle_id: Option<Uuid>,
    /// Vehicles of a page, 1 to 100; 50 unless given.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Fuel of vehicles by month.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FuelCosts {
    /// One entry for each vehicle and month with fills; a page holds whole vehicles.
    data: Vec<VehicleMonth>,
    /// Sums over all vehicles asked for, not only those of the page.
    months: Vec<MonthTotals>,
    /// What to give as `after` for the next page.
    next: Option<String>,
}

/// Fuel of one vehicle in one month.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VehicleMonth {
    vehicle_id: Uuid,
    /// Plate or internal number.
    vehicle_title: String,
    #[serde(flatten)]
    figures: MonthTotals,
}

/// Figures of a month. Distance and litres per kilometre come from segments between full tanks, each counted in the month in
/// which it was closed; so litres bought and litres of the distance differ.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MonthTotals {
    /// As `2026-01`, in the organization's time zone.
    month: String,
    /// Litres bought.
    volume_l: String,
    /// What they and any electricity cost.
    cost: String,
    currency: String,
    /// Number of purchases.
    fills: u32,
    /// Distance of the segments closed in the month; nothing when none was.
    distance_km: Option<String>,
    /// Distance over its litres.
    km_per_l: Option<String>,
    /// Cost of its litres over the distance.
    cost_per_km: Option<String>,
    /// Litres of that distance.
    economy_volume_l: String,
    /// Cost of those litres.
    economy_cost: String,
    /// Segments given up because odometer readings contradict each other or lie too far apart.
    breaks: u32,
}

/// Which fills.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedFills {
    /// The vehicle.
    vehicle_id: Uuid,
    /// The month, as `2026-01`.
    month: String,
}

/// The fills of a vehicle in a month.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Fills {
    /// In the order of time.
    data: Vec<FillRow>,
}

/// One purchase. The segment figures of a month's fills add up to the month's distance and litres of that distance.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FillRow {
    /// `fuel_log` or `fuel_transaction`.
    source: String,
    /// The row's id in that resource.
    id: Uuid,
    /// The business day.
    day: NaiveDate,
    /// The time, where it is known.
    at: Option<DateTime<Utc>>,
    station: Option<String>,
    /// Litres; kilowatt-hours when the note is `electric`.
    volume_l: String,
    cost: String,
    odometer_km: Option<String>,
    is_full_tank: Option<bool>,
    /// What it means for the consumption: closes, opens, joins, `no_odometer`, `same_reading`, unanchored, `odometer_fell`,
    /// `odometer_jumped`, `gap_too_long`, `given_up`, reversed, electric.
    note: &'static str,
    /// Distance since the full tank before, when this fill closes the segment.
    segment_distance_km: Option<String>,
    /// All litres of that distance.
    segment_volume_l: Option<String>,
    /// What they cost.
    segment_cost: Option<String>,
}

/// One vehicle's fills, accounted for.
struct VehicleFills {
    id: Uuid,
    title: String,
    rows: HashMap<Uuid, Filled>,
    accounted: Vec<Accounted>,
}

/// Amount in major units.
pub(crate) fn amount(minor: i64) -> String {
    Decimal::new(minor, 2).to_string()
}

/// Currency of the organization's amounts.
pub(crate) fn currency(cx: &Cx) -> String {
    match &cx.actor {
        Actor::Member(_, member) => member.currency.clone(),
        Actor::Job(_) => "SAR".into(),
    }
}

fn month_totals(month: Month, totals: &Totals, currency: &str) -> MonthTotals {
    MonthTotals {
        month: month.to_string(),
        volume_l: rounded(totals.volume_l, 3).to_string(),
        cost: amount(totals.cost_minor),
        currency: currency.to_owned(),
        fills: totals.fills,
        distance_km: totals.distance_km().map(|km| rounded(km, 2).to_string()),
        km_per_l: totals.km_per_l().map(|ratio| ratio.to_string()),
        cost_per_km: totals.cost_per_km().map(|ratio| ratio.to_string()),
        economy_volume_l: rounded(totals.economy_volume_l, 3).to_string(),
        economy_cost: amount(totals.economy_cost_minor),
        breaks: totals.breaks,
    }
}

/// `GET /fleet/fuel_costs`.
pub(crate) async fn fuel_costs(cx: &mut Cx, asked: Asked) -> Result<FuelCosts, Problem> {
    let (first, last) = period(cx.today(), asked.from.as_deref(), asked.to.as_deref())?;
    let limit = page_size(asked.limit)?;
    let after = asked
        .after
        .as_deref()
        .map(|cursor| Uuid::try_parse(cursor).map_err(|_| Problem::field("after", "bad_cursor")));
    let after = after.transpose()?;
    let vehicles = read(cx, asked.vehicle_id, first, last).await?;
    Ok(page(&vehicles, first, after, limit, &currency(cx)))
}

/// Puts the page together from every vehicle asked for, in the order of ids.
fn page(vehicles: &[VehicleFills], first: Month, after: Option<Uuid>, limit: usize, currency: &str) -> FuelCosts {
    let mut sums: BTreeMap<Month, Totals> = BTreeMap::new();
    let mut data = Vec::new();
    let mut shown = Vec::new();
    let mut more = false;
    for vehicle in vehicles {
        let of_period = vehicle.accounted.iter().filter(|one| Month::of(one.fill.day) >= first);
        for one in of_period {
            sums.entry(Month::of(one.fill.day)).or_default().count(one);
        }
        let mut months = by_month(&vehicle.accounted).split_off(&first);
        if months.is_empty() || after.is_some_and(|after| vehicle.id <= after) {
            continue;
        }
        if shown.len() == limit {
            more = true;
            continue;
        }
        shown.push(vehicle.id);
        while let Some((month, totals)) = months.pop_first() {
            data.push(VehicleMonth {
                vehicle_id: vehicle.id,
                vehicle_title: vehicle.title.clone(),
                figures: month_totals(month, &totals, currency),
            });
        }
    }
    FuelCosts {
        data,
        months: sums
            .iter()
            .map(|(month, totals)| month_totals(*month, totals, currency))
            .collect(),
        next: shown.last().filter(|_| more).map(ToString::to_string),
    }
}

/// `GET /fleet/fuel_costs/fills`.
pub(crate) async fn fuel_cost_fills(cx: &mut Cx, asked: AskedFills) -> Result<Fills, Problem> {
    let month = a_month("month", &asked.month)?;
    let mut vehicles = read(cx, Some(asked.vehicle_id), month, month).await?;
    let Some(mut vehicle) = vehicles.pop() else {
        return Err(Problem::not_found());
    };
    let of_month = vehicle
        .accounted
        .into_iter()
        .filter(|one| Month::of(one.fill.day) == month);
    let data = of_month.filter_map(|one| Some(fill_row(vehicle.rows.remove(&one.fill.id)?, &one)));
    Ok(Fills { data: data.collect() })
}

fn fill_row(row: Filled, one: &Accounted) -> FillRow {
    FillRow {
        source: row.source,
        id: row.id,
        day: one.fill.day,
        at: row.at,
        station: row.station,
        volume_l: rounded(one.fill.volume_l, 3).to_string(),
        cost: amount(one.fill.cost_minor),
        odometer_km: one.fill.odometer_km.map(|km| rounded(km, 2).to_string()),
        is_full_tank: one.fill.is_full_tank,
        note: one.note.name(),
        segment_distance_km: one.segment.map(|segment| rounded(segment.distance_km, 2).to_string()),
        segment_volume_l: one.segment.map(|segment| rounded(segment.volume_l, 3).to_string()),
        segment_cost: one.segment.map(|segment| amount(segment.cost_minor)),
    }
}

/// Every live vehicle asked for, with its fills accounted for, in the order of ids.
async fn read(cx: &mut Cx, vehicle_id: Option<Uuid>, first: Month, last: Month) -> Result<Vec<VehicleFills>, Problem> {
    let currency = currency(cx);
    let time_zone = cx.time_zone();
    let rows = sqlx::query(FILLS_OF_VEHICLES)
        .bind(cx.organization_id)
        .bind(vehicle_id)
        .bind(first.first_day() - LONGEST_SEGMENT)
        .bind(last.plus(1).first_day())
        .bind(currency)
        .fetch_all(cx.db())
        .await?;
    let mut titles: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut read: HashMap<Uuid, Vec<Filled>> = HashMap::new();
    for row in &rows {
        let id = row.try_get("vehicle_id")?;
        if row.try_get::<&str, _>("source")? == "vehicle" {
            titles.insert(id, row.try_get("station")?);
        } else {
            read.entry(id).or_default().push(Filled::from_row(row)?);
        }
    }
    // A vehicle is deleted only when nothing live names it, so every fill finds its vehicle.
    let vehicles = titles.into_iter().map(|(id, title)| {
        let rows = read.remove(&id).unwrap_or_default();
        VehicleFills {
            id,
            title,
            accounted: account(rows.iter().map(|row| row.fill(time_zone)).collect()),
            rows: rows.into_iter().map(|row| (row.id, row)).collect(),
        }
    });
    Ok(vehicles.collect())
}

fn a_month(field: &str, text: &str) -> Result<Month, Problem> {
    Month::from_str(text).map_err(|()| Problem::field(field, "bad_month"))
}

/// The months asked for: up to this one and six of them unless the caller says otherwise.
fn period(today: NaiveDate, from: Option<&str>, to: Option<&str>) -> Result<(Month, Month), Problem> {
    let last = to.map_or(Ok(Month::of(today)), |text| a_month("to", text))?;
    let first = from.map_or(Ok(last.plus(1 - USUAL_MONTHS)), |text| a_month("from", text))?;
    match first.through(last) {
        ..=0 => Err(Problem::field("to", "months_reversed")),
        1..=MOST_MONTHS => Ok((first, last)),
        _ => Err(Problem::invalid(vec![
            FieldError::new("from", "too_many_months").with(vec![("max", MOST_MONTHS.to_string())]),
        ])),
    }
}

fn page_size(limit: Option<u32>) -> Result<usize, Problem> {
    let refuse = |code, name, bound: u32| {
        Err(Problem::invalid(vec![
            FieldError::new("limit", code).with(vec![(name, bound.to_string())]),
        ]))
    };
    match limit.unwrap_or(PAGE) {
        0 => refuse("too_small", "min", 1),
        size @ 1..=LARGEST_PAGE => Ok(usize::try_from(size).unwrap_or(usize::MAX)),
        _ => refuse("too_large", "max", LARGEST_PAGE),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::economy::Fill;

    fn refusal(problem: &Problem) -> String {
        let errors = problem
            .errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.code));
        errors.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn periods() {
        let today: NaiveDate = "2026-03-31".parse().expect("a day");
        let table = [
            (None, None, "2025-10 2026-03"),
            (None, Some("2026-01"), "2025-08 2026-01"),
            (Some("2026-03"), None, "2026-03 2026-03"),
            (Some("2024-04"), None, "2024-04 2026-03"),
            (Some("2024-03"), None, "from too_many_months"),
            (Some("2026-04"), None, "to months_reversed"),
            (Some("2026-4"), None, "from bad_month"),
            (None, Some("x"), "to bad_month"),
        ];
        for (from, to, expected) in table {
            let told = match period(today, from, to) {
                Ok((first, last)) => format!("{first} {last}"),
                Err(problem) => refusal(&problem),
            };
            assert_eq!(told, expected, "{from:?} {to:?}");
        }
        for (limit, expected) in [
            (None, Ok(50)),
            (Some(0), Err("limit too_small")),
            (Some(101), Err("limit too_large")),
        ] {
            assert_eq!(
                page_size(limit).map_err(|problem| refusal(&problem)),
                expected.map_err(String::from)
            );
        }
    }

    /// Vehicles 1 to 3 fill up every ten days from December on: 400 km on 32 l each time, vehicle n on n litres more.
    fn vehicles() -> Vec<VehicleFills> {
        let first: NaiveDate = "2025-12-20".parse().expect("a day");
        (1..=3_u32)
            .map(|number| VehicleFills {
                id: Uuid::from_u128(u128::from(number)),
                title: format!("M-{number}"),
                rows: HashMap::new(),
                accounted: account(
                    (0..5_u32)
                        .map(|step| Fill {
                            id: Uuid::from_u128(u128::from(number * 100 + step)),
                            day: first + TimeDelta::days(i64::from(step) * 10),
                            at: first.and_time(chrono::NaiveTime::MIN).and_utc(),
                            volume_l: Decimal::from(32 + number),
                            cost_minor: 7000,
                            odometer_km: Some(Decimal::from(1000 + step * 400)),
                            is_full_tank: None,
                            is_electric: false,
                        })
                        .collect(),
                ),
            })
            .collect()
    }

    #[test]
    fn pages_hold_whole_vehicles_and_months_all_of_them() {
        let vehicles = vehicles();
        let january: Month = "2026-01".parse().expect("a month");
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let page = page(&vehicles, january, after, 2, "SAR");
            // Three fills of three vehicles; December's full tank opens January's first segment.
            assert_eq!(page.months.len(), 1);
            assert_eq!(
                (page.months[0].fills, page.months[0].distance_km.as_deref()),
                (9, Some("3600.00"))
            );
            assert_eq!(page.months[0].volume_l, "306.000");
            assert_eq!(page.months[0].km_per_l.as_deref(), Some("11.76"));
            seen.extend(
                page.data
                    .iter()
                    .map(|row| format!("{} {}", row.vehicle_title, row.figures.month)),
            );
            let Some(next) = page.next else { break };
            after = Some(next.parse().expect("an id"));
        }
        assert_eq!(seen, ["M-1 2026-01", "M-2 2026-01", "M-3 2026-01"]);
    }

    #[test]
    fn figures_of_a_vehicle_and_month() {
        let page = page(&vehicles()[..1], "2026-01".parse().expect("a month"), None, 50, "SAR");
        let figures = serde_json::to_value(&page.data[0]).expect("JSON");
        let expected = serde_json::json!({
            "vehicle_id": Uuid::from_u128(1), "vehicle_title": "M-1", "month": "2026-01", "volume_l": "99.000",
            "cost": "210.00", "currency": "SAR", "fills": 3, "distance_km": "1200.00", "km_per_l": "12.12",
            "cost_per_km": "0.175", "economy_volume_l": "99.000", "economy_cost": "210.00", "breaks": 0,
        });
        assert_eq!(figures, expected);
        assert_eq!(page.next, None);
    }
}
