//! Reports of money.

use super::{Area, Formula, Report, Unit, count, figure_of, measure, money, per, share, words};

/// Fees of what was delivered in the period, by the day of the delivery: money is earned then, not when it is ordered.
const REVENUE: &str = "WITH d AS (
    SELECT f.delivery_fee, f.zone_id, f.courier_id, coalesce(f.platform, '') AS platform,
        (f.delivered_at AT TIME ZONE $4::text)::date AS day,
        to_char(f.delivered_at AT TIME ZONE $4::text, 'YYYY-MM') AS month
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status = 'delivered'
        AND f.delivered_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.delivered_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
SELECT CASE
        WHEN grouping(d.day) = 0 THEN 'day'
        WHEN grouping(d.month) = 0 THEN 'month'
        WHEN grouping(d.zone_id) = 0 THEN 'zone'
        WHEN grouping(d.platform) = 0 THEN 'platform'
        WHEN grouping(d.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(d.day::text, d.month, d.zone_id::text, d.platform, d.courier_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS delivered,
    sum(d.delivery_fee) AS revenue,
    CASE WHEN grouping(d.day) = 0 THEN 1 ELSE $3::date - $2::date + 1 END::numeric AS days
FROM d
GROUP BY GROUPING SETS ((), (d.day), (d.month), (d.zone_id), (d.platform), (d.courier_id))";

/// Cash that couriers took in the period, and what of it has been handed in.
const COD: &str = "WITH c AS (
    SELECT f.courier_id, f.status, f.amount, f.collected_on AS day, f.deposited_on - f.collected_on AS days_kept,
        f.deposited_on IS NOT NULL AS is_deposited
    FROM operations.cash_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.collected_on >= $2::date AND f.collected_on <= $3::date
        AND $4::text IS NOT NULL
)
SELECT CASE
        WHEN grouping(c.day) = 0 THEN 'day'
        WHEN grouping(c.courier_id) = 0 THEN 'courier'
        WHEN grouping(c.status) = 0 THEN 'status'
        ELSE 'total' END AS section,
    coalesce(c.day::text, c.courier_id::text, c.status, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS collections,
    sum(c.amount) AS collected,
    coalesce(sum(c.amount) FILTER (WHERE c.is_deposited), 0) AS deposited,
    coalesce(sum(c.amount) FILTER (WHERE NOT c.is_deposited), 0) AS pending,
    avg(c.days_kept) FILTER (WHERE c.is_deposited) AS days_until_deposit
FROM c
GROUP BY GROUPING SETS ((), (c.day), (c.courier_id), (c.status))";

/// Cash that is still with couriers on the last day, by how long they have had it.
const AGING: &str = "WITH c AS (
    SELECT f.courier_id, f.amount, $3::date - f.collected_on AS days
    FROM operations.cash_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.collected_on <= $3::date
        AND (f.deposited_on IS NULL OR f.deposited_on > $3::date) AND f.status <> 'cancelled'
        AND $2::date IS NOT NULL AND $4::text IS NOT NULL
), banded AS (
    SELECT c.courier_id, c.amount, c.days,
        CASE WHEN c.days <= 7 THEN '00-07' WHEN c.days <= 14 THEN '08-14' WHEN c.days <= 30 THEN '15-30' ELSE '31+' END
            AS band
    FROM c
)
SELECT CASE
        WHEN grouping(b.band) = 0 THEN 'age_band'
        WHEN grouping(b.courier_id) = 0 THEN 'courier'
        ELSE 'total' END AS section,
    coalesce(b.band, b.courier_id::text, '') AS key,
    NULL::text AS title,
    count(*)::numeric AS collections,
    sum(b.amount) AS outstanding,
    coalesce(sum(b.amount) FILTER (WHERE b.days > 7), 0) AS overdue,
    max(b.days)::numeric AS oldest_days,
    (SELECT sum(o.amount) FROM banded o) AS all_outstanding
FROM banded b
GROUP BY GROUPING SETS ((), (b.band), (b.courier_id))";

/// What a period cost, one row for each cost: fuel and maintenance from the fleet's own books, pay with the employer's
/// social insurance by the end of its period, everything else from expenses that were not refused. Expenses for fuel and
/// maintenance are left out, because the books have them already.
macro_rules! costs {
    () => {
        "WITH costs AS (
    SELECT 'fuel'::text AS category, u.day, u.cost::numeric AS amount
    FROM fleet.fuel_facts u
    WHERE u.organization_id = $1 AND u.day >= $2::date AND u.day <= $3::date
    UNION ALL
    SELECT 'maintenance', (m.completed_at AT TIME ZONE $4::text)::date, m.total_cost::numeric
    FROM fleet.maintenance_facts m
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.status = 'completed'
        AND m.completed_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND m.completed_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
    UNION ALL
    SELECT 'pay', s.period_ends_on, (s.gross_salary + s.gosi_employer)::numeric
    FROM hr.salary_facts s
    WHERE s.organization_id = $1 AND s.deleted_at IS NULL AND s.period_ends_on >= $2::date AND s.period_ends_on <= $3::date
    UNION ALL
    SELECT e.category, e.spent_on, e.amount::numeric
    FROM hr.expense_facts e
    WHERE e.organization_id = $1 AND e.deleted_at IS NULL AND e.status <> 'rejected'
        AND e.category NOT IN ('fuel', 'maintenance') AND e.spent_on >= $2::date AND e.spent_on <= $3::date
), earned AS (
    SELECT (f.delivered_at AT TIME ZONE $4::text)::date AS day, f.delivery_fee::numeric AS amount
    FROM operations.delivery_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.status = 'delivered'
        AND f.delivered_at >= ($2::date)::timestamp AT TIME ZONE $4::text
        AND f.delivered_at < ($3::date + 1)::timestamp AT TIME ZONE $4::text
)
"
    };
}

