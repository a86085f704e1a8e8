WITH made AS (INSERT INTO fleet.vehicles (organization_id, id, created_at, updated_at, internal_number, vehicle_type, status,
    ownership_type, is_pool_vehicle, mileage_km, total_distance_km, total_trips, is_gps_active)
    SELECT $1, c.id, now(), now(), c.barq_id, 'motorcycle', 'active', 'owned', false, 0, 0, 0, false
    FROM fleet.couriers c WHERE c.organization_id = $1 RETURNING id)
INSERT INTO fleet.fuel_logs (organization_id, id, created_at, updated_at, vehicle_id, courier_id, filled_on, volume_l, cost)
SELECT $1, gen_random_uuid(), now(), now(), made.id, made.id, '2026-04-27'::date + d * 6, 10, 2300
FROM made, generate_series(0, 3) d
