//! A month of the fleet's papers: logs, shifts, positions, maintenance, inspections, accidents and documents. Rows name couriers
//! and vehicles by position, and agree with what is known of them.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use platform_resource::{Kind, Record};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::draw::Draw;
use super::{Company, Demo, Row, row};
use crate::VEHICLE_INSPECTIONS;
use crate::vehicle_inspections::conclude;

/// Rows of one resource: position of the vehicle, position of the courier, and the row.
pub(super) type Placed = (Option<usize>, Option<usize>, Row);

/// What a month leaves behind.
#[derive(Debug, Default, PartialEq)]
pub struct Records {
    pub(super) vehicle_logs: Vec<Placed>,
    pub(super) maintenance: Vec<Placed>,
    pub(super) inspections: Vec<Placed>,
    pub(super) accidents: Vec<Placed>,
    pub(super) documents: Vec<Placed>,
    pub(super) positions: Vec<Placed>,
    pub(super) shifts: Vec<Placed>,
}

/// Days that logs and shifts go back, and that shifts are planned ahead.
const BACK: u64 = 30;
const AHEAD: u64 = 7;

/// Days of a period without its Fridays.
fn workdays(first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let days = first.iter_days().take_while(|day| *day <= last);
    days.filter(|day| day.weekday() != Weekday::Fri).collect()
}

/// What is written in the company's language.
fn say(company: Company, en: &'static str, ar: &'static str) -> &'static str {
    match company {
        Company::NajdExpress => ar,
        Company::RedSeaCouriers => en,
    }
}

fn back(day: NaiveDate, days: i64) -> NaiveDate {
    day - TimeDelta::days(days)
}

/// A time of a day in Riyadh, which is three hours ahead all year.
fn at(day: NaiveDate, minute: i64) -> String {
    let midnight: DateTime<Utc> = day.and_time(chrono::NaiveTime::MIN).and_utc();
    (midnight + TimeDelta::minutes(minute - 180)).to_rfc3339()
}

fn text<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.get(field).and_then(Json::as_str)
}

fn money(halalas: i64) -> String {
    Decimal::new(halalas, 2).to_string()
}

/// A number of a day before today; the engine gives those of today.
fn number(prefix: &str, day: NaiveDate, place: usize) -> String {
    format!("{prefix}-{}-{:04}", day.format("%Y%m%d"), place + 1)
}

/// The month up to `today` of a fleet.
pub(super) fn records(company: Company, draw: &mut Draw, demo: &Demo, today: NaiveDate, now: DateTime<Utc>) -> Records {
    let mut records = Records {
        documents: documents(company, demo, today),
        ..Records::default()
    };
    let open: Vec<(usize, usize)> = demo
        .assignments
        .iter()
        .filter(|(_, _, row)| text(row, "status") == Some("active"))
        .map(|(vehicle, courier, _)| (*vehicle, *courier))
        .collect();
    for (vehicle, courier) in &open {
        records
            .vehicle_logs
            .extend(logs(company, draw, demo, *vehicle, *courier, today));
        records
            .shifts
            .extend(shifts(company, draw, demo, *vehicle, *courier, today));
        records
            .positions
            .extend(positions(company, draw, *vehicle, *courier, now));
    }
    for place in 0..demo.vehicles.len() {
        records
            .maintenance
            .extend(maintenance(company, draw, demo, place, today));
        records
            .inspections
            .extend(inspections(company, draw, demo, place, today));
    }
    records.accidents = accidents(company, draw, demo, &open, today);
    records
}