const COST_BREAKDOWN: &str = concat!(
    costs!(),
    "SELECT CASE
        WHEN grouping(c.category) = 0 THEN 'category'
        WHEN grouping(c.day) = 0 THEN 'day'
        ELSE 'total' END AS section,
    coalesce(c.category, c.day::text, '') AS key,
    NULL::text AS title,
    sum(c.amount) AS cost,
    sum(c.amount) FILTER (WHERE c.category IN ('fuel', 'maintenance', 'fines', 'supplies', 'travel')) AS variable_cost,
    sum(c.amount) FILTER (WHERE c.category NOT IN ('fuel', 'maintenance', 'fines', 'supplies', 'travel')) AS fixed_cost,
    (SELECT nullif(count(*), 0) FROM earned)::numeric AS delivered,
    (SELECT sum(o.amount) FROM costs o) AS all_cost
FROM costs c
GROUP BY GROUPING SETS ((), (c.category), (c.day))"
);

const MARGINS: &str = concat!(
    costs!(),
    ", days AS (
    SELECT e.day, e.amount AS revenue, NULL::numeric AS direct_cost, NULL::numeric AS other_cost FROM earned e
    UNION ALL
    SELECT c.day, NULL, CASE WHEN c.category IN ('fuel', 'maintenance', 'pay') THEN c.amount END,
        CASE WHEN c.category NOT IN ('fuel', 'maintenance', 'pay') THEN c.amount END
    FROM costs c
), sums AS (
    SELECT CASE WHEN grouping(d.month) = 0 THEN 'month' WHEN grouping(d.day) = 0 THEN 'day' ELSE 'total' END AS section,
        coalesce(d.month, d.day::text, '') AS key,
        sum(d.revenue) AS revenue, coalesce(sum(d.direct_cost), 0) AS direct_cost, coalesce(sum(d.other_cost), 0) AS other_cost
    FROM (SELECT x.day, to_char(x.day, 'YYYY-MM') AS month, x.revenue, x.direct_cost, x.other_cost FROM days x) d
    GROUP BY GROUPING SETS ((), (d.month), (d.day))
)
SELECT s.section AS section, s.key AS key, NULL::text AS title,
    s.revenue AS revenue,
    s.direct_cost AS direct_cost,
    s.other_cost AS other_cost,
    s.revenue - s.direct_cost AS gross_profit,
    s.revenue - s.direct_cost - s.other_cost AS net_profit
