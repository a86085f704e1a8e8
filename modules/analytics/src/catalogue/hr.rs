//! Reports of people.

use super::{Area, Formula, Report, Unit, count, figure_of, measure, money, per, share, words};

/// People on the last day; who joined and left in the period.
const WORKFORCE: &str = "WITH c AS (
    SELECT f.status, coalesce(f.city, '') AS city, f.sponsorship_status, f.project_type,
        coalesce(f.nationality, '') AS nationality, f.joined_on, f.last_working_day,
        (f.joined_on IS NULL OR f.joined_on <= $3::date)
            AND (f.last_working_day IS NULL OR f.last_working_day > $3::date) AS is_here
    FROM fleet.courier_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(c.status) = 0 THEN 'status'
        WHEN grouping(c.city) = 0 THEN 'city'
        WHEN grouping(c.sponsorship_status) = 0 THEN 'sponsorship_status'
        WHEN grouping(c.project_type) = 0 THEN 'project_type'
        WHEN grouping(c.nationality) = 0 THEN 'nationality'
        ELSE 'total' END AS section,
    coalesce(c.status, c.city, c.sponsorship_status, c.project_type, c.nationality, '') AS key,
    NULL::text AS title,
    (count(*) FILTER (WHERE c.is_here))::numeric AS headcount,
    (count(*) FILTER (WHERE c.is_here AND c.status = 'active'))::numeric AS active,
    (count(*) FILTER (WHERE c.is_here AND c.status = 'on_leave'))::numeric AS on_leave,
    (count(*) FILTER (WHERE c.joined_on >= $2::date AND c.joined_on <= $3::date))::numeric AS joined,
    (count(*) FILTER (WHERE c.last_working_day >= $2::date AND c.last_working_day <= $3::date))::numeric AS left_company,
    avg($3::date - c.joined_on) FILTER (WHERE c.is_here) / 30.4375 AS tenure_months
FROM c
GROUP BY GROUPING SETS ((), (c.status), (c.city), (c.sponsorship_status), (c.project_type), (c.nationality))";

/// Leavers of the mean of both ends; of those who were there at the start, who is there at the end. Who joined and left
/// within the period is a leaver, and counts for nothing else.
const TURNOVER: &str = "WITH c AS (
    SELECT coalesce(f.city, '') AS city, f.sponsorship_status, f.last_working_day - f.joined_on AS tenure_days,
        f.joined_on < $2::date AND (f.last_working_day IS NULL OR f.last_working_day >= $2::date) AS at_start,
        f.joined_on <= $3::date AND (f.last_working_day IS NULL OR f.last_working_day > $3::date) AS at_end,
        f.joined_on >= $2::date AND f.joined_on <= $3::date AS has_joined,
        coalesce(f.last_working_day >= $2::date AND f.last_working_day <= $3::date, false) AS has_left
    FROM fleet.courier_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.joined_on IS NOT NULL AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(c.city) = 0 THEN 'city'
        WHEN grouping(c.sponsorship_status) = 0 THEN 'sponsorship_status'
        ELSE 'total' END AS section,
    coalesce(c.city, c.sponsorship_status, '') AS key,
    NULL::text AS title,
    (count(*) FILTER (WHERE c.at_start))::numeric AS at_start,
    (count(*) FILTER (WHERE c.at_end))::numeric AS at_end,
    (count(*) FILTER (WHERE c.has_joined))::numeric AS joined,
    (count(*) FILTER (WHERE c.has_left))::numeric AS left_company,
    (count(*) FILTER (WHERE c.has_joined AND c.at_end))::numeric AS joined_and_stayed,
    avg(c.tenure_days) FILTER (WHERE c.has_left) AS leaver_tenure_days
FROM c
GROUP BY GROUPING SETS ((), (c.city), (c.sponsorship_status))";

