-- Leave: what is asked for, what each kind grants, and the days on which nobody works.

create schema if not exists hr;
comment on schema hr is 'Attendance, leave, pay, loans, penalties, expenses and budgets.';

create table hr.leaves (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    leave_type text not null,
    starts_on date not null,
    ends_on date not null,
    days bigint,
    status text not null,
    reason text,
    attachment_file_id uuid,
    decided_by uuid,
    decided_at timestamptz,
    rejection_reason text,
    cancel_reason text,
    returned_on date,
    notes text,
    constraint leaves_pkey primary key (organization_id, id),
    constraint leaves_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint leaves_leave_type_check check (
        leave_type in (
            'annual', 'sick', 'emergency', 'unpaid', 'marriage', 'bereavement', 'paternity', 'maternity', 'hajj',
            'exam', 'iddah'
        )
    ),
    constraint leaves_days_check check (days between 1 and 366),
    constraint leaves_status_check check (
        status in ('pending', 'approved', 'completed', 'rejected', 'cancelled')
    ),
    constraint leaves_attachment_file_id_fkey foreign key (organization_id, attachment_file_id)
        references platform.files (organization_id, id),
    constraint leaves_decided_by_fkey foreign key (organization_id, decided_by)
        references platform.members (organization_id, user_id),
    constraint leaves_ends_on_check check (ends_on >= starts_on)
);
create index leaves_courier_id_idx on hr.leaves (organization_id, courier_id, starts_on);
create index leaves_status_idx on hr.leaves (organization_id, status, starts_on);
create index leaves_attachment_file_id_idx on hr.leaves (organization_id, attachment_file_id);
create index leaves_decided_by_idx on hr.leaves (organization_id, decided_by);
select platform.tenant_table('hr.leaves');

create table hr.leave_entitlements (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    leave_type text not null,
    min_service_years bigint not null,
    days_per_year numeric(18, 2) not null,
    basis text not null,
    accrual text not null,
    paid_percent numeric(18, 2) not null,
    article text,
    effective_from date not null,
    effective_to date,
    notes text,
    constraint leave_entitlements_pkey primary key (organization_id, id),
    constraint leave_entitlements_leave_type_check check (
        leave_type in (
            'annual', 'sick', 'emergency', 'unpaid', 'marriage', 'bereavement', 'paternity', 'maternity', 'hajj',
            'exam', 'iddah'
        )
    ),
    constraint leave_entitlements_min_service_years_check check (min_service_years between 0 and 60),
    constraint leave_entitlements_days_per_year_check check (days_per_year >= 0),
    constraint leave_entitlements_basis_check check (
        basis in ('year', 'event', 'once')
    ),
    constraint leave_entitlements_accrual_check check (
        accrual in ('upfront', 'monthly')
    ),
    constraint leave_entitlements_paid_percent_check check (paid_percent between 0 and 100),
    constraint leave_entitlements_effective_to_check check (effective_to >= effective_from)
);
create index leave_entitlements_leave_type_idx on hr.leave_entitlements (organization_id, leave_type, effective_from);
select platform.tenant_table('hr.leave_entitlements');

create table hr.public_holidays (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    kind text not null,
    starts_on date not null,
    ends_on date not null,
    is_announced boolean not null,
    notes text,
    constraint public_holidays_pkey primary key (organization_id, id),
    constraint public_holidays_kind_check check (
        kind in ('eid_al_fitr', 'eid_al_adha', 'national_day', 'founding_day', 'other')
    ),
    constraint public_holidays_ends_on_check check (ends_on >= starts_on)
);
create index public_holidays_starts_on_idx on hr.public_holidays (organization_id, starts_on);
select platform.tenant_table('hr.public_holidays');
