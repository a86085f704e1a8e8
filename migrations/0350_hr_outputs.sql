-- What leaves payroll as files: the accounts that wages are paid from, the wage files that were made, and the ledger's accounts.

create table hr.paying_accounts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    iban text not null,
    establishment_number text not null,
    ministry_number text not null,
    is_default boolean not null,
    notes text,
    constraint paying_accounts_pkey primary key (organization_id, id)
);
comment on table hr.paying_accounts is 'Bank accounts that wages are paid from, with the establishment''s numbers at bank and ministry.';
create unique index paying_accounts_name_key on hr.paying_accounts (organization_id, name) where deleted_at is null;
create index paying_accounts_name_idx on hr.paying_accounts (organization_id, name, id);
select platform.tenant_table('hr.paying_accounts');

create table hr.wage_files (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    run_id uuid not null,
    paying_account_id uuid not null,
    reference text not null,
    value_date date not null,
    debit_date date,
    made_on date not null,
    made_by uuid,
    workers bigint not null,
    total bigint not null,
    sha256 text not null,
    constraint wage_files_pkey primary key (organization_id, id),
    constraint wage_files_run_id_fkey foreign key (organization_id, run_id)
        references hr.payroll_runs (organization_id, id),
    constraint wage_files_paying_account_id_fkey foreign key (organization_id, paying_account_id)
        references hr.paying_accounts (organization_id, id),
    constraint wage_files_made_by_fkey foreign key (organization_id, made_by)
        references platform.members (organization_id, user_id),
    constraint wage_files_workers_check check (workers between 1 and 1000000),
    constraint wage_files_total_check check (total >= 0)
);
comment on table hr.wage_files is 'Wage files that were made: of which run, by whom, and the checksum that a later download is held to.';
create unique index wage_files_reference_key on hr.wage_files (organization_id, reference) where deleted_at is null;
create index wage_files_run_id_idx on hr.wage_files (organization_id, run_id);
create index wage_files_paying_account_id_idx on hr.wage_files (organization_id, paying_account_id);
create index wage_files_made_by_idx on hr.wage_files (organization_id, made_by);
create index wage_files_value_date_idx on hr.wage_files (organization_id, value_date, id);
select platform.tenant_table('hr.wage_files');

create table hr.ledger_accounts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    posting text not null,
    account_code text not null,
    account_name text not null,
    notes text,
    constraint ledger_accounts_pkey primary key (organization_id, id),
    constraint ledger_accounts_posting_check check (
        posting in (
            'wages', 'bonuses', 'allowances', 'overtime', 'adjustments', 'social_insurance', 'social_insurance_payable',
            'employee_loans', 'fines', 'court_orders', 'damage', 'other_deductions', 'wages_payable'
        )
    )
);
comment on table hr.ledger_accounts is 'Accounts of the company''s ledger that payroll is posted to: the latest row of a posting counts, and one without a row uses the documented account.';
create index ledger_accounts_posting_idx on hr.ledger_accounts (organization_id, posting, id);
select platform.tenant_table('hr.ledger_accounts');
