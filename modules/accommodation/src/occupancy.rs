//! How full the housing is: beds counted by state, for each building and room.

use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::figures::{amount, amount_each, percent};

/// One row for each building. Beds in rooms under maintenance count like others: they are places that the company pays for.
pub(crate) const BUILDINGS: &str = "WITH places AS (
        SELECT r.building_id, count(DISTINCT r.id) AS rooms, count(b.id) AS beds,
            count(b.id) FILTER (WHERE b.status = 'occupied') AS occupied,
            count(b.id) FILTER (WHERE b.status = 'reserved') AS reserved,
            count(b.id) FILTER (WHERE b.status = 'maintenance') AS maintenance
        FROM accommodation.rooms r
        LEFT JOIN accommodation.beds b
            ON b.organization_id = $1 AND b.room_id = r.id AND b.deleted_at IS NULL
        WHERE r.organization_id = $1 AND r.deleted_at IS NULL
        GROUP BY r.building_id
    ), sizes AS (
        SELECT r.building_id, sum(r.capacity)::bigint AS capacity FROM accommodation.rooms r
        WHERE r.organization_id = $1 AND r.deleted_at IS NULL GROUP BY r.building_id
    ), income AS (
        SELECT f.building_id, sum(f.monthly_deduction)::bigint AS revenue FROM accommodation.allocation_facts f
        WHERE f.organization_id = $1 AND f.status = 'active' AND f.deleted_at IS NULL GROUP BY f.building_id
    )
    SELECT h.id, h.name, h.city, h.status, h.monthly_rent, coalesce(p.rooms, 0) AS rooms,
        coalesce(s.capacity, 0) AS capacity, coalesce(p.beds, 0) AS beds, coalesce(p.occupied, 0) AS occupied,
        coalesce(p.reserved, 0) AS reserved, coalesce(p.maintenance, 0) AS maintenance,
        coalesce(i.revenue, 0) AS revenue
    FROM accommodation.buildings h
    LEFT JOIN places p ON p.building_id = h.id
    LEFT JOIN sizes s ON s.building_id = h.id
    LEFT JOIN income i ON i.building_id = h.id
    WHERE h.organization_id = $1 AND h.deleted_at IS NULL AND ($2::uuid IS NULL OR h.id = $2)
    ORDER BY h.name, h.id LIMIT 1000";

pub(crate) const ROOMS: &str = "SELECT r.id, r.building_id, h.name AS building, r.room_number, r.floor, r.status,
        r.capacity, count(b.id) AS beds, count(b.id) FILTER (WHERE b.status = 'occupied') AS occupied,
        count(b.id) FILTER (WHERE b.status = 'reserved') AS reserved,
        count(b.id) FILTER (WHERE b.status = 'maintenance') AS maintenance
    FROM accommodation.rooms r
    JOIN accommodation.buildings h ON h.organization_id = r.organization_id AND h.id = r.building_id
    LEFT JOIN accommodation.beds b ON b.organization_id = $1 AND b.room_id = r.id AND b.deleted_at IS NULL
    WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND ($2::uuid IS NULL OR r.building_id = $2)
    GROUP BY r.id, r.building_id, h.name, r.room_number, r.floor, r.status, r.capacity
    ORDER BY h.name, r.room_number, r.id LIMIT 1000";

/// Which building.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// One building instead of all.
    building_id: Option<Uuid>,
}

/// Beds by state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Beds {
    /// All beds.
    beds: i64,
    occupied: i64,
    reserved: i64,
    maintenance: i64,
    /// Neither occupied nor reserved nor under maintenance.
    available: i64,
    /// Occupied beds in per cent of all beds; nothing without beds.
    occupancy_percent: Option<String>,
    /// Available beds in per cent of all beds; nothing without beds.
    availability_percent: Option<String>,
}

impl Beds {
    fn counted(beds: i64, occupied: i64, reserved: i64, maintenance: i64) -> Self {
        let available = beds - occupied - reserved - maintenance;
        Self {
            beds,
            occupied,
            reserved,
            maintenance,
            available,
            occupancy_percent: percent(occupied, beds),
            availability_percent: percent(available, beds),
        }
    }

    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self::counted(
            row.try_get("beds")?,
            row.try_get("occupied")?,
            row.try_get("reserved")?,
            row.try_get("maintenance")?,
        ))
    }

    fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let [mut beds, mut occupied, mut reserved, mut maintenance] = [0; 4];
        for one in all {
            beds += one.beds;
            occupied += one.occupied;
            reserved += one.reserved;
            maintenance += one.maintenance;
        }
        Self::counted(beds, occupied, reserved, maintenance)
    }
}

