-- What pay is made from: dated formulas and rates, targets and the work of a period.

create table hr.gosi_rates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    contributor_class text not null,
    annuities_employee_percent numeric(18, 4) not null,
    annuities_employer_percent numeric(18, 4) not null,
    saned_employee_percent numeric(18, 4) not null,
    saned_employer_percent numeric(18, 4) not null,
    hazards_employer_percent numeric(18, 4) not null,
    floor_wage bigint not null,
    ceiling_wage bigint not null,
    effective_from date not null,
    effective_to date,
    article text,
    notes text,
    constraint gosi_rates_pkey primary key (organization_id, id),
    constraint gosi_rates_contributor_class_check check (
        contributor_class in ('saudi_old', 'saudi_new', 'gcc', 'non_saudi')
    ),
    constraint gosi_rates_annuities_employee_percent_check check (annuities_employee_percent >= 0),
    constraint gosi_rates_annuities_employer_percent_check check (annuities_employer_percent >= 0),
    constraint gosi_rates_saned_employee_percent_check check (saned_employee_percent >= 0),
    constraint gosi_rates_saned_employer_percent_check check (saned_employer_percent >= 0),
    constraint gosi_rates_hazards_employer_percent_check check (hazards_employer_percent >= 0),
    constraint gosi_rates_floor_wage_check check (floor_wage >= 0),
    constraint gosi_rates_ceiling_wage_check check (ceiling_wage >= 0 and ceiling_wage >= floor_wage),
    constraint gosi_rates_effective_to_check check (effective_to >= effective_from)
);
create index gosi_rates_contributor_class_idx on hr.gosi_rates (organization_id, contributor_class, effective_from);
select platform.tenant_table('hr.gosi_rates');

create table hr.payroll_parameters (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    category text not null,
    effective_from date not null,
    effective_to date,
    daily_target numeric(18, 10) not null,
    basic_divisor numeric(18, 10) not null,
    gas_divisor numeric(18, 10),
    basic_rate numeric(18, 10) not null,
    bonus_rate numeric(18, 10),
    bonus_step numeric(18, 10),
    bonus_rate_above_step numeric(18, 10),
    penalty_rate numeric(18, 10),
    gas_rate numeric(18, 10),
    gas_target_rate numeric(18, 10),
    gas_revenue_rate numeric(18, 10),
    gas_cap numeric(18, 10) not null,
    revenue_coefficient numeric(18, 10),
    revenue_bonus_step numeric(18, 10),
    revenue_bonus_rate numeric(18, 10),
    revenue_bonus_rate_above numeric(18, 10),
    rounds_target_up boolean not null,
    description text,
    constraint payroll_parameters_pkey primary key (organization_id, id),
    constraint payroll_parameters_category_check check (
        category in ('motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce')
    ),
    constraint payroll_parameters_basic_rate_check check (basic_rate >= 0),
    constraint payroll_parameters_bonus_rate_check check (bonus_rate >= 0),
    constraint payroll_parameters_bonus_step_check check (bonus_step >= 0),
    constraint payroll_parameters_bonus_rate_above_step_check check (bonus_rate_above_step >= 0),
    constraint payroll_parameters_penalty_rate_check check (penalty_rate >= 0),
    constraint payroll_parameters_gas_rate_check check (gas_rate >= 0),
    constraint payroll_parameters_gas_target_rate_check check (gas_target_rate >= 0),
    constraint payroll_parameters_gas_revenue_rate_check check (gas_revenue_rate >= 0),
    constraint payroll_parameters_gas_cap_check check (gas_cap >= 0),
    constraint payroll_parameters_revenue_coefficient_check check (revenue_coefficient >= 0),
    constraint payroll_parameters_revenue_bonus_step_check check (revenue_bonus_step >= 0),
    constraint payroll_parameters_revenue_bonus_rate_check check (revenue_bonus_rate >= 0),
    constraint payroll_parameters_revenue_bonus_rate_above_check check (revenue_bonus_rate_above >= 0),
    constraint payroll_parameters_daily_target_check check (daily_target > 0),
    constraint payroll_parameters_basic_divisor_check check (basic_divisor > 0),
    constraint payroll_parameters_gas_divisor_check check (gas_divisor > 0),
    constraint payroll_parameters_effective_to_check check (effective_to >= effective_from)
);
create index payroll_parameters_category_idx on hr.payroll_parameters (organization_id, category, effective_from);
select platform.tenant_table('hr.payroll_parameters');

create table hr.courier_targets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    year bigint not null,
    month bigint not null,
    category text not null,
    period_target numeric(18, 4) not null,
    notes text,
    constraint courier_targets_pkey primary key (organization_id, id),
    constraint courier_targets_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint courier_targets_year_check check (year between 2000 and 2200),
    constraint courier_targets_month_check check (month between 1 and 12),
    constraint courier_targets_category_check check (
        category in (
            'motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce', 'ajeer'
        )
    ),
    constraint courier_targets_period_target_check check (period_target > 0)
);
create unique index courier_targets_month_key on hr.courier_targets (organization_id, courier_id, year, month)
    where deleted_at is null;
create index courier_targets_year_idx on hr.courier_targets (organization_id, year, month);
create index courier_targets_courier_id_idx on hr.courier_targets (organization_id, courier_id);
select platform.tenant_table('hr.courier_targets');

create table hr.payroll_inputs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    year bigint not null,
    month bigint not null,
    total_orders bigint not null,
    total_revenue bigint not null,
    gas_usage bigint not null,
    source text not null,
    notes text,
    constraint payroll_inputs_pkey primary key (organization_id, id),
    constraint payroll_inputs_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint payroll_inputs_year_check check (year between 2000 and 2200),
    constraint payroll_inputs_month_check check (month between 1 and 12),
    constraint payroll_inputs_total_orders_check check (total_orders between 0 and 100000),
    constraint payroll_inputs_total_revenue_check check (total_revenue >= 0),
    constraint payroll_inputs_gas_usage_check check (gas_usage >= 0),
    constraint payroll_inputs_source_check check (
        source in ('sheet', 'system', 'person')
    )
);
create unique index payroll_inputs_month_key on hr.payroll_inputs (organization_id, courier_id, year, month)
    where deleted_at is null;
create index payroll_inputs_year_idx on hr.payroll_inputs (organization_id, year, month);
create index payroll_inputs_courier_id_idx on hr.payroll_inputs (organization_id, courier_id);
select platform.tenant_table('hr.payroll_inputs');
