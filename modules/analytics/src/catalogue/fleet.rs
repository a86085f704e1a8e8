//! Reports of vehicles.

use super::{Area, Formula, Report, Unit, count, figure_of, measure, money, per, share, words};

/// Days on which a vehicle was somebody's, of the days of the period. Two assignments on one day count once.
const UTILIZATION: &str = "WITH days AS (
    SELECT day::date AS day FROM generate_series($2::date, $3::date, interval '1 day') AS day
), v AS (
    SELECT f.id, f.vehicle_type, coalesce(f.plate_number, f.internal_number) AS title
    FROM fleet.vehicle_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'retired'
), used AS (
    SELECT v.id, v.vehicle_type, v.title, days.day,
        EXISTS (
            SELECT FROM fleet.assignment_facts a
            WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.vehicle_id = v.id AND a.status <> 'cancelled'
                AND a.started_on <= days.day AND (a.ended_on IS NULL OR a.ended_on >= days.day)
        ) AS is_used
    FROM v
    CROSS JOIN days
    WHERE $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(u.day) = 0 THEN 'day'
        WHEN grouping(u.id) = 0 THEN 'vehicle'
        WHEN grouping(u.vehicle_type) = 0 THEN 'vehicle_type'
        ELSE 'total' END AS section,
    coalesce(u.day::text, u.id::text, u.vehicle_type, '') AS key,
    CASE WHEN grouping(u.id) = 0 THEN max(u.title) END AS title,
    count(DISTINCT u.id)::numeric AS vehicles,
    count(*)::numeric AS vehicle_days,
    (count(*) FILTER (WHERE u.is_used))::numeric AS used_days,
    (count(*) FILTER (WHERE NOT u.is_used))::numeric AS idle_days
FROM used u
GROUP BY GROUPING SETS ((), (u.day), (u.id), (u.vehicle_type))";

/// How vehicles stand on the last day; their state is today's.
const AVAILABILITY: &str = "WITH v AS (
    SELECT f.status, f.vehicle_type, coalesce(f.assigned_to_city, '') AS city,
        EXISTS (
            SELECT FROM fleet.assignment_facts a
            WHERE a.organization_id = $1 AND a.deleted_at IS NULL AND a.vehicle_id = f.id AND a.status <> 'cancelled'
                AND a.started_on <= $3::date AND (a.ended_on IS NULL OR a.ended_on >= $3::date)
        ) AS is_used
    FROM fleet.vehicle_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'retired'
        AND $2::date IS NOT NULL AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(v.vehicle_type) = 0 THEN 'vehicle_type'
        WHEN grouping(v.city) = 0 THEN 'city'
        WHEN grouping(v.status) = 0 THEN 'status'
        ELSE 'total' END AS section,
    coalesce(v.vehicle_type, v.city, v.status, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS vehicles,
    (count(*) FILTER (WHERE v.status = 'active'))::numeric AS active,
    (count(*) FILTER (WHERE v.status = 'active' AND v.is_used))::numeric AS in_use,
    (count(*) FILTER (WHERE v.status = 'active' AND NOT v.is_used))::numeric AS available,
    (count(*) FILTER (WHERE v.status <> 'active'))::numeric AS unavailable
FROM v
GROUP BY GROUPING SETS ((), (v.vehicle_type), (v.city), (v.status))";

/// Years since a vehicle was bought, or since its model year began where that is not known.
const AGE: &str = "WITH v AS (
    SELECT f.vehicle_type,
        ($3::date - coalesce(f.purchased_on, make_date(f.year::int, 1, 1)))::numeric / 365.25 AS age_years
    FROM fleet.vehicle_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'retired'
        AND $2::date IS NOT NULL AND $4::text IS NOT NULL
), banded AS (
    SELECT v.vehicle_type, v.age_years,
        CASE WHEN v.age_years IS NULL THEN 'unknown' WHEN v.age_years < 1 THEN '0-1' WHEN v.age_years < 3 THEN '1-3'
            WHEN v.age_years < 5 THEN '3-5' WHEN v.age_years < 8 THEN '5-8' ELSE '8+' END AS band
    FROM v
)
SELECT CASE
        WHEN grouping(b.vehicle_type) = 0 THEN 'vehicle_type'
        WHEN grouping(b.band) = 0 THEN 'age_band'
        ELSE 'total' END AS section,
    coalesce(b.vehicle_type, b.band, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS vehicles,
    count(b.age_years)::numeric AS with_age,
    avg(b.age_years) AS average_years,
    max(b.age_years) AS oldest_years,
    min(b.age_years) AS newest_years,
    (SELECT count(*) FROM banded)::numeric AS all_vehicles
FROM banded b
GROUP BY GROUPING SETS ((), (b.vehicle_type), (b.band))";

/// The way of a vehicle is the span of its odometer between the first and the last fill of the period; what the first fill
/// brought was burnt before it. Electric vehicles have no litres.
const FUEL: &str = "WITH f AS (
    SELECT u.vehicle_id, u.day, to_char(u.day, 'YYYY-MM') AS month, u.volume_l, u.cost, u.odometer_km, v.vehicle_type,
        coalesce(v.plate_number, v.internal_number) AS title,
        row_number() OVER (PARTITION BY u.vehicle_id ORDER BY u.odometer_km) AS place
    FROM fleet.fuel_facts u
    JOIN fleet.vehicle_facts v ON v.organization_id = $1 AND v.id = u.vehicle_id
    WHERE u.organization_id = $1 AND NOT u.is_electric AND u.day >= $2::date AND u.day <= $3::date AND $4::text IS NOT NULL
), spans AS (
    SELECT f.vehicle_id, f.vehicle_type, max(f.title) AS title, count(*) AS fills, sum(f.volume_l) AS volume_l,
        sum(f.cost) AS cost, nullif(max(f.odometer_km) - min(f.odometer_km), 0) AS distance_km,
        sum(f.volume_l) FILTER (WHERE f.odometer_km IS NOT NULL AND f.place > 1) AS volume_of_distance_l
    FROM f
    GROUP BY f.vehicle_id, f.vehicle_type
)
SELECT CASE
        WHEN grouping(s.vehicle_id) = 0 THEN 'vehicle'
        WHEN grouping(s.vehicle_type) = 0 THEN 'vehicle_type'
        ELSE 'total' END AS section,
    coalesce(s.vehicle_id::text, s.vehicle_type, '') AS key,
    CASE WHEN grouping(s.vehicle_id) = 0 THEN max(s.title) END AS title,
    sum(s.volume_l) AS volume_l,
    sum(s.cost) AS cost,
    sum(s.fills) AS fills,
    sum(s.distance_km) AS distance_km,
    sum(s.volume_of_distance_l) FILTER (WHERE s.distance_km IS NOT NULL) AS volume_of_distance_l,
    sum(s.cost) FILTER (WHERE s.distance_km IS NOT NULL) AS cost_of_distance
FROM spans s
GROUP BY GROUPING SETS ((), (s.vehicle_id), (s.vehicle_type))
UNION ALL
SELECT CASE WHEN grouping(f.month) = 0 THEN 'month' ELSE 'day' END, coalesce(f.month, f.day::text), NULL::text,
    sum(f.volume_l), sum(f.cost), count(*)::numeric, NULL::numeric, NULL::numeric, NULL::numeric
FROM f
GROUP BY GROUPING SETS ((f.month), (f.day))";

/// Work that was finished in the period. What is routine, preventive, an inspection, a recall or an upgrade was planned.
const MAINTENANCE: &str = "WITH m AS (
    SELECT f.vehicle_id, f.maintenance_type, f.service_provider, f.labor_cost, f.parts_cost, f.tax_amount,
        f.discount_amount, f.total_cost, f.maintenance_type NOT IN ('corrective', 'breakdown') AS is_planned,
        (f.completed_at AT TIME ZONE $4::text)::date AS day, to_char(f.completed_at AT TIME ZONE $4::text, 'YYYY-MM') AS month,
        coalesce(v.plate_number, v.internal_number) AS title
    FROM fleet.maintenance_facts f
    JOIN fleet.vehicle_facts v ON v.organization_id = $1 AND v.id = f.vehicle_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status = 'completed'
        AND f.completed_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.completed_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT CASE
        WHEN grouping(m.vehicle_id) = 0 THEN 'vehicle'
        WHEN grouping(m.maintenance_type) = 0 THEN 'maintenance_type'
        WHEN grouping(m.service_provider) = 0 THEN 'service_provider'
        WHEN grouping(m.month) = 0 THEN 'month'
        WHEN grouping(m.day) = 0 THEN 'day'
        ELSE 'total' END AS section,
    coalesce(m.vehicle_id::text, m.maintenance_type, m.service_provider, m.month, m.day::text, '') AS key,
    CASE WHEN grouping(m.vehicle_id) = 0 THEN max(m.title) END AS title,
    sum(m.total_cost) AS cost,
    sum(m.labor_cost) AS labor,
    sum(m.parts_cost) AS parts,
    sum(m.tax_amount) AS tax,
    sum(m.discount_amount) AS discount,
    count(*)::numeric AS events,
    (count(*) FILTER (WHERE m.is_planned))::numeric AS planned,
    (count(*) FILTER (WHERE NOT m.is_planned))::numeric AS unplanned,
    count(DISTINCT m.vehicle_id)::numeric AS vehicles
FROM m
GROUP BY GROUPING SETS ((), (m.vehicle_id), (m.maintenance_type), (m.service_provider), (m.month), (m.day))";

/// Hours of the period in which a vehicle stood for maintenance, from its start until its end, or until the period's where it goes on.
const DOWNTIME: &str = "WITH bounds AS (
    SELECT ($2::date)::timestamp AT TIME ZONE $4::text AS first,
        ($3::date + 1)::timestamp AT TIME ZONE $4::text AS last
), m AS (
    SELECT f.vehicle_id, f.maintenance_type, coalesce(v.plate_number, v.internal_number) AS title,
        date_part('epoch', least(coalesce(f.completed_at, b.last), b.last) - greatest(f.started_at, b.first))::numeric / 3600
            AS hours
    FROM fleet.maintenance_facts f
    JOIN fleet.vehicle_facts v ON v.organization_id = $1 AND v.id = f.vehicle_id
    CROSS JOIN bounds b
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'cancelled' AND f.started_at < b.last
        AND coalesce(f.completed_at, b.last) > b.first
), fleet AS (
    SELECT count(*)::numeric AS vehicles
    FROM fleet.vehicle_facts v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
)
SELECT CASE
        WHEN grouping(m.vehicle_id) = 0 THEN 'vehicle'
        WHEN grouping(m.maintenance_type) = 0 THEN 'maintenance_type'
        ELSE 'total' END AS section,
    coalesce(m.vehicle_id::text, m.maintenance_type, '') AS key,
    CASE WHEN grouping(m.vehicle_id) = 0 THEN max(m.title) END AS title,
    sum(m.hours) AS hours,
    count(*)::numeric AS stands,
    count(DISTINCT m.vehicle_id)::numeric AS vehicles_affected,
    CASE WHEN grouping(m.vehicle_id) = 0 THEN 1 ELSE (SELECT f.vehicles FROM fleet f) END
        * (SELECT date_part('epoch', b.last - b.first)::numeric / 3600 FROM bounds b) AS fleet_hours
