//! Believable housing for demonstrations: buildings with rooms and beds that most couriers live in, moves, contracts, bills and
//! repairs. Coherent with the couriers that are there; the same couriers and day make the same housing.

use chrono::{Datelike, Days, Months, NaiveDate};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::{
    ALLOCATIONS, BEDS, BUILDINGS, HOUSING_CONTRACTS, HOUSING_INVENTORY, HOUSING_MAINTENANCE, ROOMS, UTILITY_BILLS,
};

type Object = Map<String, Json>;

pub(crate) const COURIERS: &str = "SELECT c.id, c.status, c.city FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL ORDER BY c.barq_id, c.id";
pub(crate) const MEMBERS: &str = "SELECT m.user_id FROM platform.members m
    WHERE m.organization_id = $1 AND m.status = 'active' ORDER BY m.email";

/// Beds in a room, and rooms on a floor of a demonstration.
const ROOM_BEDS: usize = 4;
const FLOOR_ROOMS: usize = 4;

/// Without its nulls: an absent field takes its default.
fn object(json: Json) -> Object {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Words in the language that the company writes.
#[derive(Clone, Copy)]
struct Words {
    is_arabic: bool,
}

impl Words {
    const fn pick(self, en: &'static str, ar: &'static str) -> &'static str {
        if self.is_arabic { ar } else { en }
    }
}

/// Seeds a company's housing in the caller's transaction: `scale` buildings more than two.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let today = cx.today();
    let couriers = sqlx::query(COURIERS)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let members: Vec<Uuid> = sqlx::query_scalar(MEMBERS)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let city: Option<String> = match couriers.first() {
        Some(row) => row.try_get("city")?,
        None => None,
    };
    let city = city.unwrap_or_else(|| "Riyadh".into());
    let words = Words {
        is_arabic: !city.is_ascii(),
    };
    let mut active: Vec<Uuid> = Vec::new();
    let mut gone: Vec<Uuid> = Vec::new();
    for row in &couriers {
        let status: String = row.try_get("status")?;
        match status.as_str() {
            "terminated" => gone.push(row.try_get("id")?),
            _ => active.push(row.try_get("id")?),
        }
    }
    // Three of four live in the company's beds; thirteen of sixteen beds are occupied.
    let residents = &active[..active.len() * 3 / 4];
    let rooms = (residents.len() * 16 / 13).div_ceil(ROOM_BEDS).max(2);
    let houses = usize::try_from(scale).unwrap_or(1).clamp(1, 20) + 1;
    let buildings = buildings(cx, words, &city, houses, today, &members).await?;
    let (rooms, beds) = places(cx, words, &buildings, rooms).await?;
    stays(cx, words, &beds, residents, &gone, today).await?;
    upkeep(cx, words, &buildings, &rooms, &active, today).await
}

fn before(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_sub_days(Days::new(days)).unwrap_or(today)
}

