//! Reports of deliveries, incidents and what customers say.

use super::{Area, Figure, Formula, Report, Unit, count, figure_of, measure, money, per, share, words};

/// Deliveries ordered in a period, by the organization's day. What is finished was delivered, failed or returned.
macro_rules! deliveries {
    () => {
        "WITH d AS (
    SELECT f.courier_id, f.zone_id, f.status, coalesce(f.platform, '') AS platform, f.on_time,
        f.delivery_fee, f.cod_amount, f.distance_km, f.failure_reason, f.attempt_count,
        (f.ordered_at AT TIME ZONE $4::text)::date AS day,
        date_part('hour', f.ordered_at AT TIME ZONE $4::text)::int AS hour,
        date_part('dow', f.ordered_at AT TIME ZONE $4::text)::int AS weekday,
        date_part('epoch', f.delivered_at - f.ordered_at)::numeric / 60 AS total_minutes
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL
        AND f.ordered_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.ordered_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
"
    };
}

const DELIVERY_SUCCESS: &str = concat!(
    deliveries!(),
    "SELECT CASE
        WHEN grouping(d.day) = 0 THEN 'day'
        WHEN grouping(d.zone_id) = 0 THEN 'zone'
        WHEN grouping(d.courier_id) = 0 THEN 'courier'
        WHEN grouping(d.platform) = 0 THEN 'platform'
        WHEN grouping(d.failure_reason) = 0 THEN 'failure_reason'
        ELSE 'total' END AS section,
    coalesce(d.day::text, d.zone_id::text, d.courier_id::text, d.platform, d.failure_reason, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS deliveries,
    (count(*) FILTER (WHERE d.status = 'delivered'))::numeric AS delivered,
    (count(*) FILTER (WHERE d.status = 'failed'))::numeric AS failed,
    (count(*) FILTER (WHERE d.status = 'returned'))::numeric AS returned,
    (count(*) FILTER (WHERE d.status = 'cancelled'))::numeric AS cancelled,
    (count(*) FILTER (WHERE d.status IN ('delivered', 'failed', 'returned')))::numeric AS finished,
    (count(*) FILTER (WHERE d.status = 'delivered' AND d.attempt_count <= 1))::numeric AS first_attempt
FROM d
GROUP BY GROUPING SETS ((), (d.day), (d.zone_id), (d.courier_id), (d.platform), (d.failure_reason))"
);

const ON_TIME: &str = concat!(
    deliveries!(),
    "SELECT CASE
        WHEN grouping(d.day) = 0 THEN 'day'
        WHEN grouping(d.zone_id) = 0 THEN 'zone'
        WHEN grouping(d.courier_id) = 0 THEN 'courier'
        WHEN grouping(d.hour) = 0 THEN 'hour'
        ELSE 'total' END AS section,
    coalesce(d.day::text, d.zone_id::text, d.courier_id::text, lpad(d.hour::text, 2, '0'), '') AS key,
    NULL::text AS title,
    count(*)::numeric AS delivered,
    (count(*) FILTER (WHERE d.on_time))::numeric AS on_time,
    (count(*) FILTER (WHERE NOT d.on_time))::numeric AS late,
    count(d.on_time)::numeric AS promised
FROM d
WHERE d.status = 'delivered'
GROUP BY GROUPING SETS ((), (d.day), (d.zone_id), (d.courier_id), (d.hour))"
);

const DELIVERY_TIME: &str = concat!(
    deliveries!(),
    "SELECT CASE
        WHEN grouping(d.day) = 0 THEN 'day'
        WHEN grouping(d.zone_id) = 0 THEN 'zone'
        WHEN grouping(d.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(d.day::text, d.zone_id::text, d.courier_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS delivered,
    avg(d.total_minutes) AS average_minutes,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY d.total_minutes))::numeric AS median_minutes,
    (percentile_cont(0.9) WITHIN GROUP (ORDER BY d.total_minutes))::numeric AS p90_minutes,
    avg(d.distance_km) AS average_distance_km
FROM d
WHERE d.status = 'delivered' AND d.total_minutes >= 0
GROUP BY GROUPING SETS ((), (d.day), (d.zone_id), (d.courier_id))"
);

const ZONES: &str = concat!(
    deliveries!(),
    "SELECT CASE WHEN grouping(d.zone_id) = 0 THEN 'zone' ELSE 'total' END AS section,
    coalesce(d.zone_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS deliveries,
    (count(*) FILTER (WHERE d.status = 'delivered'))::numeric AS delivered,
    (count(*) FILTER (WHERE d.status IN ('delivered', 'failed', 'returned')))::numeric AS finished,
    (count(*) FILTER (WHERE d.on_time AND d.status = 'delivered'))::numeric AS on_time,
    (count(d.on_time) FILTER (WHERE d.status = 'delivered'))::numeric AS promised,
    avg(d.total_minutes) FILTER (WHERE d.status = 'delivered') AS average_minutes,
    sum(d.delivery_fee) FILTER (WHERE d.status = 'delivered') AS revenue
FROM d
GROUP BY GROUPING SETS ((), (d.zone_id))"
);

const PEAK_HOURS: &str = concat!(
    deliveries!(),
    "SELECT CASE
        WHEN grouping(d.hour) = 0 THEN 'hour'
        WHEN grouping(d.weekday) = 0 THEN 'weekday'
        ELSE 'total' END AS section,
    coalesce(lpad(d.hour::text, 2, '0'), d.weekday::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS deliveries,
    (SELECT count(*) FROM d)::numeric AS all_deliveries,
    count(DISTINCT d.day)::numeric AS days
FROM d
GROUP BY GROUPING SETS ((), (d.hour), (d.weekday))"
);

/// A courier's usual day is what nine of ten days of couriers do not exceed: measured, not assumed.
const CAPACITY: &str = concat!(
    deliveries!(),
    ", worked AS (
    SELECT d.day, d.courier_id, count(*) AS deliveries
    FROM d
    WHERE d.courier_id IS NOT NULL
    GROUP BY d.day, d.courier_id
), usual AS (
    SELECT (percentile_cont(0.9) WITHIN GROUP (ORDER BY w.deliveries))::numeric AS deliveries FROM worked w
)
SELECT CASE WHEN grouping(w.day) = 0 THEN 'day' ELSE 'total' END AS section,
    coalesce(w.day::text, '') AS key,
    NULL::text AS title,
    sum(w.deliveries) AS deliveries,
    count(*)::numeric AS courier_days,
    count(DISTINCT w.courier_id)::numeric AS couriers,
    count(*) * (SELECT u.deliveries FROM usual u) AS capacity
FROM worked w
GROUP BY GROUPING SETS ((), (w.day))"
);

const INCIDENTS: &str = "WITH i AS (
    SELECT f.incident_type, f.severity, f.status, f.courier_id, f.incident_on AS day, f.cost
    FROM operations.incident_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.incident_on >= $2::date AND f.incident_on <= $3::date
), d AS (
    SELECT count(*)::numeric AS deliveries
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL
        AND f.ordered_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.ordered_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT CASE
        WHEN grouping(i.incident_type) = 0 THEN 'incident_type'
        WHEN grouping(i.severity) = 0 THEN 'severity'
        WHEN grouping(i.day) = 0 THEN 'day'
        WHEN grouping(i.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(i.incident_type, i.severity, i.day::text, i.courier_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS incidents,
    (count(*) FILTER (WHERE i.status IN ('resolved', 'closed')))::numeric AS resolved,
    (count(*) FILTER (WHERE i.status NOT IN ('resolved', 'closed')))::numeric AS pending,
    sum(i.cost) AS cost,
    (SELECT d.deliveries / 1000 FROM d) AS thousand_deliveries
FROM i
GROUP BY GROUPING SETS ((), (i.incident_type), (i.severity), (i.day), (i.courier_id))";

/// Who gives five of five promotes, who gives three or less does not: the difference of both shares is the score.
const SATISFACTION: &str = "WITH f AS (
    SELECT v.overall_rating AS rating, v.feedback_type, v.courier_id, v.is_complaint,
        (v.submitted_at AT TIME ZONE $4::text)::date AS day
    FROM operations.feedback_facts v
    WHERE v.organization_id = $1 AND v.deleted_at IS NULL
        AND v.submitted_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND v.submitted_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT CASE
        WHEN grouping(f.day) = 0 THEN 'day'
        WHEN grouping(f.rating) = 0 THEN 'rating'
        WHEN grouping(f.feedback_type) = 0 THEN 'feedback_type'
        WHEN grouping(f.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(f.day::text, f.rating::text, f.feedback_type, f.courier_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS feedbacks,
    count(f.rating)::numeric AS ratings,
    sum(f.rating)::numeric AS stars,
    (count(*) FILTER (WHERE f.rating >= 4))::numeric AS satisfied,
    ((count(*) FILTER (WHERE f.rating >= 5)) - (count(*) FILTER (WHERE f.rating <= 3)))::numeric AS promoters_less_detractors,
    (count(*) FILTER (WHERE f.is_complaint))::numeric AS complaints
FROM f
GROUP BY GROUPING SETS ((), (f.day), (f.rating), (f.feedback_type), (f.courier_id))";

/// Clocks that were started in the period. One that runs on and has not passed its target is neither met nor breached.
const SLA: &str = "WITH s AS (
    SELECT f.status, f.courier_id, coalesce(f.sla_name, '') AS sla, coalesce(f.breach_severity, '') AS breach_severity,
        f.breached_at IS NOT NULL AS is_breached, f.completed_at IS NOT NULL AS is_completed,
        f.breach_duration_minutes AS breach_minutes, f.penalty_applied,
        (f.started_at AT TIME ZONE $4::text)::date AS day
    FROM operations.sla_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status <> 'expired'
        AND f.started_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.started_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT CASE
        WHEN grouping(s.day) = 0 THEN 'day'
        WHEN grouping(s.sla) = 0 THEN 'sla'
        WHEN grouping(s.courier_id) = 0 THEN 'courier'
        WHEN grouping(s.breach_severity) = 0 THEN 'breach_severity'
        ELSE 'total' END AS section,
    coalesce(s.day::text, s.sla, s.courier_id::text, s.breach_severity, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS clocks,
    (count(*) FILTER (WHERE s.is_completed AND NOT s.is_breached))::numeric AS met,
    (count(*) FILTER (WHERE s.is_breached))::numeric AS breached,
    (count(*) FILTER (WHERE s.is_completed OR s.is_breached))::numeric AS decided,
    avg(s.breach_minutes) FILTER (WHERE s.is_breached) AS breach_minutes,
    sum(s.penalty_applied) AS penalties
FROM s
GROUP BY GROUPING SETS ((), (s.day), (s.sla), (s.courier_id), (s.breach_severity))";

const ZONE: (&str, &str) = ("zone", "operations.zones");
const COURIER: (&str, &str) = ("courier", "fleet.couriers");

const DELIVERED: Figure = count("delivered", "Delivered", "تم التوصيل");
const SUCCESS: Figure = share(
    "success_percent",
    words("Success rate", "نسبة النجاح"),
    "delivered",
    "finished",
);
const IN_TIME: Figure = share("on_time_percent", words("On time", "في الموعد"), "on_time", "promised");
const AVERAGE_TIME: Figure = measure("average_minutes", "Average time", "متوسط الوقت", Unit::Minutes);
const DELIVERIES: Figure = count("deliveries", "Deliveries", "التوصيلات");

pub(crate) const REPORTS: &[Report] = &[
    Report {
        name: "delivery_success",
        area: Area::Operations,
        title: words("Delivery success", "نجاح التوصيل"),
        summary: "Delivered, failed, returned and cancelled deliveries with success rates by day, zone, courier, platform and reason",
        statement: DELIVERY_SUCCESS,
        figures: &[
            DELIVERIES,
            DELIVERED,
            count("failed", "Failed", "فشلت"),
            count("returned", "Returned", "أُرجعت"),
            count("cancelled", "Cancelled", "أُلغيت"),
            SUCCESS,
            share(
                "first_attempt_percent",
                words("First attempt", "من المحاولة الأولى"),
                "first_attempt",
                "finished",
            ),
        ],
        resources: &[ZONE, COURIER],
    },
    Report {
        name: "on_time_delivery",
        area: Area::Operations,
        title: words("On-time delivery", "التوصيل في الموعد"),
        summary: "Deliveries in time and late, of those for which a time was promised, by day, zone, courier and hour",
        statement: ON_TIME,
        figures: &[
            DELIVERED,
            count("promised", "With a promised time", "بموعد محدد"),
            count("on_time", "On time", "في الموعد"),
            count("late", "Late", "متأخرة"),
            IN_TIME,
        ],
        resources: &[ZONE, COURIER],
    },
    Report {
        name: "delivery_time",
        area: Area::Operations,
        title: words("Delivery time", "زمن التوصيل"),
        summary: "Minutes from order to delivery: mean, median and the time within which nine of ten arrive, by day, zone and courier",
        statement: DELIVERY_TIME,
        figures: &[
            DELIVERED,
            AVERAGE_TIME,
            measure("median_minutes", "Median time", "وسيط الوقت", Unit::Minutes),
            measure("p90_minutes", "Nine of ten within", "تسعة من عشرة خلال", Unit::Minutes),
            measure(
                "average_distance_km",
                "Average distance",
                "متوسط المسافة",
                Unit::Kilometres,
            ),
        ],
        resources: &[ZONE, COURIER],
    },
    Report {
        name: "zone_performance",
        area: Area::Operations,
        title: words("Zone performance", "أداء المناطق"),
        summary: "Deliveries, success, punctuality, time and revenue of each zone",
        statement: ZONES,
        figures: &[
            DELIVERIES,
            DELIVERED,
            SUCCESS,
            IN_TIME,
            AVERAGE_TIME,
            money("revenue", "Revenue", "الإيراد"),
        ],
        resources: &[ZONE],
    },
    Report {
        name: "peak_hours",
        area: Area::Operations,
        title: words("Peak hours", "ساعات الذروة"),
        summary: "Deliveries by hour of the day and day of the week (0 is Sunday)",
        statement: PEAK_HOURS,
        figures: &[
            DELIVERIES,
            share("share_percent", words("Share", "الحصة"), "deliveries", "all_deliveries"),
            per(
                "per_day",
                words("On a day", "في اليوم"),
                Unit::Number,
                "deliveries",
                "days",
            ),
        ],
        resources: &[],
    },
    Report {
        name: "capacity_utilization",
        area: Area::Operations,
        title: words("Capacity", "الطاقة الاستيعابية"),
        summary: "Deliveries against what the couriers who worked could have done: as many as nine of ten courier days reach",
        statement: CAPACITY,
        figures: &[
            DELIVERIES,
            count("couriers", "Couriers at work", "المناديب العاملون"),
            measure("capacity", "Capacity", "الطاقة", Unit::Number),
            share(
                "utilization_percent",
                words("Utilization", "نسبة الاستغلال"),
                "deliveries",
                "capacity",
            ),
            per(
                "per_courier_day",
                words("For a courier and day", "لكل مندوب في اليوم"),
                Unit::Number,
                "deliveries",
                "courier_days",
            ),
        ],
        resources: &[],
    },
    Report {
        name: "incident_rates",
        area: Area::Operations,
        title: words("Incidents", "الحوادث والبلاغات"),
        summary: "Incidents by type, severity, day and courier, and for each thousand deliveries",
        statement: INCIDENTS,
        figures: &[
            count("incidents", "Incidents", "البلاغات"),
            count("resolved", "Resolved", "محلولة"),
            count("pending", "Pending", "معلّقة"),
            money("cost", "Cost", "التكلفة"),
            per(
                "per_thousand",
                words("For a thousand deliveries", "لكل ألف توصيلة"),
                Unit::Number,
                "incidents",
                "thousand_deliveries",
            ),
            share(
                "resolved_percent",
                words("Resolved of a hundred", "نسبة الحل"),
                "resolved",
                "incidents",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "customer_satisfaction",
        area: Area::Operations,
        title: words("Customer satisfaction", "رضا العملاء"),
        summary: "Mean rating, satisfied share (four stars and more), promoters less detractors and complaints",
        statement: SATISFACTION,
        figures: &[
            count("feedbacks", "Feedbacks", "الملاحظات"),
            per(
                "average_rating",
                words("Average rating", "متوسط التقييم"),
                Unit::Number,
                "stars",
                "ratings",
            ),
            share(
                "satisfied_percent",
                words("Satisfied", "الراضون"),
                "satisfied",
                "ratings",
            ),
            figure_of(
                "promoter_score",
                words("Promoters less detractors", "صافي المروّجين"),
                Unit::Number,
                Formula::Percent("promoters_less_detractors", "ratings"),
            ),
            count("complaints", "Complaints", "الشكاوى"),
            share(
                "complaint_percent",
                words("Complaint rate", "نسبة الشكاوى"),
                "complaints",
                "feedbacks",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "sla_compliance",
        area: Area::Operations,
        title: words("Service levels", "الالتزام بمستوى الخدمة"),
        summary: "Promised times kept and broken, of those that are decided, by promise, day, courier and severity",
        statement: SLA,
        figures: &[
            count("clocks", "Promises", "الالتزامات"),
            count("met", "Kept", "تحققت"),
            count("breached", "Broken", "أُخل بها"),
            share(
                "compliance_percent",
                words("Kept of a hundred", "نسبة الالتزام"),
                "met",
                "decided",
            ),
            measure("breach_minutes", "Minutes late", "دقائق التأخر", Unit::Minutes),
            money("penalties", "Penalties", "الغرامات"),
        ],
        resources: &[COURIER],
    },
];
