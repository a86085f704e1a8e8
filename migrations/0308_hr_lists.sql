-- Lists in their usual order come from an index, however many rows there are.

create index attendance_list_idx on hr.attendance (organization_id, day, id);
create index public_holidays_list_idx on hr.public_holidays (organization_id, starts_on, id);
create index payroll_runs_list_idx on hr.payroll_runs (organization_id, year, month, id);
create index salaries_list_idx on hr.salaries (organization_id, year, month, id);
create index salary_lines_list_idx on hr.salary_lines (organization_id, position, id);
create index courier_targets_list_idx on hr.courier_targets (organization_id, year, month, id);
create index payroll_inputs_list_idx on hr.payroll_inputs (organization_id, year, month, id);
create index loan_payments_list_idx on hr.loan_payments (organization_id, paid_on, id);
create index budgets_list_idx on hr.budgets (organization_id, starts_on, id);
create index tax_returns_list_idx on hr.tax_returns (organization_id, period_starts_on, id);
