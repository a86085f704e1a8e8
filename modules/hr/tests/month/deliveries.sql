INSERT INTO operations.deliveries (organization_id, id, created_at, updated_at, delivery_number, status, service_level,
    priority, platform, pickup_address, delivery_address, cod_amount, delivery_fee, is_fragile, attempt_count, courier_id,
    delivered_at)
SELECT $1, gen_random_uuid(), now(), now(), c.barq_id || '-' || d, 'delivered', 'standard', 'normal', 'direct', 'A', 'B', 0,
    1500, false, 1, c.id, '2026-04-26T09:00:00Z'::timestamptz + d * interval '17 hours'
FROM fleet.couriers c, generate_series(1, 40) d WHERE c.organization_id = $1