FROM sums s"
);

/// Budgets by the share of their days that lie in the period.
const BUDGET: &str = concat!(
    costs!(),
    ", planned AS (
    SELECT b.category,
        b.amount::numeric * (least(b.ends_on, $3::date) - greatest(b.starts_on, $2::date) + 1)
            / (b.ends_on - b.starts_on + 1) AS amount
    FROM hr.budget_facts b
    WHERE b.organization_id = $1 AND b.deleted_at IS NULL AND b.starts_on <= $3::date AND b.ends_on >= $2::date
), both_sides AS (
    SELECT p.category, p.amount AS budget, NULL::numeric AS actual FROM planned p
    UNION ALL
    SELECT c.category, NULL, c.amount FROM costs c
)
SELECT CASE WHEN grouping(b.category) = 0 THEN 'category' ELSE 'total' END AS section,
    coalesce(b.category, '') AS key,
    NULL::text AS title,
    sum(b.budget) AS budget,
    sum(b.actual) AS actual,
    sum(b.budget) - coalesce(sum(b.actual), 0) AS left_over
FROM both_sides b
WHERE b.budget IS NOT NULL OR b.actual IS NOT NULL
GROUP BY GROUPING SETS ((), (b.category))"
);

/// Money as it moves: fees of deliveries, cash on delivery that was handed in (it belongs to others and is paid on), and
/// costs on their day. There is no opening balance, because bank accounts are not kept here.
const CASH_FLOW: &str = concat!(
    costs!(),
    ", moves AS (
    SELECT e.day, e.amount AS fees, NULL::numeric AS cash_handed_in, NULL::numeric AS outflow FROM earned e
    UNION ALL
    SELECT c.day, NULL, NULL, c.amount FROM costs c
    UNION ALL
    SELECT f.deposited_on, NULL, f.amount::numeric, NULL
    FROM operations.cash_facts f
    WHERE f.organization_id = $1 AND f.deleted_at IS NULL AND f.deposited_on >= $2::date AND f.deposited_on <= $3::date
), sums AS (
    SELECT CASE WHEN grouping(m.month) = 0 THEN 'month' WHEN grouping(m.day) = 0 THEN 'day' ELSE 'total' END AS section,
        coalesce(m.month, m.day::text, '') AS key, count(*) AS moves,
        sum(m.fees) AS fees, sum(m.cash_handed_in) AS cash_handed_in, sum(m.outflow) AS outflow
    FROM (SELECT x.day, to_char(x.day, 'YYYY-MM') AS month, x.fees, x.cash_handed_in, x.outflow FROM moves x) m
    GROUP BY GROUPING SETS ((), (m.month), (m.day))
)
SELECT s.section AS section, s.key AS key, NULL::text AS title,
    s.fees AS fees,
    s.cash_handed_in AS cash_handed_in,
    s.outflow AS outflow,
    CASE WHEN s.moves > 0 THEN coalesce(s.fees, 0) - coalesce(s.outflow, 0) END AS net_flow
FROM sums s"
);