FROM m
GROUP BY GROUPING SETS ((), (m.vehicle_id), (m.maintenance_type))";

/// Fuel, finished maintenance, leases and depreciation. A lease costs by the day of a month of 30.4375 days, and so many
/// days of a year does a vehicle lose its yearly share of the purchase price.
const COSTS: &str = "WITH v AS (
    SELECT f.id, f.vehicle_type, coalesce(f.plate_number, f.internal_number) AS title,
        coalesce(f.monthly_lease_cost, 0)::numeric * ($3::date - $2::date + 1) / 30.4375 AS lease,
        coalesce(f.purchase_price * f.depreciation_rate_percent / 100, 0) * ($3::date - $2::date + 1) / 365.25 AS depreciation
    FROM fleet.vehicle_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'retired'
), fuel AS (
    SELECT u.vehicle_id, sum(u.cost) AS cost, nullif(max(u.odometer_km) - min(u.odometer_km), 0) AS distance_km
    FROM fleet.fuel_facts u
    WHERE u.organization_id = $1 AND u.day >= $2::date AND u.day <= $3::date
    GROUP BY u.vehicle_id
), work AS (
    SELECT m.vehicle_id, sum(m.total_cost) AS cost
    FROM fleet.maintenance_facts m
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.status = 'completed'
        AND m.completed_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND m.completed_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
    GROUP BY m.vehicle_id
), costs AS (
    SELECT v.id, v.vehicle_type, v.title, coalesce(fuel.cost, 0) AS fuel, coalesce(work.cost, 0) AS maintenance, v.lease,
        v.depreciation, fuel.distance_km
    FROM v
    LEFT JOIN fuel ON fuel.vehicle_id = v.id
    LEFT JOIN work ON work.vehicle_id = v.id
)
SELECT CASE
        WHEN grouping(c.id) = 0 THEN 'vehicle'
        WHEN grouping(c.vehicle_type) = 0 THEN 'vehicle_type'
        ELSE 'total' END AS section,
    coalesce(c.id::text, c.vehicle_type, '') AS key,
    CASE WHEN grouping(c.id) = 0 THEN max(c.title) END AS title,
    sum(c.fuel + c.maintenance + c.lease + c.depreciation) AS cost,
    sum(c.fuel) AS fuel,
    sum(c.maintenance) AS maintenance,
    sum(c.lease) AS lease,
    sum(c.depreciation) AS depreciation,
    count(*)::numeric AS vehicles,
    sum(c.distance_km) AS distance_km,
    sum(c.fuel + c.maintenance + c.lease + c.depreciation) FILTER (WHERE c.distance_km IS NOT NULL) AS cost_of_distance
