-- When a leave began: from then on its courier is away, whatever the plan said.

alter table hr.leaves add column began_on date;
select platform.tenant_table('hr.leaves');
