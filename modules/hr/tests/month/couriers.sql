-- Couriers with a target, contract pay, and a penalty for some. Every fiftieth from the seventh on has no joining date.
WITH made AS (
    INSERT INTO fleet.couriers (organization_id, id, created_at, updated_at, barq_id, full_name, status, sponsorship_status,
        project_type, performance_score, total_deliveries, joined_on, nationality, basic_salary, housing_allowance,
        transportation_allowance)
    SELECT $1, gen_random_uuid(), now(), now(), 'C' || lpad(n::text, 6, '0'), 'C' || n, 'active', 'inhouse', 'barq', 0, 0,
        CASE WHEN n % 50 = 7 THEN NULL ELSE '2024-01-01'::date END, CASE WHEN n % 3 = 0 THEN 'Saudi' ELSE 'Indian' END,
        300000, 75000, 0
    FROM generate_series(1, $2::int) n
    RETURNING id, barq_id
), numbered AS (
    SELECT id, substr(barq_id, 2)::int AS n FROM made
), targets AS (
    INSERT INTO hr.courier_targets (organization_id, id, created_at, updated_at, courier_id, year, month, category, period_target)
    SELECT $1, gen_random_uuid(), now(), now(), id, 2026, 5,
        (ARRAY['motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce'])[n % 6 + 1],
        CASE WHEN n % 6 = 5 THEN 6630 ELSE 400 END
    FROM numbered
), penalties AS (
    INSERT INTO hr.penalties (organization_id, id, created_at, updated_at, reference_number, courier_id, penalty_type, status,
        amount, reason, incident_on)
    SELECT $1, gen_random_uuid(), now(), now(), 'PEN-' || n, id, 'late_delivery', 'approved', 10000, 'Forty minutes late',
        '2026-05-02'
    FROM numbered WHERE n % 4 = 0
)
SELECT count(*)::text FROM numbered
