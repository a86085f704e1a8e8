INSERT INTO hr.attendance (organization_id, id, created_at, updated_at, courier_id, day, status, check_in, check_out,
    break_minutes, overtime_minutes, doubt, location_review)
SELECT $1, gen_random_uuid(), now(), now(), c.id, '2026-04-25'::date + d, 'present', '08:00', '17:00', 60, 0, 'none', 'not_needed'
FROM fleet.couriers c, generate_series(0, 29) d WHERE c.organization_id = $1
