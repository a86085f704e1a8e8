//! Reports across the company.

use super::{Area, Report, Unit, count, measure, money, per, share, words};

/// One row: everything of a period. Fleet and people are as they are on the last day.
const SUMMARY: &str = "WITH d AS (
    SELECT f.status, f.on_time, f.delivery_fee, f.courier_id,
        date_part('epoch', f.delivered_at - f.ordered_at)::numeric / 60 AS total_minutes
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL
        AND f.ordered_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.ordered_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
), done AS (
    SELECT count(*)::numeric AS deliveries,
        (count(*) FILTER (WHERE d.status = 'delivered'))::numeric AS delivered,
        (count(*) FILTER (WHERE d.status = 'failed'))::numeric AS failed,
        (count(*) FILTER (WHERE d.status IN ('delivered', 'failed', 'returned')))::numeric AS finished,
        (count(*) FILTER (WHERE d.status = 'delivered' AND d.on_time))::numeric AS on_time,
        (count(d.on_time) FILTER (WHERE d.status = 'delivered'))::numeric AS promised,
        avg(d.total_minutes) FILTER (WHERE d.status = 'delivered') AS average_minutes,
        sum(d.delivery_fee) FILTER (WHERE d.status = 'delivered') AS revenue,
        count(DISTINCT d.courier_id)::numeric AS couriers_at_work
    FROM d
), people AS (
    SELECT count(*)::numeric AS couriers, (count(*) FILTER (WHERE c.status = 'active'))::numeric AS active_couriers
    FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated'
), machines AS (
    SELECT count(*)::numeric AS vehicles, (count(*) FILTER (WHERE v.status = 'active'))::numeric AS active_vehicles
    FROM fleet.vehicle_facts v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL AND v.status <> 'retired'
), said AS (
    SELECT count(f.overall_rating)::numeric AS ratings, sum(f.overall_rating)::numeric AS stars
    FROM operations.feedback_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL
        AND f.submitted_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.submitted_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT 'total' AS section, '' AS key, NULL::text AS title,
    done.deliveries AS deliveries, done.delivered AS delivered, done.failed AS failed, done.finished AS finished,
    done.on_time AS on_time, done.promised AS promised, done.average_minutes AS average_minutes,
    done.revenue AS revenue, done.couriers_at_work AS couriers_at_work,
    people.couriers AS couriers, people.active_couriers AS active_couriers,
    machines.vehicles AS vehicles, machines.active_vehicles AS active_vehicles,
    said.ratings AS ratings, said.stars AS stars
FROM done
CROSS JOIN people
CROSS JOIN machines
CROSS JOIN said";

const COURIER_PERFORMANCE: &str = "SELECT CASE
        WHEN grouping(p.performed_on) = 0 THEN 'day'
        WHEN grouping(p.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(p.performed_on::text, p.courier_id::text, '') AS key,
    max(c.full_name) FILTER (WHERE c.id = p.courier_id) AS title,
    sum(p.orders_completed) AS completed,
    sum(p.orders_failed) AS failed,
    sum(p.orders_completed + p.orders_failed) AS finished,
    sum(p.on_time_deliveries) AS on_time,
    sum(p.on_time_deliveries + p.late_deliveries) AS promised,
    sum(p.working_hours) AS working_hours,
    sum(p.orders_completed) FILTER (WHERE p.working_hours > 0) AS completed_in_hours,
    sum(p.distance_km) AS distance_km,
    sum(p.revenue) AS revenue,
    sum(p.cod_collected) AS cod_collected,
    avg(p.average_rating) AS average_rating,
    avg(p.efficiency_score) AS efficiency_score,
    count(DISTINCT p.courier_id)::numeric AS couriers
FROM analytics.performance_data p
JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = p.courier_id
WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.performed_on >= $2::date AND p.performed_on <= $3::date
    AND $4::text IS NOT NULL
GROUP BY GROUPING SETS ((), (p.performed_on), (p.courier_id))";

pub(crate) const REPORTS: &[Report] = &[
    Report {
        name: "overview_summary",
        area: Area::Overview,
        title: words("Summary", "ملخص"),
        summary: "Deliveries, punctuality, revenue, couriers, vehicles and ratings of a period at a glance",
        statement: SUMMARY,
        figures: &[
            count("deliveries", "Deliveries", "التوصيلات"),
            count("delivered", "Delivered", "تم التوصيل"),
            count("failed", "Failed", "فشلت"),
            share(
                "success_percent",
                words("Success rate", "نسبة النجاح"),
                "delivered",
                "finished",
            ),
            share("on_time_percent", words("On time", "في الموعد"), "on_time", "promised"),
            measure("average_minutes", "Average time", "متوسط الوقت", Unit::Minutes),
            money("revenue", "Revenue", "الإيراد"),
            per(
                "revenue_per_delivery",
                words("Revenue of a delivery", "إيراد التوصيلة"),
                Unit::Money,
                "revenue",
                "delivered",
            ),
            count("couriers", "Couriers", "المناديب"),
            count("active_couriers", "Active couriers", "المناديب النشطون"),
            count("couriers_at_work", "Couriers at work", "المناديب العاملون"),
            per(
                "deliveries_per_courier",
                words("Deliveries of a courier", "توصيلات المندوب"),
                Unit::Number,
                "delivered",
                "couriers_at_work",
            ),
            count("vehicles", "Vehicles", "المركبات"),
            count("active_vehicles", "Active vehicles", "المركبات النشطة"),
            per(
                "average_rating",
                words("Average rating", "متوسط التقييم"),
                Unit::Number,
                "stars",
                "ratings",
            ),
        ],
        resources: &[],
    },
    Report {
        name: "courier_performance",
        area: Area::Operations,
        title: words("Courier performance", "أداء المناديب"),
        summary: "Orders, punctuality, pace, distance and revenue of couriers from their stored days, by day and courier",
        statement: COURIER_PERFORMANCE,
        figures: &[
            count("completed", "Completed", "مكتملة"),
            count("failed", "Failed", "فشلت"),
            share(
                "success_percent",
                words("Success rate", "نسبة النجاح"),
                "completed",
                "finished",
            ),
            share("on_time_percent", words("On time", "في الموعد"), "on_time", "promised"),
            measure("working_hours", "Hours", "الساعات", Unit::Hours),
            per(
                "per_hour",
                words("Orders an hour", "الطلبات في الساعة"),
                Unit::Number,
                "completed_in_hours",
                "working_hours",
            ),
            measure("distance_km", "Distance", "المسافة", Unit::Kilometres),
            money("revenue", "Revenue", "الإيراد"),
            per(
                "revenue_per_order",
                words("Revenue of an order", "إيراد الطلب"),
                Unit::Money,
                "revenue",
                "completed",
            ),
            money("cod_collected", "Cash collected", "النقد المحصّل"),
            measure("average_rating", "Average rating", "متوسط التقييم", Unit::Number),
            measure("efficiency_score", "Efficiency", "الكفاءة", Unit::Number),
            count("couriers", "Couriers", "المناديب"),
        ],
        resources: &[("courier", "fleet.couriers")],
    },
];