FROM costs c
GROUP BY GROUPING SETS ((), (c.id), (c.vehicle_type))";

const VEHICLE: (&str, &str) = ("vehicle", "fleet.vehicles");

pub(crate) const REPORTS: &[Report] = &[
    Report {
        name: "fleet_utilization",
        area: Area::Fleet,
        title: words("Fleet utilization", "استغلال الأسطول"),
        summary: "Days on which vehicles were assigned to somebody, of all days, by day, vehicle and type",
        statement: UTILIZATION,
        figures: &[
            count("vehicles", "Vehicles", "المركبات"),
            measure("used_days", "Assigned days", "أيام الإسناد", Unit::Days),
            measure("idle_days", "Idle days", "أيام التوقف", Unit::Days),
            share(
                "utilization_percent",
                words("Utilization", "نسبة الاستغلال"),
                "used_days",
                "vehicle_days",
            ),
        ],
        resources: &[VEHICLE],
    },
    Report {
        name: "fleet_availability",
        area: Area::Fleet,
        title: words("Fleet availability", "جاهزية الأسطول"),
        summary: "Vehicles in use, free and out of service on the last day, by type, city and state",
        statement: AVAILABILITY,
        figures: &[
            count("vehicles", "Vehicles", "المركبات"),
            count("in_use", "In use", "قيد الاستخدام"),
            count("available", "Free", "متاحة"),
            count("unavailable", "Out of service", "خارج الخدمة"),
            share(
                "availability_percent",
                words("Availability", "نسبة الجاهزية"),
                "active",
                "vehicles",
            ),
        ],
        resources: &[],
    },
    Report {
        name: "fleet_age",
        area: Area::Fleet,
        title: words("Fleet age", "عمر الأسطول"),
        summary: "Years since purchase or model year: mean, oldest and newest, by type and age band",
        statement: AGE,
        figures: &[
            count("vehicles", "Vehicles", "المركبات"),
            measure("average_years", "Average age", "متوسط العمر", Unit::Years),
            measure("oldest_years", "Oldest", "الأقدم", Unit::Years),
            measure("newest_years", "Newest", "الأحدث", Unit::Years),
            share("share_percent", words("Share", "الحصة"), "vehicles", "all_vehicles"),
        ],
        resources: &[],
    },
    Report {
        name: "fuel_efficiency",
        area: Area::Fleet,
        title: words("Fuel efficiency", "كفاءة الوقود"),
        summary: "Litres, cost, distance by odometer, kilometres a litre and cost a kilometre, by vehicle, type, month and day",
        statement: FUEL,
        figures: &[
            money("cost", "Cost", "التكلفة"),
            measure("volume_l", "Litres", "اللترات", Unit::Number),
            count("fills", "Fills", "التعبئات"),
            measure("distance_km", "Distance", "المسافة", Unit::Kilometres),
            per(
                "km_per_l",
                words("Kilometres a litre", "كم لكل لتر"),
                Unit::Number,
                "distance_km",
                "volume_of_distance_l",
            ),
            per(
                "cost_per_km",
                words("Cost a kilometre", "تكلفة الكيلومتر"),
                Unit::Money,
                "cost_of_distance",
                "distance_km",
            ),
            per(
                "price_per_l",
                words("Price of a litre", "سعر اللتر"),
                Unit::Money,
                "cost",
                "volume_l",
            ),
        ],
        resources: &[VEHICLE],
    },
    Report {
        name: "maintenance_costs",
        area: Area::Fleet,
        title: words("Maintenance costs", "تكاليف الصيانة"),
        summary: "Cost of finished maintenance by part, planned and unplanned, by vehicle, type, provider, month and day",
        statement: MAINTENANCE,
        figures: &[
            money("cost", "Cost", "التكلفة"),
            money("labor", "Labour", "العمالة"),
            money("parts", "Parts", "القطع"),
            money("tax", "Tax", "الضريبة"),
            money("discount", "Discount", "الخصم"),
            count("events", "Jobs", "الأعمال"),
            count("unplanned", "Unplanned", "غير مخطط"),
            share("planned_percent", words("Planned", "المخطط"), "planned", "events"),
            per(
                "cost_per_vehicle",
                words("Cost of a vehicle", "تكلفة المركبة"),
                Unit::Money,
                "cost",
                "vehicles",
            ),
        ],
        resources: &[VEHICLE],
    },
    Report {
        name: "fleet_downtime",
        area: Area::Fleet,
        title: words("Downtime", "فترات التوقف"),
        summary: "Hours that vehicles stood for maintenance, of all hours of the fleet, by vehicle and kind",
        statement: DOWNTIME,
        figures: &[
            measure("hours", "Hours", "الساعات", Unit::Hours),
            count("stands", "Stands", "مرات التوقف"),
            count("vehicles_affected", "Vehicles affected", "المركبات المتأثرة"),
            per(
                "hours_per_vehicle",
                words("Hours of a vehicle", "ساعات المركبة"),
                Unit::Hours,
                "hours",
                "vehicles_affected",
            ),
            share(
                "downtime_percent",
                words("Downtime", "نسبة التوقف"),
                "hours",
                "fleet_hours",
            ),
        ],
        resources: &[VEHICLE],
    },
    Report {
        name: "fleet_costs",
        area: Area::Fleet,
        title: words("Fleet costs", "تكاليف الأسطول"),
        summary: "Fuel, maintenance, leases and depreciation, for a vehicle and a kilometre, by vehicle and type",
        statement: COSTS,
        figures: &[
            money("cost", "Cost", "التكلفة"),
            money("fuel", "Fuel", "الوقود"),
            money("maintenance", "Maintenance", "الصيانة"),
            money("lease", "Leases", "الإيجار"),
            money("depreciation", "Depreciation", "الإهلاك"),
            per(
                "cost_per_vehicle",
                words("Cost of a vehicle", "تكلفة المركبة"),
                Unit::Money,
                "cost",
                "vehicles",
            ),
            per(
                "cost_per_km",
                words("Cost a kilometre", "تكلفة الكيلومتر"),
                Unit::Money,
                "cost_of_distance",
                "distance_km",
            ),
            figure_of(
                "running_cost",
                words("Without depreciation", "دون الإهلاك"),
                Unit::Money,
                Formula::Less("cost", "depreciation"),
            ),
        ],
        resources: &[VEHICLE],
    },
];