fn after(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

async fn buildings(
    cx: &mut Cx,
    words: Words,
    city: &str,
    houses: usize,
    today: NaiveDate,
    members: &[Uuid],
) -> Result<Vec<Uuid>, Problem> {
    let names = [
        ("Al Naseem residence", "سكن النسيم", "Al Naseem", "النسيم"),
        ("Al Rawdah residence", "سكن الروضة", "Al Rawdah", "الروضة"),
        ("Al Salam residence", "سكن السلام", "Al Salam", "السلام"),
    ];
    let mut rows = Vec::new();
    for house in 0..houses {
        let (en, ar, en_district, ar_district) = names[house % names.len()];
        let name = format!("{} {}", words.pick(en, ar), house / names.len() + 1);
        let district = words.pick(en_district, ar_district);
        let rent = 12_000 + 1_500 * house;
        rows.push(object(json!({
            "name": name, "city": city, "district": district,
            "address": format!("{district}, {city}"), "monthly_rent": rent.to_string(),
            "contract_starts_on": before(today, 300), "contract_ends_on": after(today, 20 + 45 * house as u64),
            "landlord_name": words.pick("Abdullah Al-Rashid", "عبدالله الراشد"), "landlord_phone": format!("+9665500010{house:02}"),
            "supervisor_name": words.pick("Salem Al-Malki", "سالم المالكي"), "supervised_by": members.get(house % members.len().max(1)),
            "facilities": words.pick("Kitchen, laundry, parking", "مطبخ، غسيل، مواقف"),
        })));
    }
    platform_engine::create_many(cx, &BUILDINGS, rows).await
}

async fn places(
    cx: &mut Cx,
    words: Words,
    buildings: &[Uuid],
    rooms: usize,
) -> Result<(Vec<(Uuid, Uuid)>, Vec<Uuid>), Problem> {
    let mut rows = Vec::new();
    let mut owners = Vec::new();
    let mut numbers = Vec::new();
    for room in 0..rooms {
        let (house, place) = (room % buildings.len(), room / buildings.len());
        let floor = place / FLOOR_ROOMS + 1;
        // The building's letter tells rooms and beds of one list apart.
        let letter = ('A'..='Z').nth(house).unwrap_or('Z');
        let number = format!("{letter}{floor}{:02}", place % FLOOR_ROOMS + 1);
        numbers.push(number.clone());
        owners.push(buildings[house]);
        rows.push(object(json!({
            "building_id": buildings[house], "room_number": number, "floor": floor,
            "room_type": "quad", "capacity": ROOM_BEDS, "amenities": words.pick("Air conditioning", "تكييف"),
        })));
    }
    let rooms = platform_engine::create_many(cx, &ROOMS, rows).await?;
    let mut rows = Vec::new();
    for (room, number) in rooms.iter().zip(numbers) {
        for bed in 0..ROOM_BEDS {
            let kind = if bed % 2 == 0 { "bunk_lower" } else { "bunk_upper" };
            rows.push(object(
                json!({"room_id": room, "bed_number": format!("{number}-{}", bed + 1), "bed_type": kind}),
            ));
        }
    }
    let beds = platform_engine::create_many(cx, &BEDS, rows).await?;
    Ok((owners.into_iter().zip(rooms).collect(), beds))
}

async fn stays(
    cx: &mut Cx,
    words: Words,
    beds: &[Uuid],
    residents: &[Uuid],
    gone: &[Uuid],
    today: NaiveDate,
) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for (place, courier) in gone.iter().enumerate() {
        let ended = before(today, 20 + 5 * place as u64);
        rows.push(object(json!({
            "courier_id": courier, "bed_id": beds[place % beds.len()], "status": "ended",
            "started_on": before(today, 160), "ended_on": ended,
            "termination_reason": words.pick("Left the company", "انتهاء الخدمة"),
        })));
    }
    for (place, (courier, bed)) in residents.iter().zip(beds).enumerate() {
        rows.push(object(json!({
            "courier_id": courier, "bed_id": bed, "started_on": before(today, 12 + (place as u64 * 37) % 140),
            "allocation_reason": words.pick("Joined the company", "التحاق بالعمل"),
        })));
    }
    let stays = platform_engine::create_many(cx, &ALLOCATIONS, rows).await?;
    // Two couriers moved, one bed waits for a courier, one is broken: as far as there are free beds.
    let mut free = beds.iter().skip(residents.len());
    for (place, stay) in stays.iter().skip(gone.len()).take(2).enumerate() {
        let Some(bed) = free.next() else { break };
        let input = object(json!({
            "moved_to_bed_id": bed, "ended_on": before(today, 4 + place as u64),
            "termination_reason": words.pick("Nearer to his zone", "أقرب إلى منطقة عمله"),
        }));
        platform_engine::act(cx, &ALLOCATIONS, *stay, "transfer", input).await?;
    }
    if let Some(bed) = free.next() {
        let input = object(json!({"reserved_until": after(today, 10)}));
        platform_engine::act(cx, &BEDS, *bed, "reserve", input).await?;
    }
    if let Some(bed) = free.next() {
        platform_engine::act(cx, &BEDS, *bed, "send_to_maintenance", Map::new()).await?;
    }
    Ok(())
}

