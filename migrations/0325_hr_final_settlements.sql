-- Final settlements: what a courier gets or owes on the last day, approved by a second person, once everything of the company is back.

create table hr.final_settlements (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    settlement_number text not null,
    courier_id uuid not null,
    reason text not null,
    joined_on date not null,
    last_day date not null,
    settle_by date not null,
    service_years numeric(18, 4) not null,
    suspended_days bigint not null,
    monthly_wage bigint not null,
    award bigint not null,
    unused_leave_days numeric(18, 2) not null,
    unused_leave bigint not null,
    notice_days bigint,
    notice bigint not null,
    loans bigint not null,
    net bigint not null,
    status text not null,
    prepared_by uuid,
    approved_by uuid,
    approved_at timestamptz,
    cancel_reason text,
    paid_on date,
    payment_method text,
    notes text,
    constraint final_settlements_pkey primary key (organization_id, id),
    constraint final_settlements_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint final_settlements_prepared_by_fkey foreign key (organization_id, prepared_by)
        references platform.members (organization_id, user_id),
    constraint final_settlements_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint final_settlements_reason_check check (
        reason in (
            'resignation', 'employer_termination', 'contract_end', 'retirement', 'death', 'force_majeure',
            'marriage_or_birth', 'employer_breach', 'gross_misconduct'
        )
    ),
    constraint final_settlements_last_day_check check (last_day >= joined_on),
    constraint final_settlements_suspended_days_check check (suspended_days between 0 and 36500),
    constraint final_settlements_notice_days_check check (notice_days between 0 and 3650),
    constraint final_settlements_award_check check (award >= 0),
    constraint final_settlements_unused_leave_check check (unused_leave >= 0),
    constraint final_settlements_loans_check check (loans >= 0),
    constraint final_settlements_status_check check (status in ('draft', 'approved', 'paid', 'cancelled')),
    constraint final_settlements_payment_method_check check (payment_method in ('bank_transfer', 'cash', 'cheque'))
);
create unique index final_settlements_settlement_number_key on hr.final_settlements (organization_id, settlement_number)
    where deleted_at is null;
-- Nobody is settled twice.
create unique index final_settlements_courier_id_key on hr.final_settlements (organization_id, courier_id)
    where deleted_at is null and status <> 'cancelled';
create index final_settlements_courier_id_idx on hr.final_settlements (organization_id, courier_id);
create index final_settlements_last_day_idx on hr.final_settlements (organization_id, last_day, id);
create index final_settlements_prepared_by_idx on hr.final_settlements (organization_id, prepared_by);
create index final_settlements_approved_by_idx on hr.final_settlements (organization_id, approved_by);
select platform.tenant_table('hr.final_settlements');
