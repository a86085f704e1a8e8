-- What other modules may read of couriers and vehicles. The reader's own rights and row-level security apply.

create view fleet.courier_facts with (security_invoker = true) as
select organization_id, id, barq_id, full_name, status, city, project_type, sponsorship_status, supervisor_name,
    joined_on, last_working_day, nationality, national_id, iqama_number, iban, bank_name,
    basic_salary, housing_allowance, transportation_allowance, mobile_number, performance_score, total_deliveries, deleted_at
from fleet.couriers;
comment on view fleet.courier_facts is 'Couriers, for other modules; pay columns in minor units.';
grant select on fleet.courier_facts to barq_app;

create view fleet.vehicle_facts with (security_invoker = true) as
select organization_id, id, plate_number, internal_number, vehicle_type, status, make, model, year, mileage_km,
    fuel_capacity_l, fuel_type, assigned_to_city, purchase_price, purchased_on, depreciation_rate_percent,
    monthly_lease_cost, is_pool_vehicle, deleted_at
from fleet.vehicles;
comment on view fleet.vehicle_facts is 'Vehicles, for other modules; amounts in minor units.';
grant select on fleet.vehicle_facts to barq_app;

create view fleet.assignment_facts with (security_invoker = true) as
select organization_id, id, courier_id, vehicle_id, status, started_on, ended_on, deleted_at
from fleet.vehicle_assignments;
comment on view fleet.assignment_facts is 'Who drives what and when, for other modules.';
grant select on fleet.assignment_facts to barq_app;