/// Couriers by the mean efficiency of their stored days.
const DISTRIBUTION: &str = "WITH scored AS (
    SELECT p.courier_id, avg(p.efficiency_score) AS score
    FROM analytics.performance_data p
    WHERE p.organization_id = $1 AND p.deleted_at IS NULL AND p.efficiency_score IS NOT NULL
        AND p.performed_on >= $2::date AND p.performed_on <= $3::date AND $4::text IS NOT NULL
    GROUP BY p.courier_id
), named AS (
    SELECT s.courier_id, s.score, c.full_name, coalesce(c.city, '') AS city,
        CASE WHEN s.score >= 90 THEN 'excellent' WHEN s.score >= 75 THEN 'good' WHEN s.score >= 60 THEN 'average'
            ELSE 'poor' END AS band
    FROM scored s
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = s.courier_id
)
SELECT CASE
        WHEN grouping(n.band) = 0 THEN 'band'
        WHEN grouping(n.city) = 0 THEN 'city'
        WHEN grouping(n.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(n.band, n.city, n.courier_id::text, '') AS key,
    CASE WHEN grouping(n.courier_id) = 0 THEN max(n.full_name) END AS title,
    count(*)::numeric AS couriers,
    avg(n.score) AS average_score,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY n.score))::numeric AS median_score,
    (SELECT count(*) FROM scored)::numeric AS all_couriers
FROM named n
GROUP BY GROUPING SETS ((), (n.band), (n.city), (n.courier_id))";

const PRODUCTIVITY: &str = "WITH p AS (
    SELECT d.courier_id, d.performed_on AS day, d.orders_completed, d.working_hours, d.revenue, c.full_name,
        coalesce(c.city, '') AS city, c.sponsorship_status
    FROM analytics.performance_data d
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = d.courier_id
    WHERE d.organization_id = $1 AND d.deleted_at IS NULL AND d.performed_on >= $2::date AND d.performed_on <= $3::date
        AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(p.day) = 0 THEN 'day'
        WHEN grouping(p.courier_id) = 0 THEN 'courier'
        WHEN grouping(p.city) = 0 THEN 'city'
        WHEN grouping(p.sponsorship_status) = 0 THEN 'sponsorship_status'
        ELSE 'total' END AS section,
    coalesce(p.day::text, p.courier_id::text, p.city, p.sponsorship_status, '') AS key,
    CASE WHEN grouping(p.courier_id) = 0 THEN max(p.full_name) END AS title,
    count(DISTINCT p.courier_id)::numeric AS couriers,
    count(*)::numeric AS courier_days,
    sum(p.orders_completed) AS completed,
    sum(p.orders_completed) FILTER (WHERE p.working_hours > 0) AS completed_in_hours,
    sum(p.working_hours) AS working_hours,
    sum(p.revenue) AS revenue
FROM p
GROUP BY GROUPING SETS ((), (p.day), (p.courier_id), (p.city), (p.sponsorship_status))";

/// A day is there for whoever was due: leave and holidays are no absence.
const ATTENDANCE: &str = "WITH a AS (
    SELECT f.courier_id, f.day, date_part('dow', f.day)::int AS weekday, f.status, f.worked_minutes, f.overtime_minutes,
        c.full_name, coalesce(c.city, '') AS city
    FROM hr.attendance_facts f
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.day >= $2::date AND f.day <= $3::date
        AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(a.day) = 0 THEN 'day'
        WHEN grouping(a.weekday) = 0 THEN 'weekday'
        WHEN grouping(a.courier_id) = 0 THEN 'courier'
        WHEN grouping(a.city) = 0 THEN 'city'
        ELSE 'total' END AS section,
    coalesce(a.day::text, a.weekday::text, a.courier_id::text, a.city, '') AS key,
    CASE WHEN grouping(a.courier_id) = 0 THEN max(a.full_name) END AS title,
    (count(*) FILTER (WHERE a.status NOT IN ('on_leave', 'holiday')))::numeric AS due,
    (count(*) FILTER (WHERE a.status IN ('present', 'late', 'half_day')))::numeric AS present,
    (count(*) FILTER (WHERE a.status = 'absent'))::numeric AS absent,
    (count(*) FILTER (WHERE a.status = 'late'))::numeric AS late,
    (count(*) FILTER (WHERE a.status = 'on_leave'))::numeric AS on_leave,
    sum(a.worked_minutes)::numeric / 60 AS hours,
    count(a.worked_minutes)::numeric AS days_with_hours
