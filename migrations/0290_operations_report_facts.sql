-- Service levels as reports read them. The reader's own rights and row-level security apply.

create view operations.sla_facts with (security_invoker = true) as
select t.organization_id, t.id, t.sla_number, t.sla_definition_id, d.sla_name, t.status, t.delivery_id,
    t.courier_id, t.started_at, t.target_at, t.completed_at, t.breached_at, t.breach_duration_minutes, t.breach_severity,
    t.penalty_applied, t.deleted_at
from operations.sla_tracking t
left join operations.sla_definitions d on d.organization_id = t.organization_id and d.id = t.sla_definition_id;
comment on view operations.sla_facts is 'Clocks of service levels, for other modules; penalties in minor units.';
grant select on operations.sla_facts to barq_app;
