-- Zones by name, for other modules. The reader's own rights and row-level security apply.

create view operations.zone_facts with (security_invoker = true) as
select organization_id, id, zone_name as name, status, deleted_at
from operations.zones;
comment on view operations.zone_facts is 'Zones by name, for other modules.';
grant select on operations.zone_facts to barq_app;