/// A day's work of a pair, from the last day back: the odometer ends where the vehicle stands.
fn logs(
    company: Company,
    draw: &mut Draw,
    demo: &Demo,
    vehicle: usize,
    courier: usize,
    today: NaiveDate,
) -> Vec<Placed> {
    let machine = &demo.vehicles[vehicle];
    let (low, high, tenth_km_per_l) = match text(machine, "vehicle_type") {
        Some("motorcycle") => (70, 150, 340),
        Some("car") => (90, 210, 125),
        _ => (110, 240, 92),
    };
    let halalas = if text(machine, "fuel_type") == Some("diesel") {
        166
    } else {
        218
    };
    let mileage = text(machine, "mileage_km").and_then(|km| km.parse().ok());
    let mut end: Decimal = mileage.unwrap_or_default();
    let mut logs = Vec::new();
    for day in workdays(today - Days::new(BACK), today - Days::new(1))
        .into_iter()
        .rev()
    {
        if draw.percent(8) {
            continue;
        }
        let start = end - Decimal::from(draw.from(low, high));
        let km = end - start;
        let litres = (km * Decimal::TEN / Decimal::from(tenth_km_per_l)).round_dp(2);
        let deliveries = draw.from(14, 32);
        let first = draw.from(8 * 60, 11 * 60);
        let minutes = draw.from(7 * 60, 10 * 60);
        let has_issues = draw.percent(4);
        let row = row(json!({
            "log_type": "daily_log", "logged_on": day, "started_at": at(day, first), "ended_at": at(day, first + minutes),
            "working_hours": Decimal::new(minutes * 100 / 60, 2).to_string(),
            "start_odometer_km": start.to_string(), "end_odometer_km": end.to_string(),
            "fuel_l": litres.to_string(), "fuel_cost": (litres * Decimal::new(halalas, 2)).round_dp(2).to_string(),
            "fuel_provider": draw.word(&["aramco", "petrol", "adnoc"]),
            "deliveries_count": deliveries, "orders_count": deliveries + draw.from(0, 3),
            "revenue": money(deliveries * 1500), "has_issues": has_issues,
            "issues_reported": has_issues.then_some(say(company, "Brakes squeal", "الفرامل تصدر صوتًا")),
        }));
        logs.push((Some(vehicle), Some(courier), row));
        end = start;
    }
    logs
}

/// Shifts of a courier: what was, and what is planned for the week.
fn shifts(
    company: Company,
    draw: &mut Draw,
    demo: &Demo,
    vehicle: usize,
    courier: usize,
    today: NaiveDate,
) -> Vec<Placed> {
    let begins = *draw.one_of(&[8 * 60, 12 * 60, 15 * 60]);
    let city = text(&demo.couriers[courier], "city");
    let shift = |day: NaiveDate| {
        let (status, reason) = match draw.from(1, 40) {
            _ if day >= today => ("planned", None),
            1 => ("missed", Some(say(company, "Did not come", "لم يحضر"))),
            2 => ("cancelled", Some(say(company, "Few orders", "قلة الطلبات"))),
            _ => ("completed", None),
        };
        let (late, longer) = (draw.from(-5, 20), draw.from(-10, 35));
        let is_done = status == "completed";
        let row = row(json!({
            "works_on": day, "starts_at": at(day, begins), "ends_at": at(day, begins + 9 * 60), "break_minutes": 60,
            "city": city, "status": status, "status_reason": reason,
            "started_at": is_done.then(|| at(day, begins + late)), "ended_at": is_done.then(|| at(day, begins + 9 * 60 + longer)),
        }));
        (Some(vehicle), Some(courier), row)
    };
    workdays(today - Days::new(BACK), today + Days::new(AHEAD))
        .into_iter()
        .map(shift)
        .collect()
}

/// The last hour of a courier, a report every ten minutes. One in eight has fallen silent before that.
fn positions(company: Company, draw: &mut Draw, vehicle: usize, courier: usize, now: DateTime<Utc>) -> Vec<Placed> {
    // Hundred-thousandths of a degree, about a metre each.
    let (latitude, longitude) = match company {
        Company::NajdExpress => (2_471_355, 4_667_530),
        Company::RedSeaCouriers => (2_154_330, 3_917_280),
    };
    let (mut latitude, mut longitude) = (latitude + draw.from(-9000, 9000), longitude + draw.from(-9000, 9000));
    let silent_minutes = if draw.percent(12) { 50 } else { draw.from(1, 9) };
    let mut battery = draw.from(30, 95);
    let mut positions = Vec::new();
    for report in (0..6).rev() {
        let speed = if draw.percent(30) {
            draw.from(0, 3)
        } else {
            draw.from(12, 70)
        };
        latitude += draw.from(-60, 60) * speed / 10;
        longitude += draw.from(-60, 60) * speed / 10;
        battery = (battery - draw.from(0, 2)).max(1);
        let row = row(json!({
            "recorded_at": (now - TimeDelta::minutes(silent_minutes + report * 10)).to_rfc3339(),
            "latitude": Decimal::new(latitude, 5).to_string(), "longitude": Decimal::new(longitude, 5).to_string(),
            "speed_km_h": Decimal::from(speed).to_string(), "heading_degrees": draw.from(0, 359),
            "accuracy_m": Decimal::from(draw.from(4, 25)).to_string(), "battery_percent": battery, "source": "app",
        }));
        positions.push((Some(vehicle), Some(courier), row));
    }
    positions
}

