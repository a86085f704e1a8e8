-- When somebody first came into social insurance (it decides the rates that apply), what fleet has heard of once, and more of
-- what other modules may read.

alter table fleet.couriers add column gosi_first_registered_on date;
select platform.tenant_table('fleet.couriers');

create table fleet.heard_completions (
    organization_id uuid not null,
    id uuid not null,
    heard_at timestamptz not null,
    constraint heard_completions_pkey primary key (organization_id, id)
);
comment on table fleet.heard_completions is
    'Dispatches and handovers of operations whose completion was acted on: events may come twice, what follows happens once.';
select platform.tenant_table('fleet.heard_completions');

create or replace view fleet.courier_facts with (security_invoker = true) as
select organization_id, id, barq_id, full_name, status, city, project_type, sponsorship_status, supervisor_name,
    joined_on, last_working_day, nationality, national_id, iqama_number, iban, bank_name,
    basic_salary, housing_allowance, transportation_allowance, mobile_number, performance_score, total_deliveries, deleted_at,
    gosi_first_registered_on, jahez_driver_id, hunger_rider_id, mrsool_courier_id, nana_courier_id
from fleet.couriers;

create view fleet.position_facts with (security_invoker = true) as
select c.organization_id, c.id as courier_id, p.latitude, p.longitude, p.recorded_at
from fleet.couriers c
join lateral (
    select p.latitude, p.longitude, p.recorded_at
    from fleet.courier_positions p
    where p.organization_id = c.organization_id and p.courier_id = c.id and p.deleted_at is null
    order by p.recorded_at desc
    limit 1
) p on true
where c.deleted_at is null;
comment on view fleet.position_facts is 'The last reported position of each courier, for other modules.';
grant select on fleet.position_facts to barq_app;
