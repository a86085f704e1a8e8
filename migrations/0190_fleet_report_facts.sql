-- Fuel and maintenance as reports read them. The reader's own rights and row-level security apply.

-- A log that names its transaction stands for both and is counted once.
create view fleet.fuel_facts with (security_invoker = true) as
select l.organization_id, l.id, l.vehicle_id, l.courier_id, l.filled_on as day, l.volume_l, l.cost,
    coalesce(l.odometer_km, t.odometer_km) as odometer_km,
    coalesce(l.product, t.product, '') = 'electric' as is_electric
from fleet.fuel_logs l
left join fleet.fuel_transactions t on t.organization_id = l.organization_id and t.id = l.fuel_transaction_id
where l.deleted_at is null
union all
select t.organization_id, t.id, t.vehicle_id, t.courier_id, t.local_date, t.volume_l, t.amount, t.odometer_km,
    t.product = 'electric'
from fleet.fuel_transactions t
join platform.organizations o on o.organization_id = t.organization_id and o.currency = t.currency
where t.deleted_at is null and t.vehicle_id is not null and t.match_status in ('matched', 'doubtful')
    and not exists (
        select from fleet.fuel_logs l
        where l.organization_id = t.organization_id and l.fuel_transaction_id = t.id and l.deleted_at is null
    );
comment on view fleet.fuel_facts is
    'Fuel of vehicles from logs and cards, each purchase once; amounts in minor units; kilowatt-hours when electric.';
grant select on fleet.fuel_facts to barq_app;

create view fleet.maintenance_facts with (security_invoker = true) as
select m.organization_id, m.id, m.vehicle_id, m.maintenance_type, m.status, m.service_provider, m.scheduled_on,
    m.started_at, m.completed_at, m.downtime_hours, m.labor_cost, m.parts_cost, m.tax_amount, m.discount_amount,
    m.labor_cost + m.parts_cost + m.tax_amount - m.discount_amount as total_cost, m.deleted_at
from fleet.vehicle_maintenance m;
comment on view fleet.maintenance_facts is
    'Maintenance of vehicles and what it cost, for other modules; amounts in minor units.';
grant select on fleet.maintenance_facts to barq_app;