/// A vehicle's last service, what is planned, and what is going on.
fn maintenance(company: Company, draw: &mut Draw, demo: &Demo, place: usize, today: NaiveDate) -> Vec<Placed> {
    let machine = &demo.vehicles[place];
    let mut jobs = Vec::new();
    let provider = say(company, "Corniche Motors", "ورشة الخليج للسيارات");
    let labor = draw.from(8, 40) * 1000;
    let parts = draw.from(5, 90) * 1000;
    let done_on = back(today, draw.from(3, 110));
    let minutes = draw.from(90, 560);
    let costs = |labor: i64, parts: i64| json!({"labor_cost": money(labor), "parts_cost": money(parts), "tax_amount": money((labor + parts) * 15 / 100)});
    let mut put = |rest: Json, costs: Json| {
        let mut job = row(rest);
        job.extend(row(costs));
        jobs.push((Some(place), None, job));
    };
    let is_paid = draw.percent(75);
    put(
        json!({
            "maintenance_number": number("MNT", done_on, place), "maintenance_type": "routine", "status": "completed",
            "description": say(company, "Oil, filters, brake check", "تغيير زيت وفلاتر وفحص الفرامل"),
            "work_performed": say(company, "Oil and filters changed", "تم تغيير الزيت والفلاتر"),
            "scheduled_on": done_on, "started_at": at(done_on, 540), "completed_at": at(done_on, 540 + minutes),
            "downtime_hours": Decimal::new(minutes * 100 / 60, 2).to_string(), "provider_name": provider,
            "service_provider": draw.word(&["third_party", "third_party", "authorized_dealer", "in_house"]),
            "invoice_number": format!("INV-{}{}", place + 1, draw.digits(5)), "invoiced_on": done_on,
            "payment_status": if is_paid { "paid" } else { "pending" }, "paid_on": is_paid.then_some(done_on),
            "payment_method": is_paid.then_some("bank_transfer"), "quality_rating": draw.from(3, 5),
        }),
        costs(labor, parts),
    );
    match text(machine, "status") {
        Some("maintenance") => put(
            json!({
                "maintenance_number": number("MNT", back(today, 1), place), "maintenance_type": "preventive",
                "status": "in_progress", "description": say(company, "Chain and clutch", "فحص الجنزير والدبرياج"),
                "scheduled_on": back(today, 1), "started_at": at(back(today, 1), 600), "provider_name": provider,
            }),
            costs(15_000, 0),
        ),
        Some("repair") => put(
            json!({
                "maintenance_number": number("MNT", back(today, 4), place), "maintenance_type": "breakdown", "priority": "high",
                "status": "waiting_parts", "status_reason": say(company, "Clutch plate ordered", "بانتظار وصول قرص الدبرياج"),
                "description": say(company, "Clutch slips", "الدبرياج لا يعشّق"), "started_at": at(back(today, 4), 630),
                "provider_name": provider,
            }),
            costs(30_000, 64_000),
        ),
        Some("active") if draw.percent(35) => {
            // Some are late.
            let day = today + TimeDelta::days(draw.from(-6, 25));
            put(
                json!({
                    "maintenance_type": draw.word(&["routine", "preventive", "inspection"]), "status": "scheduled",
                    "description": say(company, "Service by schedule", "صيانة دورية مجدولة"), "scheduled_on": day,
                    "provider_name": provider,
                }),
                costs(0, 0),
            );
        }
        _ => {}
    }
    jobs
}

/// Names of the points that are looked at.
fn points() -> Vec<&'static str> {
    let fields = VEHICLE_INSPECTIONS.fields.iter();
    let points = fields.filter(|field| field.kind == Kind::Boolean && field.default == Some("true"));
    points.map(|field| field.name).collect()
}

