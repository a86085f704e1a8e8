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

-- Loans that were granted before: what was repaid is one row, what is owed is due from the month after the last payment on, and
-- what was called off is one row. One organization after the other, as row security wants it.
do $$
declare
    tenant uuid;
begin
    for tenant in select id from platform.organizations loop
        perform set_config('barq.organization_id', tenant::text, true);
        with granted as (
            select l.organization_id, l.id, l.updated_at, l.amount, l.status, l.outstanding_balance, l.monthly_deduction,
                l.ended_on, date_trunc('month', l.starts_on)::date as first_month, l.last_paid_on,
                (select coalesce(sum(p.amount), 0)::bigint from hr.loan_payments p
                    where p.organization_id = l.organization_id and p.loan_id = l.id and p.deleted_at is null) as repaid
            from hr.loans l
            where l.organization_id = tenant and l.deleted_at is null and l.approved_at is not null and l.status in ('active', 'completed', 'cancelled')
        ), parts as (
            select g.*, 1 as place, g.first_month as month, g.repaid as part, 'paid' as state
            from granted g where g.repaid > 0
            union all
            select g.*, n + 2, (greatest(g.first_month, date_trunc('month', coalesce(g.last_paid_on, g.first_month))
                    + case when g.repaid > 0 then interval '1 month' else interval '0' end) + n * interval '1 month')::date,
                least(g.monthly_deduction, g.outstanding_balance - n * g.monthly_deduction), 'planned'
            from granted g,
                generate_series(0, (g.outstanding_balance + g.monthly_deduction - 1) / g.monthly_deduction - 1) n
            where g.status = 'active'
            union all
            select g.*, 2, g.first_month, g.amount - g.repaid, 'called_off'
            from granted g where g.status = 'cancelled' and g.amount > g.repaid
        )
        insert into hr.loan_instalments (organization_id, id, created_at, updated_at, loan_id, position, planned_on, due_on, amount,
            paid_amount, state, settled_on)
        select organization_id, gen_random_uuid(), updated_at, updated_at, id,
            row_number() over (partition by organization_id, id order by place), month, month, part,
            case state when 'paid' then part else 0 end, state, case state when 'planned' then null else coalesce(last_paid_on, ended_on) end
        from parts;
        update hr.loans l set next_due_on = (
            select min(i.due_on) from hr.loan_instalments i
            where i.organization_id = l.organization_id and i.loan_id = l.id and i.state not in ('paid', 'called_off')
        )
        where l.organization_id = tenant and l.status = 'active';
    end loop;
    perform set_config('barq.organization_id', '', true);
end
$$;
select platform.tenant_table('hr.loans');
