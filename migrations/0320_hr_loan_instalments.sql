-- Instalments of loans: one row for each, whatever becomes of it. Their amounts sum to the loan.

alter table hr.loans
    add column deferrals bigint not null default 0,
    add column next_due_on date,
    add column changed_month date,
    add column changed_part bigint,
    add column changed_months bigint,
    add constraint loans_changed_part_check check (changed_part > 0),
    add constraint loans_changed_months_check check (changed_months between 1 and 24),
    add constraint loans_deferrals_check check (deferrals between 0 and 1000);
alter table hr.loans alter column deferrals drop default;

create table hr.loan_instalments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    loan_id uuid not null,
    position bigint not null,
    planned_on date not null,
    due_on date not null,
    amount bigint not null,
    paid_amount bigint not null,
    state text not null,
    settled_on date,
    constraint loan_instalments_pkey primary key (organization_id, id),
    constraint loan_instalments_loan_id_fkey foreign key (organization_id, loan_id)
        references hr.loans (organization_id, id),
    constraint loan_instalments_position_check check (position between 1 and 1000),
    constraint loan_instalments_amount_check check (amount > 0),
    constraint loan_instalments_paid_amount_check check (paid_amount between 0 and amount),
    constraint loan_instalments_state_check check (
        state in ('planned', 'skipped', 'postponed', 'reduced', 'paid', 'called_off')
    )
);
create unique index loan_instalments_position_key on hr.loan_instalments (organization_id, loan_id, position)
    where deleted_at is null;
create index loan_instalments_due_on_idx on hr.loan_instalments (organization_id, due_on, id);
create index loan_instalments_loan_id_idx on hr.loan_instalments (organization_id, loan_id, due_on);
select platform.tenant_table('hr.loan_instalments');
select platform.tenant_table('hr.loans');