/// The last inspection of a vehicle, now and then with faults, and the next one of some.
fn inspections(company: Company, draw: &mut Draw, demo: &Demo, place: usize, today: NaiveDate) -> Vec<Placed> {
    let machine = &demo.vehicles[place];
    let (Some("active" | "repair"), true) = (text(machine, "status"), place % 9 != 8) else {
        return Vec::new();
    };
    let day = back(today, draw.from(1, 45));
    let mut found = row(json!({
        "inspection_number": number("INS", day, place), "inspection_type": draw.word(&["periodic", "safety", "pre_trip"]),
        "status": "completed", "scheduled_on": day, "completed_at": at(day, draw.from(480, 900)),
        "inspector_name": say(company, "Hatem Al-Juhani", "سالم الدوسري"),
        "odometer_km": text(machine, "mileage_km").and_then(|km| km.parse::<Decimal>().ok())
            .map(|km| (km - Decimal::from(300)).max(Decimal::ZERO).to_string()),
    }));
    let points = points();
    for name in &points {
        found.insert((*name).to_owned(), json!(true));
    }
    let faults: &[&str] = match (text(machine, "status"), draw.from(1, 10)) {
        (Some("repair"), _) => &["transmission", "brake_pads_rear"],
        (_, 1) => &["spare_tire", "first_aid_kit", "wipers"],
        (_, 2..=4) => &["body_condition"],
        _ => &[],
    };
    for name in faults {
        found.insert((*name).to_owned(), json!(false));
    }
    let needs_repair = text(machine, "status") == Some("repair");
    let condition = match faults.len() {
        0 => "excellent",
        1 => "good",
        _ => "fair",
    };
    found.extend(row(
        json!({"overall_condition": condition, "requires_follow_up": faults.len() > 1,
        "requires_immediate_repair": needs_repair, "follow_up_on": (faults.len() > 1).then(|| day + Days::new(14))}),
    ));
    found.extend(conclude(&Record(found.clone())));
    let mut inspections = vec![(Some(place), None, found)];
    if draw.percent(20) {
        let planned =
            row(json!({"inspection_type": "periodic", "scheduled_on": today + TimeDelta::days(draw.from(1, 20))}));
        inspections.push((Some(place), None, planned));
    }
    inspections
}

/// A handful of accidents in every state.
fn accidents(company: Company, draw: &mut Draw, demo: &Demo, open: &[(usize, usize)], today: NaiveDate) -> Vec<Placed> {
    let in_repair = (0..demo.vehicles.len()).find(|place| text(&demo.vehicles[*place], "status") == Some("repair"));
    let states = [
        "closed",
        "resolved",
        "insurance_claim_filed",
        "under_investigation",
        "reported",
    ];
    let mut accidents = Vec::new();
    for (place, status) in states.into_iter().enumerate() {
        let (vehicle, courier) = open[place * 3 % open.len()];
        let age = 75 - i64::try_from(place).unwrap_or(0) * 17;
        accidents.push(accident(
            company,
            draw,
            (vehicle, Some(courier)),
            status,
            back(today, age),
            place,
        ));
    }
    if let Some(vehicle) = in_repair {
        accidents.push(accident(
            company,
            draw,
            (vehicle, None),
            "in_repair",
            back(today, 5),
            states.len(),
        ));
    }
    accidents
}

