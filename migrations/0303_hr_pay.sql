-- Pay: a run for each month, one row for each courier in it, and the lines that explain the row.

create table hr.payroll_runs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    run_number text not null,
    year bigint not null,
    month bigint not null,
    status text not null,
    deducts_loans boolean not null,
    deducts_penalties boolean not null,
    deducts_gosi boolean not null,
    adds_allowances boolean not null,
    calculated_by uuid,
    calculated_at timestamptz,
    reviewed_by uuid,
    reviewed_at timestamptz,
    approved_by uuid,
    approved_at timestamptz,
    paid_on date,
    locked_at timestamptz,
    reopen_reason text,
    notes text,
    constraint payroll_runs_pkey primary key (organization_id, id),
    constraint payroll_runs_year_check check (year between 2000 and 2200),
    constraint payroll_runs_month_check check (month between 1 and 12),
    constraint payroll_runs_status_check check (
        status in ('draft', 'calculated', 'reviewed', 'approved', 'paid', 'locked')
    ),
    constraint payroll_runs_calculated_by_fkey foreign key (organization_id, calculated_by)
        references platform.members (organization_id, user_id),
    constraint payroll_runs_reviewed_by_fkey foreign key (organization_id, reviewed_by)
        references platform.members (organization_id, user_id),
    constraint payroll_runs_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id)
);
create unique index payroll_runs_month_key on hr.payroll_runs (organization_id, year, month)
    where deleted_at is null and status <> 'draft';
create unique index payroll_runs_run_number_key on hr.payroll_runs (organization_id, run_number)
    where deleted_at is null;
create index payroll_runs_year_idx on hr.payroll_runs (organization_id, year, month);
create index payroll_runs_calculated_by_idx on hr.payroll_runs (organization_id, calculated_by);
create index payroll_runs_reviewed_by_idx on hr.payroll_runs (organization_id, reviewed_by);
create index payroll_runs_approved_by_idx on hr.payroll_runs (organization_id, approved_by);
select platform.tenant_table('hr.payroll_runs');

create table hr.salaries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    run_id uuid not null,
    courier_id uuid not null,
    year bigint not null,
    month bigint not null,
    status text not null,
    category text not null,
    period_starts_on date not null,
    period_ends_on date not null,
    days_since_joining bigint not null,
    total_orders bigint not null,
    total_revenue bigint not null,
    gas_usage bigint not null,
    period_target numeric(18, 4) not null,
    final_target numeric(18, 4) not null,
    base_salary bigint not null,
    bonus_amount bigint not null,
    gas_deserved bigint not null,
    gas_difference bigint not null,
    rounding_amount bigint not null,
    category_total bigint not null,
    extra_bonuses bigint not null,
    allowances bigint not null,
    gross_salary bigint not null,
    gosi_employee bigint not null,
    gosi_employer bigint not null,
    loan_deduction bigint not null,
    penalty_deduction bigint not null,
    other_deductions bigint not null,
    net_salary bigint not null,
    carried_forward bigint not null,
    payroll_parameter_id uuid,
    payment_method text,
    payment_reference text,
    paid_on date,
    hold_reason text,
    notes text,
    constraint salaries_pkey primary key (organization_id, id),
    constraint salaries_run_id_fkey foreign key (organization_id, run_id)
        references hr.payroll_runs (organization_id, id),
    constraint salaries_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint salaries_year_check check (year between 2000 and 2200),
    constraint salaries_month_check check (month between 1 and 12),
    constraint salaries_status_check check (
        status in ('calculated', 'held', 'paid')
    ),
    constraint salaries_category_check check (
        category in ('motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce')
    ),
    constraint salaries_days_since_joining_check check (days_since_joining between 0 and 100000),
    constraint salaries_total_orders_check check (total_orders between 0 and 100000),
    constraint salaries_total_revenue_check check (total_revenue >= 0),
    constraint salaries_gas_usage_check check (gas_usage >= 0),
    constraint salaries_period_target_check check (period_target >= 0),
    constraint salaries_final_target_check check (final_target >= 0),
    constraint salaries_base_salary_check check (base_salary >= 0),
    constraint salaries_gas_deserved_check check (gas_deserved >= 0),
    constraint salaries_category_total_check check (category_total >= 0),
    constraint salaries_extra_bonuses_check check (extra_bonuses >= 0),
    constraint salaries_allowances_check check (allowances >= 0),
    constraint salaries_gross_salary_check check (gross_salary >= 0),
    constraint salaries_gosi_employee_check check (gosi_employee >= 0),
    constraint salaries_gosi_employer_check check (gosi_employer >= 0),
    constraint salaries_loan_deduction_check check (loan_deduction >= 0),
    constraint salaries_penalty_deduction_check check (penalty_deduction >= 0),
    constraint salaries_other_deductions_check check (other_deductions >= 0),
    constraint salaries_net_salary_check check (net_salary >= 0),
    constraint salaries_carried_forward_check check (carried_forward >= 0),
    constraint salaries_payroll_parameter_id_fkey foreign key (organization_id, payroll_parameter_id)
        references hr.payroll_parameters (organization_id, id),
    constraint salaries_payment_method_check check (
        payment_method in ('bank_transfer', 'cash', 'cheque')
    )
);
create unique index salaries_month_key on hr.salaries (organization_id, courier_id, year, month)
    where deleted_at is null;
create index salaries_run_id_idx on hr.salaries (organization_id, run_id);
create index salaries_courier_id_idx on hr.salaries (organization_id, courier_id);
create index salaries_payroll_parameter_id_idx on hr.salaries (organization_id, payroll_parameter_id);
select platform.tenant_table('hr.salaries');

create table hr.salary_lines (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    salary_id uuid not null,
    position bigint not null,
    kind text not null,
    amount bigint not null,
    asked bigint,
    article text,
    formula text,
    inputs jsonb,
    constraint salary_lines_pkey primary key (organization_id, id),
    constraint salary_lines_salary_id_fkey foreign key (organization_id, salary_id)
        references hr.salaries (organization_id, id),
    constraint salary_lines_position_check check (position between 1 and 1000),
    constraint salary_lines_kind_check check (
        kind in ('basic', 'bonus', 'gas', 'rounding', 'extra_bonus', 'allowance', 'gosi', 'loan', 'penalty', 'other')
    ),
    constraint salary_lines_asked_check check (asked >= 0),
    constraint salary_lines_inputs_check check (jsonb_typeof(inputs) in ('object', 'array'))
);
create index salary_lines_salary_id_idx on hr.salary_lines (organization_id, salary_id);
select platform.tenant_table('hr.salary_lines');