FROM a
GROUP BY GROUPING SETS ((), (a.day), (a.weekday), (a.courier_id), (a.city))";

const OVERTIME: &str = "WITH a AS (
    SELECT f.courier_id, f.day, f.worked_minutes, f.overtime_minutes, c.full_name, coalesce(c.city, '') AS city
    FROM hr.attendance_facts f
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.day >= $2::date AND f.day <= $3::date
        AND f.status IN ('present', 'late', 'half_day') AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(a.day) = 0 THEN 'day'
        WHEN grouping(a.courier_id) = 0 THEN 'courier'
        WHEN grouping(a.city) = 0 THEN 'city'
        ELSE 'total' END AS section,
    coalesce(a.day::text, a.courier_id::text, a.city, '') AS key,
    CASE WHEN grouping(a.courier_id) = 0 THEN max(a.full_name) END AS title,
    sum(a.overtime_minutes)::numeric / 60 AS overtime_hours,
    sum(a.worked_minutes)::numeric / 60 AS hours,
    count(DISTINCT a.courier_id)::numeric AS couriers,
    (count(DISTINCT a.courier_id) FILTER (WHERE a.overtime_minutes > 0))::numeric AS couriers_with_overtime
FROM a
GROUP BY GROUPING SETS ((), (a.day), (a.courier_id), (a.city))";

/// Days of leave that lie in the period; what was asked, granted and refused counts by its first day.
const LEAVE: &str = "WITH l AS (
    SELECT f.courier_id, f.leave_type, f.status, c.full_name, coalesce(c.city, '') AS city,
        least(f.ends_on, $3::date) - greatest(f.starts_on, $2::date) + 1 AS days,
        f.status IN ('approved', 'completed') AS is_taken,
        to_char(greatest(f.starts_on, $2::date), 'YYYY-MM') AS month
    FROM hr.leave_facts f
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.starts_on <= $3::date AND f.ends_on >= $2::date
        AND $4::text IS NOT NULL
), people AS (
    SELECT count(*)::numeric AS couriers
    FROM fleet.courier_facts c
    WHERE c.organization_id = $1 AND c.deleted_at IS NULL AND c.status <> 'terminated'
)
SELECT CASE
        WHEN grouping(l.leave_type) = 0 THEN 'leave_type'
        WHEN grouping(l.courier_id) = 0 THEN 'courier'
        WHEN grouping(l.city) = 0 THEN 'city'
        WHEN grouping(l.month) = 0 THEN 'month'
        ELSE 'total' END AS section,
    coalesce(l.leave_type, l.courier_id::text, l.city, l.month, '') AS key,
    CASE WHEN grouping(l.courier_id) = 0 THEN max(l.full_name) END AS title,
    coalesce(sum(l.days) FILTER (WHERE l.is_taken), 0)::numeric AS leave_days,
    (count(*) FILTER (WHERE l.is_taken))::numeric AS approved,
    (count(*) FILTER (WHERE l.status = 'pending'))::numeric AS pending,
    (count(*) FILTER (WHERE l.status = 'rejected'))::numeric AS rejected,
    (count(DISTINCT l.courier_id) FILTER (WHERE l.is_taken))::numeric AS couriers_on_leave,
    (SELECT p.couriers FROM people p) AS couriers,
    (SELECT p.couriers FROM people p) * ($3::date - $2::date + 1) AS person_days
FROM l
GROUP BY GROUPING SETS ((), (l.leave_type), (l.courier_id), (l.city), (l.month))";

