-- Loans and the ledger of what was paid back: the ledger is only ever added to.

create table hr.loans (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    loan_number text not null,
    courier_id uuid not null,
    loan_type text not null,
    amount bigint not null,
    total_installments bigint not null,
    monthly_deduction bigint not null,
    outstanding_balance bigint not null,
    starts_on date not null,
    ended_on date,
    status text not null,
    reason text,
    approved_by uuid,
    approved_at timestamptz,
    rejection_reason text,
    cancel_reason text,
    last_paid_on date,
    last_payment_method text,
    last_salary_id uuid,
    notes text,
    constraint loans_pkey primary key (organization_id, id),
    constraint loans_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint loans_loan_type_check check (
        loan_type in ('salary_advance', 'personal', 'emergency', 'housing', 'vehicle')
    ),
    constraint loans_total_installments_check check (total_installments between 1 and 60),
    constraint loans_status_check check (
        status in ('pending', 'active', 'completed', 'rejected', 'cancelled')
    ),
    constraint loans_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint loans_last_payment_method_check check (
        last_payment_method in ('salary', 'cash', 'bank_transfer', 'settlement')
    ),
    constraint loans_last_salary_id_fkey foreign key (organization_id, last_salary_id)
        references hr.salaries (organization_id, id),
    constraint loans_monthly_deduction_check check (monthly_deduction > 0),
    constraint loans_amount_check check (amount > 0),
    constraint loans_outstanding_balance_check check (outstanding_balance between 0 and amount)
);
create unique index loans_loan_number_key on hr.loans (organization_id, loan_number)
    where deleted_at is null;
create index loans_courier_id_idx on hr.loans (organization_id, courier_id, status);
create index loans_status_idx on hr.loans (organization_id, status, id);
create index loans_approved_by_idx on hr.loans (organization_id, approved_by);
create index loans_last_salary_id_idx on hr.loans (organization_id, last_salary_id);
select platform.tenant_table('hr.loans');

create table hr.loan_payments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    loan_id uuid not null,
    paid_on date not null,
    amount bigint not null,
    balance_after bigint not null,
    method text not null,
    salary_id uuid,
    notes text,
    constraint loan_payments_pkey primary key (organization_id, id),
    constraint loan_payments_loan_id_fkey foreign key (organization_id, loan_id)
        references hr.loans (organization_id, id),
    constraint loan_payments_balance_after_check check (balance_after >= 0),
    constraint loan_payments_method_check check (
        method in ('salary', 'cash', 'bank_transfer', 'settlement')
    ),
    constraint loan_payments_salary_id_fkey foreign key (organization_id, salary_id)
        references hr.salaries (organization_id, id),
    constraint loan_payments_amount_check check (amount > 0)
);
create index loan_payments_loan_id_idx on hr.loan_payments (organization_id, loan_id);
create index loan_payments_salary_id_idx on hr.loan_payments (organization_id, salary_id);
select platform.tenant_table('hr.loan_payments');
