-- The people who deliver. Who drives what is in fleet.vehicle_assignments, who lives where in accommodation: neither is
-- repeated here, because a copy is wrong as soon as one writer forgets it.

create schema if not exists fleet;
comment on schema fleet is 'Couriers, vehicles, who drives what, and fuel.';

create table fleet.couriers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    barq_id text not null,
    full_name text not null,
    status text not null,
    status_reason text,
    mobile_number text,
    email text,
    employee_id text,
    sponsorship_status text not null,
    project_type text not null,
    project_name text,
    position text,
    city text,
    supervisor_name text,
    joined_on date,
    last_working_day date,
    nationality text,
    date_of_birth date,
    national_id text,
    iqama_number text,
    iqama_expires_on date,
    passport_number text,
    passport_expires_on date,
    license_number text,
    license_type text,
    license_expires_on date,
    gosi_number text,
    bank_name text,
    bank_account_number text,
    iban text,
    basic_salary bigint,
    housing_allowance bigint,
    transportation_allowance bigint,
    jahez_driver_id text,
    hunger_rider_id text,
    mrsool_courier_id text,
    nana_courier_id text,
    syarah_driver_id text,
    fms_asset_id bigint,
    fms_driver_id bigint,
    fms_synced_at timestamptz,
    emergency_contact_name text,
    emergency_contact_phone text,
    performance_score numeric(18, 2) not null,
    average_rating numeric(18, 2),
    total_deliveries bigint not null,
    notes text,
    constraint couriers_pkey primary key (organization_id, id),
    constraint couriers_status_check check (
        status in ('onboarding', 'active', 'on_leave', 'suspended', 'inactive', 'terminated')
    ),
    constraint couriers_sponsorship_status_check check (
        sponsorship_status in ('inhouse', 'ajeer', 'trial', 'freelancer')
    ),
    constraint couriers_project_type_check check (
        project_type in ('barq', 'ecommerce', 'food', 'warehouse', 'mixed')
    ),
    constraint couriers_last_working_day_check check (
        (status <> 'terminated' or last_working_day is not null) and (last_working_day >= joined_on)
    ),
    constraint couriers_iqama_number_check check (iqama_number like '2%'),
    constraint couriers_basic_salary_check check (basic_salary >= 0),
    constraint couriers_housing_allowance_check check (housing_allowance >= 0),
    constraint couriers_transportation_allowance_check check (transportation_allowance >= 0),
    constraint couriers_performance_score_check check (performance_score between 0 and 100),
    constraint couriers_average_rating_check check (average_rating between 0 and 5),
    constraint couriers_total_deliveries_check check (total_deliveries >= 0)
);
create unique index couriers_barq_id_key on fleet.couriers (organization_id, barq_id) where deleted_at is null;
create unique index couriers_email_key on fleet.couriers (organization_id, email) where deleted_at is null;
create unique index couriers_employee_id_key on fleet.couriers (organization_id, employee_id) where deleted_at is null;
create unique index couriers_national_id_key on fleet.couriers (organization_id, national_id) where deleted_at is null;
create unique index couriers_iqama_number_key on fleet.couriers (organization_id, iqama_number) where deleted_at is null;
create unique index couriers_passport_number_key on fleet.couriers (organization_id, passport_number)
    where deleted_at is null;
create unique index couriers_fms_asset_id_key on fleet.couriers (organization_id, fms_asset_id) where deleted_at is null;
create index couriers_status_idx on fleet.couriers (organization_id, status, id);
create index couriers_full_name_idx on fleet.couriers (organization_id, full_name, id);
select platform.tenant_table('fleet.couriers');