fn accident(
    company: Company,
    draw: &mut Draw,
    (vehicle, courier): (usize, Option<usize>),
    status: &str,
    day: NaiveDate,
    place: usize,
) -> Placed {
    let estimate = draw.from(12, 95) * 10_000;
    let is_settled = matches!(status, "resolved" | "closed");
    let is_claimed = is_settled || matches!(status, "insurance_claim_filed" | "in_repair");
    let tow = draw.percent(50).then(|| money(draw.from(15, 40) * 1000));
    let row = row(json!({
        "accident_number": number("ACC", day, place), "occurred_on": day,
        "occurred_time": format!("{:02}:{:02}", draw.from(9, 22), draw.from(0, 59)), "status": status,
        "accident_type": draw.word(&["collision", "collision", "single_vehicle", "property_damage"]),
        "severity": draw.word(&["minor", "minor", "moderate", "major"]),
        "fault_status": if is_settled { draw.word(&["our_fault", "other_party", "shared"]) } else { "pending" },
        "description": say(company, "Hit from behind at a traffic light while carrying an order.", "اصطدام من الخلف عند إشارة مرور أثناء توصيل طلب."),
        "location": say(company, "Tahlia Street, by the roundabout", "طريق الملك فهد، قرب المخرج 5"),
        "city": draw.word(company.cities()), "weather_conditions": say(company, "Clear", "صحو"),
        "police_notified": true, "najm_report_number": draw.digits(10), "third_party_involved": true,
        "other_party_insurance": draw.word(&["Tawuniya", "Walaa"]), "estimated_repair_cost": money(estimate),
        "actual_repair_cost": is_settled.then(|| money(estimate * 94 / 100)), "vehicle_towed": tow.is_some(), "tow_cost": tow,
        "insurance_claim_number": is_claimed.then(|| format!("CL-{}", draw.digits(8))),
        "insurance_claim_amount": is_claimed.then(|| money(estimate)), "claim_filed_on": is_claimed.then_some(day + Days::new(2)),
        "insurance_claim_status": is_claimed.then_some(if is_settled { "settled" } else { "under_review" }),
        "insurance_covered": is_settled.then(|| money(estimate * 70 / 100)),
        "lost_revenue": is_settled.then(|| money(draw.from(2, 12) * 10_000)), "downtime_days": is_settled.then(|| draw.from(2, 12)),
        "repair_started_on": (status == "in_repair" || is_settled).then_some(day + Days::new(1)),
        "repair_completed_on": is_settled.then_some(day + Days::new(9)),
        "resolved_at": is_settled.then(|| at(day + Days::new(10), 720)),
        "closed_at": (status == "closed").then(|| at(day + Days::new(16), 720)),
        "reported_at": at(day, 1410), "reported_by": say(company, "Courier", "المندوب"),
    }));
    (Some(vehicle), courier, row)
}

/// Papers as documents, with the days that couriers and vehicles have.
fn documents(company: Company, demo: &Demo, today: NaiveDate) -> Vec<Placed> {
    let mut documents = Vec::new();
    let mut put = |(vehicle, courier): (Option<usize>, Option<usize>),
                   kind: &str,
                   name: String,
                   expires: Option<&str>,
                   place: usize| {
        let Some(expires_on) = expires.and_then(|day| day.parse::<NaiveDate>().ok()) else {
            return;
        };
        let entity = match (vehicle, courier) {
            (Some(_), _) => "vehicle",
            (None, Some(_)) => "courier",
            (None, None) => "company",
        };
        let status = match place % 8 {
            _ if expires_on < today => "expired",
            7 => "pending",
            _ => "verified",
        };
        let row = row(json!({
            "document_name": name, "entity_type": entity, "document_type": kind, "status": status, "expires_on": expires_on,
            "issued_on": (expires_on - Days::new(365)).min(today),
            "verified_at": (status == "verified").then(|| at(back(today, 20), 600)),
        }));
        documents.push((vehicle, courier, row));
    };
    for (place, courier) in demo.couriers.iter().enumerate() {
        let of = (None, Some(place));
        let name = text(courier, "full_name").unwrap_or_default();
        let iqama = say(company, "Iqama", "إقامة");
        let license = say(company, "Driving licence", "رخصة قيادة");
        put(
            of,
            "iqama",
            format!("{iqama} – {name}"),
            text(courier, "iqama_expires_on"),
            place,
        );
        put(
            of,
            "driver_license",
            format!("{license} – {name}"),
            text(courier, "license_expires_on"),
            place + 3,
        );
    }
    for (place, vehicle) in demo.vehicles.iter().enumerate() {
        let of = (Some(place), None);
        let plate = text(vehicle, "plate_number").unwrap_or_default();
        let registration = say(company, "Registration", "رخصة سير");
        let insurance = say(company, "Insurance", "وثيقة تأمين");
        let registered = text(vehicle, "registration_expires_on");
        put(
            of,
            "vehicle_registration",
            format!("{registration} – {plate}"),
            registered,
            place,
        );
        put(
            of,
            "insurance",
            format!("{insurance} – {plate}"),
            text(vehicle, "insurance_expires_on"),
            place + 5,
        );
    }
    let registered = (today + Days::new(52)).to_string();
    let name = say(company, "Commercial registration", "السجل التجاري").to_owned();
    put((None, None), "commercial_registration", name, Some(&registered), 0);
    documents
}