/// Pay of the periods that end in the days asked for.
const SALARIES: &str = "WITH s AS (
    SELECT f.courier_id, f.category, f.net_salary, f.gross_salary, f.gosi_employer,
        to_char(f.period_ends_on, 'YYYY-MM') AS month, coalesce(c.city, '') AS city,
        CASE WHEN f.net_salary < 100000 THEN '0000-0999' WHEN f.net_salary < 200000 THEN '1000-1999'
            WHEN f.net_salary < 300000 THEN '2000-2999' WHEN f.net_salary < 400000 THEN '3000-3999'
            WHEN f.net_salary < 500000 THEN '4000-4999' ELSE '5000+' END AS band
    FROM hr.salary_facts f
    JOIN fleet.courier_facts c ON c.organization_id = $1 AND c.id = f.courier_id
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.period_ends_on >= $2::date AND f.period_ends_on <= $3::date
        AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(s.band) = 0 THEN 'pay_band'
        WHEN grouping(s.category) = 0 THEN 'category'
        WHEN grouping(s.city) = 0 THEN 'city'
        WHEN grouping(s.month) = 0 THEN 'month'
        ELSE 'total' END AS section,
    coalesce(s.band, s.category, s.city, s.month, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS payslips,
    sum(s.net_salary) AS net,
    sum(s.gross_salary) AS gross,
    sum(s.gosi_employer) AS gosi_employer,
    avg(s.net_salary) AS average_net,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY s.net_salary))::numeric AS median_net,
    max(s.net_salary)::numeric AS highest_net,
    min(s.net_salary)::numeric AS lowest_net,
    (SELECT count(*) FROM s)::numeric AS all_payslips
FROM s
GROUP BY GROUPING SETS ((), (s.band), (s.category), (s.city), (s.month))";

const COURIER: (&str, &str) = ("courier", "fleet.couriers");