pub(crate) const REPORTS: &[Report] = &[
    Report {
        name: "revenue",
        area: Area::Financial,
        title: words("Revenue", "الإيرادات"),
        summary: "Delivery fees earned, by day, month, zone, platform and courier",
        statement: REVENUE,
        figures: &[
            money("revenue", "Revenue", "الإيراد"),
            count("delivered", "Delivered", "تم التوصيل"),
            per(
                "revenue_per_delivery",
                words("Revenue of a delivery", "إيراد التوصيلة"),
                Unit::Money,
                "revenue",
                "delivered",
            ),
            per(
                "revenue_per_day",
                words("Revenue of a day", "إيراد اليوم"),
                Unit::Money,
                "revenue",
                "days",
            ),
        ],
        resources: &[("zone", "operations.zones"), ("courier", "fleet.couriers")],
    },
    Report {
        name: "cod_collection",
        area: Area::Financial,
        title: words("Cash on delivery", "الدفع عند الاستلام"),
        summary: "Cash collected, handed in and pending, and days until it is handed in, by day, courier and state",
        statement: COD,
        figures: &[
            count("collections", "Collections", "عمليات التحصيل"),
            money("collected", "Collected", "المحصّل"),
            money("deposited", "Handed in", "المورّد"),
            money("pending", "Pending", "المعلّق"),
            share(
                "deposit_percent",
                words("Handed in of a hundred", "نسبة التوريد"),
                "deposited",
                "collected",
            ),
            measure(
                "days_until_deposit",
                "Days until handed in",
                "أيام حتى التوريد",
                Unit::Days,
            ),
        ],
        resources: &[("courier", "fleet.couriers")],
    },
    Report {
        name: "cash_aging",
        area: Area::Financial,
        title: words("Age of outstanding cash", "أعمار النقد المعلّق"),
        summary: "Cash that couriers still hold on the last day, by age (7, 14 and 30 days) and courier",
        statement: AGING,
        figures: &[
            count("collections", "Collections", "عمليات التحصيل"),
            money("outstanding", "Outstanding", "المستحق"),
            money("overdue", "Older than seven days", "أقدم من سبعة أيام"),
            measure("oldest_days", "Oldest", "الأقدم", Unit::Days),
            share(
                "share_percent",
                words("Share", "الحصة"),
                "outstanding",
                "all_outstanding",
            ),
        ],
        resources: &[("courier", "fleet.couriers")],
    },
    Report {
        name: "cost_breakdown",
        area: Area::Financial,
        title: words("Costs", "التكاليف"),
        summary: "Fuel, maintenance, pay and other expenses, variable and fixed, for each delivery, by category and day",
        statement: COST_BREAKDOWN,
        figures: &[
            money("cost", "Cost", "التكلفة"),
            money("variable_cost", "Variable", "المتغيرة"),
            money("fixed_cost", "Fixed", "الثابتة"),
            per(
                "cost_per_delivery",
                words("Cost of a delivery", "تكلفة التوصيلة"),
                Unit::Money,
                "cost",
                "delivered",
            ),
            share("share_percent", words("Share", "الحصة"), "cost", "all_cost"),
        ],
        resources: &[],
    },
    Report {
        name: "profit_margins",
        area: Area::Financial,
        title: words("Margins", "هوامش الربح"),
        summary: "Revenue less fuel, maintenance and pay (gross), and less all other expenses (net), by month and day",
        statement: MARGINS,
        figures: &[
            money("revenue", "Revenue", "الإيراد"),
            money("direct_cost", "Direct costs", "التكاليف المباشرة"),
            money("other_cost", "Other costs", "تكاليف أخرى"),
            figure_of(
                "gross_profit",
                words("Gross profit", "مجمل الربح"),
                Unit::Money,
                Formula::Less("revenue", "direct_cost"),
            ),
            money("net_profit", "Net profit", "صافي الربح"),
            share(
                "gross_margin_percent",
                words("Gross margin", "هامش الربح الإجمالي"),
                "gross_profit",
                "revenue",
            ),
            share(
                "net_margin_percent",
                words("Net margin", "هامش الربح الصافي"),
                "net_profit",
                "revenue",
            ),
        ],
        resources: &[],
    },
    Report {
        name: "budget_vs_actual",
        area: Area::Financial,
        title: words("Budget and actual", "الميزانية والفعلي"),
        summary: "Budgets by the share of their days in the period against what was spent, by category",
        statement: BUDGET,
        figures: &[
            money("budget", "Budget", "الميزانية"),
            money("actual", "Actual", "الفعلي"),
            money("left_over", "Left", "المتبقي"),
            share("spent_percent", words("Spent", "نسبة الصرف"), "actual", "budget"),
        ],
        resources: &[],
    },
    Report {
        name: "cash_flow",
        area: Area::Financial,
        title: words("Cash flow", "التدفق النقدي"),
        summary: "Fees earned and costs by month and day, with the cash on delivery that passed through",
        statement: CASH_FLOW,
        figures: &[
            money("fees", "Fees", "الرسوم"),
            money("outflow", "Costs", "التكاليف"),
            money("net_flow", "Net", "الصافي"),
            money("cash_handed_in", "Cash on delivery handed in", "النقد المورّد"),
        ],
        resources: &[],
    },
];
