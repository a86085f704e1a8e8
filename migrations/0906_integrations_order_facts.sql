-- Orders of platforms as other modules read them.

create view integrations.platform_order_facts with (security_invoker = true) as
select o.organization_id, o.id, o.platform, o.platform_order_id, o.tracking_number, o.status, o.platform_status,
    o.courier_id, o.order_type, o.pickup_address, o.pickup_lat, o.pickup_lon, o.pickup_contact, o.pickup_phone,
    o.dropoff_address, o.dropoff_lat, o.dropoff_lon, o.customer_name, o.customer_phone, o.total_amount, o.delivery_fee,
    o.cod_amount, o.items_count, o.distance_km, o.ordered_at, o.picked_up_at, o.delivered_at, o.last_event_at,
    o.failure_reason, o.deleted_at, coalesce(i.makes_deliveries, false) as makes_deliveries
from integrations.platform_orders o
left join integrations.installations i on i.organization_id = o.organization_id and i.id = o.installation_id;
grant select on integrations.platform_order_facts to barq_app;


-- Which order of a platform a delivery is of, for whoever tells the platform.
create view operations.platform_delivery_facts with (security_invoker = true) as
select organization_id, id, platform, platform_order_id, status, status_reason, deleted_at
from operations.deliveries;
grant select on operations.platform_delivery_facts to barq_app;