pub(crate) const REPORTS: &[Report] = &[
    Report {
        name: "workforce",
        area: Area::Hr,
        title: words("Workforce", "القوى العاملة"),
        summary: "Couriers on the last day, who joined and who left, by state, city, sponsorship, project and nationality",
        statement: WORKFORCE,
        figures: &[
            count("headcount", "People", "عدد الأفراد"),
            count("active", "Active", "نشطون"),
            count("on_leave", "On leave", "في إجازة"),
            count("joined", "Joined", "انضموا"),
            count("left_company", "Left", "غادروا"),
            measure("tenure_months", "Months with the company", "أشهر الخدمة", Unit::Number),
        ],
        resources: &[],
    },
    Report {
        name: "turnover",
        area: Area::Hr,
        title: words("Turnover", "دوران العمالة"),
        summary: "Leavers of the mean headcount, and who stayed of those who were there at the start, by city and sponsorship",
        statement: TURNOVER,
        figures: &[
            count("at_start", "At the start", "في البداية"),
            count("joined", "Joined", "انضموا"),
            count("left_company", "Left", "غادروا"),
            count("at_end", "At the end", "في النهاية"),
            figure_of(
                "turnover_percent",
                words("Turnover", "معدل الدوران"),
                Unit::Percent,
                Formula::Turnover {
                    leavers: "left_company",
                    start: "at_start",
                    end: "at_end",
                },
            ),
            figure_of(
                "retention_percent",
                words("Retention", "معدل الاستبقاء"),
                Unit::Percent,
                Formula::Retention {
                    start: "at_start",
                    end: "at_end",
                    joined: "joined_and_stayed",
                },
            ),
            measure(
                "leaver_tenure_days",
                "Days with the company of leavers",
                "أيام خدمة المغادرين",
                Unit::Days,
            ),
        ],
        resources: &[],
    },
    Report {
        name: "performance_distribution",
        area: Area::Hr,
        title: words("Performance bands", "توزيع الأداء"),
        summary: "Couriers by mean efficiency: from 90 excellent, from 75 good, from 60 average, else poor",
        statement: DISTRIBUTION,
        figures: &[
            count("couriers", "Couriers", "المناديب"),
            measure("average_score", "Mean score", "متوسط الدرجة", Unit::Number),
            measure("median_score", "Median score", "وسيط الدرجة", Unit::Number),
            share("share_percent", words("Share", "الحصة"), "couriers", "all_couriers"),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "productivity",
        area: Area::Hr,
        title: words("Productivity", "الإنتاجية"),
        summary: "Orders and revenue for a courier, a day and an hour, by day, courier, city and sponsorship",
        statement: PRODUCTIVITY,
        figures: &[
            count("couriers", "Couriers", "المناديب"),
            count("completed", "Completed", "مكتملة"),
            per(
                "per_courier",
                words("Orders of a courier", "طلبات المندوب"),
                Unit::Number,
                "completed",
                "couriers",
            ),
            per(
                "per_day",
                words("Orders of a day", "طلبات اليوم"),
                Unit::Number,
                "completed",
                "courier_days",
            ),
            per(
                "per_hour",
                words("Orders an hour", "الطلبات في الساعة"),
                Unit::Number,
                "completed_in_hours",
                "working_hours",
            ),
            money("revenue", "Revenue", "الإيراد"),
            per(
                "revenue_per_courier",
                words("Revenue of a courier", "إيراد المندوب"),
                Unit::Money,
                "revenue",
                "couriers",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "attendance",
        area: Area::Hr,
        title: words("Attendance", "الحضور"),
        summary: "Present, late and absent of whoever was due, and hours, by day, weekday (0 is Sunday), courier and city",
        statement: ATTENDANCE,
        figures: &[
            measure("due", "Days due", "الأيام المستحقة", Unit::Days),
            measure("present", "Present", "حاضر", Unit::Days),
            measure("absent", "Absent", "غائب", Unit::Days),
            measure("late", "Late", "متأخر", Unit::Days),
            measure("on_leave", "On leave", "في إجازة", Unit::Days),
            share(
                "attendance_percent",
                words("Attendance", "نسبة الحضور"),
                "present",
                "due",
            ),
            share(
                "late_percent",
                words("Late of a hundred", "نسبة التأخر"),
                "late",
                "present",
            ),
            measure("hours", "Hours", "الساعات", Unit::Hours),
            per(
                "hours_per_day",
                words("Hours a day", "الساعات في اليوم"),
                Unit::Hours,
                "hours",
                "days_with_hours",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "overtime",
        area: Area::Hr,
        title: words("Overtime", "العمل الإضافي"),
        summary: "Overtime hours and whom they fall on, by day, courier and city",
        statement: OVERTIME,
        figures: &[
            measure("overtime_hours", "Overtime", "العمل الإضافي", Unit::Hours),
            measure("hours", "Hours", "الساعات", Unit::Hours),
            share(
                "overtime_percent",
                words("Overtime of a hundred hours", "نسبة العمل الإضافي"),
                "overtime_hours",
                "hours",
            ),
            count("couriers_with_overtime", "Couriers with overtime", "مناديب بعمل إضافي"),
            per(
                "overtime_per_courier",
                words("Overtime of a courier", "إضافي المندوب"),
                Unit::Hours,
                "overtime_hours",
                "couriers",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "leave_utilization",
        area: Area::Hr,
        title: words("Leave", "الإجازات"),
        summary: "Days of leave in the period, requests by decision, and the share of all days, by kind, courier, city and month",
        statement: LEAVE,
        figures: &[
            measure("leave_days", "Days of leave", "أيام الإجازة", Unit::Days),
            count("approved", "Approved", "موافق عليها"),
            count("pending", "Pending", "معلّقة"),
            count("rejected", "Rejected", "مرفوضة"),
            count("couriers_on_leave", "Couriers on leave", "مناديب في إجازة"),
            per(
                "days_per_courier",
                words("Days of a courier", "أيام المندوب"),
                Unit::Days,
                "leave_days",
                "couriers",
            ),
            share(
                "leave_percent",
                words("Of all days", "من كل الأيام"),
                "leave_days",
                "person_days",
            ),
        ],
        resources: &[COURIER],
    },
    Report {
        name: "salary_distribution",
        area: Area::Hr,
        title: words("Salaries", "توزيع الرواتب"),
        summary: "Payslips of the periods that end in these days: sums, mean, median and bands, by category, city and month",
        statement: SALARIES,
        figures: &[
            count("payslips", "Payslips", "قسائم الرواتب"),
            money("net", "Net pay", "صافي الرواتب"),
            money("gross", "Gross pay", "إجمالي الرواتب"),
            money(
                "gosi_employer",
                "Employer's social insurance",
                "حصة المنشأة في التأمينات",
            ),
            money("average_net", "Mean", "المتوسط"),
            money("median_net", "Median", "الوسيط"),
            money("highest_net", "Highest", "الأعلى"),
            money("lowest_net", "Lowest", "الأدنى"),
            share("share_percent", words("Share", "الحصة"), "payslips", "all_payslips"),
        ],
        resources: &[],
    },
];
