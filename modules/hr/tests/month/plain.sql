SELECT count(*)::text FROM (SELECT c.id, count(d.id), sum(d.delivery_fee),
    (SELECT sum(f.cost) FROM fleet.fuel_logs f WHERE f.organization_id = $1 AND f.courier_id = c.id),
    (SELECT count(*) FROM hr.attendance a WHERE a.organization_id = $1 AND a.courier_id = c.id)
FROM fleet.couriers c
LEFT JOIN operations.deliveries d ON d.organization_id = c.organization_id AND d.courier_id = c.id
WHERE c.organization_id = $1 GROUP BY c.id) x
