-- Runs that are whole: who cannot be paid and why, how far a calculation is, and lines of every kind.

alter table hr.payroll_runs
    add column adds_overtime boolean not null default false,
    add column caps_leavers boolean not null default false,
    add column caps_unpaid_leave boolean not null default false,
    add column calculation bigint not null default 0,
    add column courier_count bigint,
    add column done_count bigint,
    add column paid_count bigint,
    add column refused_count bigint,
    add column gross_total bigint,
    add column deducted_total bigint,
    add column net_total bigint,
    add column employer_total bigint,
    add column inputs_checksum text,
    add constraint payroll_runs_gross_total_check check (gross_total >= 0),
    add constraint payroll_runs_deducted_total_check check (deducted_total >= 0),
    add constraint payroll_runs_net_total_check check (net_total >= 0),
    add constraint payroll_runs_employer_total_check check (employer_total >= 0),
    drop constraint payroll_runs_status_check,
    add constraint payroll_runs_status_check check (
        status in ('draft', 'calculating', 'calculated', 'reviewed', 'approved', 'paid', 'locked')
    );
select platform.tenant_table('hr.payroll_runs');

alter table hr.salaries
    add column overtime_pay bigint not null default 0,
    add column adjustments bigint not null default 0,
    add column adjusted_months jsonb,
    add column lines_checksum text,
    add constraint salaries_overtime_pay_check check (overtime_pay >= 0),
    add constraint salaries_adjustments_check check (adjustments >= 0),
    add constraint salaries_adjusted_months_check check (jsonb_typeof(adjusted_months) in ('object', 'array'));
select platform.tenant_table('hr.salaries');

alter table hr.salary_lines
    add column carried bigint,
    add constraint salary_lines_carried_check check (carried >= 0),
    drop constraint salary_lines_kind_check,
    add constraint salary_lines_kind_check check (
        kind in (
            'basic', 'bonus', 'gas', 'floor', 'rounding', 'monthly_pay', 'absence', 'attendance_bonus', 'allowance',
            'extra_bonus', 'overtime', 'adjustment', 'gosi', 'court', 'loan', 'damage', 'penalty', 'consented',
            'gosi_employer', 'end_of_service', 'end_of_service_provision', 'compensation', 'unused_leave',
            'unpaid_leave', 'other'
        )
    );
select platform.tenant_table('hr.salary_lines');

-- What attendance says of a period, and days that somebody else counted.
alter table hr.payroll_inputs
    add column days_since_joining bigint,
    add column present_days bigint not null default 0,
    add column absent_days bigint not null default 0,
    add column late_days bigint not null default 0,
    add column unpaid_leave_days bigint not null default 0,
    add column overtime_minutes bigint not null default 0,
    add constraint payroll_inputs_days_since_joining_check check (days_since_joining between 1 and 100000),
    add constraint payroll_inputs_present_days_check check (present_days between 0 and 31),
    add constraint payroll_inputs_absent_days_check check (absent_days between 0 and 31),
    add constraint payroll_inputs_late_days_check check (late_days between 0 and 31),
    add constraint payroll_inputs_unpaid_leave_days_check check (unpaid_leave_days between 0 and 31),
    add constraint payroll_inputs_overtime_minutes_check check (overtime_minutes between 0 and 30000);
select platform.tenant_table('hr.payroll_inputs');

create table hr.payroll_refusals (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    run_id uuid not null,
    courier_id uuid not null,
    code text not null,
    field text,
    found text,
    params jsonb,
    constraint payroll_refusals_pkey primary key (organization_id, id),
    constraint payroll_refusals_run_id_fkey foreign key (organization_id, run_id)
        references hr.payroll_runs (organization_id, id),
    constraint payroll_refusals_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint payroll_refusals_code_check check (
        code in (
            'no_target', 'no_work', 'no_joining_date', 'joins_later', 'left_before', 'unknown_category',
            'formula_incomplete', 'rule_gap', 'no_gosi_rate', 'no_nationality', 'no_basic_salary', 'required',
            'negative', 'not_positive', 'not_a_number', 'not_whole', 'above_most', 'too_large', 'taken', 'bad_row',
            'not_payable'
        )
    ),
    constraint payroll_refusals_params_check check (jsonb_typeof(params) in ('object', 'array'))
);
create unique index payroll_refusals_courier_id_key on hr.payroll_refusals (organization_id, run_id, courier_id)
    where deleted_at is null;
create index payroll_refusals_courier_id_idx on hr.payroll_refusals (organization_id, courier_id);
create index payroll_refusals_code_idx on hr.payroll_refusals (organization_id, code, id);
select platform.tenant_table('hr.payroll_refusals');

create table hr.payroll_sheets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    run_id uuid not null,
    file_name text not null,
    checksum text not null,
    row_count bigint not null,
    stored_count bigint not null,
    error_count bigint not null,
    errors jsonb,
    constraint payroll_sheets_pkey primary key (organization_id, id),
    constraint payroll_sheets_run_id_fkey foreign key (organization_id, run_id)
        references hr.payroll_runs (organization_id, id),
    constraint payroll_sheets_row_count_check check (row_count >= 0),
    constraint payroll_sheets_stored_count_check check (stored_count >= 0),
    constraint payroll_sheets_error_count_check check (error_count >= 0),
    constraint payroll_sheets_errors_check check (jsonb_typeof(errors) in ('object', 'array'))
);
create unique index payroll_sheets_checksum_key on hr.payroll_sheets (organization_id, run_id, checksum)
    where deleted_at is null;
create index payroll_sheets_list_idx on hr.payroll_sheets (organization_id, created_at, id);
select platform.tenant_table('hr.payroll_sheets');

-- What is left to do of a calculation that goes on as a job: what was known of each courier when it began. Rows go as they are
-- paid, so that nothing is done twice and a later change of an input does not reach half of a run.
create table hr.payroll_work (
    organization_id uuid not null,
    run_id uuid not null,
    courier_id uuid not null,
    facts jsonb not null,
    constraint payroll_work_pkey primary key (organization_id, run_id, courier_id),
    constraint payroll_work_run_id_fkey foreign key (organization_id, run_id)
        references hr.payroll_runs (organization_id, id)
);
select platform.tenant_table('hr.payroll_work');
