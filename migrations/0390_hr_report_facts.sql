-- Budgets as reports read them. The reader's own rights and row-level security apply.

create view hr.budget_facts with (security_invoker = true) as
select organization_id, id, name, category, starts_on, ends_on, amount, deleted_at
from hr.budgets;
comment on view hr.budget_facts is 'Budgets by category and time, for other modules; amounts in minor units.';
grant select on hr.budget_facts to barq_app;