async fn upkeep(
    cx: &mut Cx,
    words: Words,
    buildings: &[Uuid],
    rooms: &[(Uuid, Uuid)],
    couriers: &[Uuid],
    today: NaiveDate,
) -> Result<(), Problem> {
    let mut contracts = Vec::new();
    let mut things = Vec::new();
    let mut bills = Vec::new();
    let this_month = today.with_day(1).unwrap_or(today);
    for (house, building) in buildings.iter().enumerate() {
        let kinds = [
            (
                "lease",
                words.pick("Abdullah Al-Rashid", "عبدالله الراشد"),
                12_000 + 1_500 * house,
                20 + 45 * house as u64,
            ),
            (
                "insurance",
                words.pick("Gulf Insurance", "تأمين الخليج"),
                300,
                75 + 30 * house as u64,
            ),
        ];
        for (kind, party, rent, left) in kinds {
            let starts_on = before(today, 300);
            contracts.push(object(json!({
                "building_id": building, "contract_type": kind, "party_name": party, "rent": rent.to_string(),
                "starts_on": starts_on, "ends_on": after(today, left), "status": "active", "activated_on": starts_on,
            })));
        }
        for (en, ar, category, quantity, cost) in [
            ("Refrigerator", "ثلاجة", "appliance", 3, "1450"),
            ("Washing machine", "غسالة", "appliance", 2, "1600"),
            ("Wardrobe", "خزانة", "furniture", 16, "420"),
            ("Fire extinguisher", "طفاية حريق", "safety", 6, "95"),
        ] {
            things.push(object(json!({
                "building_id": building, "item_name": words.pick(en, ar), "category": category, "quantity": quantity,
                "unit_cost": cost, "purchased_on": before(today, 280), "counted_on": before(today, 30),
            })));
        }
        for back in 0..4_u32 {
            let first = this_month
                .checked_sub_months(Months::new(back + 1))
                .unwrap_or(this_month);
            let last = before(first.checked_add_months(Months::new(1)).unwrap_or(first), 1);
            let season = 100 * (back + u32::try_from(house).unwrap_or(0));
            for (utility, cost, unit) in [
                ("electricity", 2_100 + season, "kwh"),
                ("water", 420 + season / 4, "m3"),
                ("internet", 345, "gb"),
            ] {
                let due = after(last, 25);
                let is_paid = back > 0;
                let status = match (is_paid, due < today) {
                    (true, _) => "paid",
                    (false, true) => "overdue",
                    (false, false) => "open",
                };
                bills.push(object(json!({
                    "building_id": building, "utility": utility, "status": status, "period_starts_on": first,
                    "period_ends_on": last, "amount": cost.to_string(), "consumption": (cost * 4).to_string(),
                    "consumption_unit": unit, "issued_on": after(last, 3), "due_on": due,
                    "paid_on": is_paid.then(|| before(due, 5)),
                })));
            }
        }
    }
    platform_engine::create_many(cx, &HOUSING_CONTRACTS, contracts).await?;
    platform_engine::create_many(cx, &HOUSING_INVENTORY, things).await?;
    platform_engine::create_many(cx, &UTILITY_BILLS, bills).await?;
    let mut requests = Vec::new();
    for (place, (en, ar, category, priority)) in [
        ("Air conditioner leaks", "تسريب من المكيف", "air_conditioning", "high"),
        ("Tap does not close", "الصنبور لا يُغلق", "plumbing", "medium"),
        ("Socket sparks", "شرر من المقبس", "electrical", "urgent"),
        (
            "Cockroaches in the kitchen",
            "صراصير في المطبخ",
            "pest_control",
            "medium",
        ),
        ("Broken wardrobe door", "باب خزانة مكسور", "furniture", "low"),
    ]
    .into_iter()
    .enumerate()
    {
        let (building, room) = rooms[place % rooms.len()];
        requests.push(object(json!({
            "building_id": building, "room_id": room, "title": words.pick(en, ar), "category": category,
            "priority": priority, "courier_id": couriers.get(place), "estimated_cost": (150 + 90 * place).to_string(),
        })));
    }
    let requests = platform_engine::create_many(cx, &HOUSING_MAINTENANCE, requests).await?;
    for request in &requests[..3] {
        let contractor = object(json!({
            "contractor_name": words.pick("Quick Fix", "الإصلاح السريع"), "scheduled_on": after(today, 1),
        }));
        platform_engine::act(cx, &HOUSING_MAINTENANCE, *request, "assign", contractor).await?;
    }
    for request in &requests[..2] {
        platform_engine::act(cx, &HOUSING_MAINTENANCE, *request, "start", Map::new()).await?;
    }
    let done = object(json!({"resolution": words.pick("Drain cleaned", "نُظف التصريف"), "actual_cost": "180"}));
    platform_engine::act(cx, &HOUSING_MAINTENANCE, requests[0], "complete", done)
        .await
        .map(drop)
}