/// Money of a month. Nothing for callers who may not see costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Money {
    /// Monthly deductions of the couriers who live there now.
    revenue: String,
    /// The building's monthly rent.
    rent: Option<String>,
    /// Rent over beds.
    cost_per_bed: Option<String>,
}

/// One building.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Building {
    building_id: Uuid,
    name: String,
    city: Option<String>,
    status: String,
    rooms: i64,
    /// Beds that the rooms may have.
    capacity: i64,
    #[serde(flatten)]
    beds: Beds,
    month: Option<Money>,
}

/// How full the buildings are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Occupancy {
    /// By name.
    data: Vec<Building>,
    buildings: i64,
    rooms: i64,
    capacity: i64,
    /// All buildings of the answer together.
    total: Beds,
    /// Monthly deductions of everybody who lives there now.
    revenue: Option<String>,
}

/// `GET /accommodation/occupancy`.
pub(crate) async fn occupancy(cx: &mut Cx, asked: Asked) -> Result<Occupancy, Problem> {
    let sees_money = cx.may("housing_costs.read");
    let rows = sqlx::query(BUILDINGS)
        .bind(cx.organization_id)
        .bind(asked.building_id)
        .fetch_all(cx.db())
        .await?;
    let mut data = Vec::with_capacity(rows.len());
    let mut revenue = 0;
    for row in &rows {
        let beds = Beds::of(row)?;
        let income: i64 = row.try_get("revenue")?;
        let rent: Option<i64> = row.try_get("monthly_rent")?;
        revenue += income;
        let month = sees_money.then(|| Money {
            revenue: amount(income),
            rent: rent.map(amount),
            cost_per_bed: rent.and_then(|rent| amount_each(rent, beds.beds)),
        });
        data.push(Building {
            building_id: row.try_get("id")?,
            name: row.try_get("name")?,
            city: row.try_get("city")?,
            status: row.try_get("status")?,
            rooms: row.try_get("rooms")?,
            capacity: row.try_get("capacity")?,
            beds,
            month,
        });
    }
    Ok(Occupancy {
        buildings: i64::try_from(data.len()).unwrap_or(i64::MAX),
        rooms: data.iter().map(|building| building.rooms).sum(),
        capacity: data.iter().map(|building| building.capacity).sum(),
        total: Beds::sum(data.iter().map(|building| &building.beds)),
        revenue: sees_money.then(|| amount(revenue)),
        data,
    })
}

/// One room.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Room {
    room_id: Uuid,
    building_id: Uuid,
    building: String,
    room_number: String,
    floor: Option<i64>,
    status: String,
    capacity: i64,
    #[serde(flatten)]
    beds: Beds,
}

/// How full the rooms are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rooms {
    /// By building and number; at most a thousand.
    data: Vec<Room>,
    /// All rooms of the answer together.
    total: Beds,
}

/// `GET /accommodation/occupancy/rooms`.
pub(crate) async fn rooms(cx: &mut Cx, asked: Asked) -> Result<Rooms, Problem> {
    let rows = sqlx::query(ROOMS)
        .bind(cx.organization_id)
        .bind(asked.building_id)
        .fetch_all(cx.db())
        .await?;
    let room = |row: &PgRow| {
        Ok(Room {
            room_id: row.try_get("id")?,
            building_id: row.try_get("building_id")?,
            building: row.try_get("building")?,
            room_number: row.try_get("room_number")?,
            floor: row.try_get("floor")?,
            status: row.try_get("status")?,
            capacity: row.try_get("capacity")?,
            beds: Beds::of(row)?,
        })
    };
    let data = rows.iter().map(room).collect::<Result<Vec<Room>, sqlx::Error>>()?;
    let total = Beds::sum(data.iter().map(|room| &room.beds));
    Ok(Rooms { data, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_documents() {
        let beds = Beds::counted(80, 65, 5, 2);
        assert_eq!(beds.occupancy_percent.as_deref(), Some("81.25"));
        assert_eq!(
            (beds.available, beds.availability_percent.as_deref()),
            (8, Some("10.00"))
        );
        let five = [Beds::counted(80, 64, 0, 0), Beds::counted(320, 256, 0, 0)];
        assert_eq!(Beds::sum(five.iter()).occupancy_percent.as_deref(), Some("80.00"));
        assert_eq!(Beds::sum([].iter()).occupancy_percent, None);
    }
}
