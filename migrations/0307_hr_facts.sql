-- What other modules may read of HR. The reader's own rights and row-level security apply.

create view hr.attendance_facts with (security_invoker = true) as
select a.organization_id, a.id, a.courier_id, a.day, a.status, a.check_in, a.check_out, a.overtime_minutes,
    -- A check-out before the check-in is on the next day.
    case when a.check_in is not null and a.check_out is not null then
        greatest(
            ((substr(a.check_out, 1, 2)::bigint * 60 + substr(a.check_out, 4, 2)::bigint)
                - (substr(a.check_in, 1, 2)::bigint * 60 + substr(a.check_in, 4, 2)::bigint) + 1440) % 1440
                - a.break_minutes,
            0
        )
    end as worked_minutes,
    -- Leave is paid unless it says otherwise.
    a.status = 'on_leave' and coalesce(l.leave_type, '') <> 'unpaid' as is_paid_leave,
    a.deleted_at
from hr.attendance a
left join hr.leaves l on l.organization_id = a.organization_id and l.id = a.leave_id;
comment on view hr.attendance_facts is 'Attendance with minutes worked, for other modules.';
grant select on hr.attendance_facts to barq_app;

create view hr.salary_facts with (security_invoker = true) as
select s.organization_id, s.id, s.run_id, s.courier_id, s.year, s.month, s.status, s.category, s.period_starts_on,
    s.period_ends_on, s.total_orders, s.total_revenue, s.gas_usage, s.base_salary, s.bonus_amount, s.gas_deserved,
    s.category_total, s.extra_bonuses, s.allowances, s.gross_salary, s.gosi_employee, s.gosi_employer, s.loan_deduction,
    s.penalty_deduction, s.other_deductions, s.net_salary, s.paid_on, r.status as run_status, s.deleted_at
from hr.salaries s
join hr.payroll_runs r on r.organization_id = s.organization_id and r.id = s.run_id;
comment on view hr.salary_facts is 'Pay of couriers, for other modules; amounts in minor units.';
grant select on hr.salary_facts to barq_app;

create view hr.leave_facts with (security_invoker = true) as
select organization_id, id, courier_id, leave_type, starts_on, ends_on, coalesce(days, ends_on - starts_on + 1) as days,
    status, returned_on, deleted_at
from hr.leaves;
comment on view hr.leave_facts is 'Leave, for other modules: who is away from when to when.';
grant select on hr.leave_facts to barq_app;

create view hr.expense_facts with (security_invoker = true) as
select organization_id, id, category, spent_on, amount, vat_amount, status, courier_id, vehicle_id, deleted_at
from hr.expenses;
comment on view hr.expense_facts is 'Expenses, for other modules; amounts in minor units.';
grant select on hr.expense_facts to barq_app;
