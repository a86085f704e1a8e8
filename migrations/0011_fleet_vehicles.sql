-- The things a fleet drives, and who drives them from when to when.

create table fleet.vehicles (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    plate_number text,
    internal_number text,
    vehicle_type text not null,
    status text not null,
    status_reason text,
    retired_on date,
    make text,
    model text,
    year bigint,
    color text,
    ownership_type text not null,
    assigned_to_city text,
    assigned_to_project text,
    is_pool_vehicle boolean not null,
    registration_number text,
    registration_expires_on date,
    insurance_company text,
    insurance_policy_number text,
    insurance_expires_on date,
    vin_number text,
    engine_number text,
    engine_capacity_cc bigint,
    transmission text,
    fuel_type text,
    fuel_capacity_l numeric(18, 2),
    fuel_card_number text,
    mileage_km numeric(18, 2) not null,
    total_distance_km numeric(18, 2) not null,
    total_trips bigint not null,
    avg_km_per_l numeric(18, 2),
    last_service_on date,
    last_service_km numeric(18, 2),
    next_service_on date,
    next_service_km numeric(18, 2),
    gps_device_id text,
    gps_device_imei text,
    is_gps_active boolean not null,
    fms_asset_id bigint,
    fms_tracking_unit_id bigint,
    fms_synced_at timestamptz,
    purchase_price bigint,
    purchased_on date,
    monthly_lease_cost bigint,
    depreciation_rate_percent numeric(18, 2),
    notes text,
    constraint vehicles_pkey primary key (organization_id, id),
    constraint vehicles_plate_number_check check (plate_number is not null or internal_number is not null),
    constraint vehicles_vehicle_type_check check (vehicle_type in ('motorcycle', 'car', 'van', 'truck', 'bicycle')),
    constraint vehicles_status_check check (status in ('active', 'maintenance', 'repair', 'inactive', 'retired')),
    constraint vehicles_retired_on_check check ((status = 'retired') = (retired_on is not null)),
    constraint vehicles_year_check check (year between 1950 and 2100),
    constraint vehicles_ownership_type_check check (ownership_type in ('owned', 'leased', 'rented')),
    constraint vehicles_engine_capacity_cc_check check (engine_capacity_cc between 0 and 30000),
    constraint vehicles_transmission_check check (transmission in ('manual', 'automatic')),
    constraint vehicles_fuel_type_check check (fuel_type in ('gasoline', 'diesel', 'electric', 'hybrid')),
    constraint vehicles_fuel_capacity_l_check check (fuel_capacity_l >= 0),
    constraint vehicles_mileage_km_check check (mileage_km >= 0),
    constraint vehicles_total_distance_km_check check (total_distance_km >= 0),
    constraint vehicles_total_trips_check check (total_trips >= 0),
    constraint vehicles_avg_km_per_l_check check (avg_km_per_l >= 0),
    constraint vehicles_last_service_km_check check (last_service_km >= 0),
    constraint vehicles_next_service_km_check check (next_service_km >= 0),
    constraint vehicles_purchase_price_check check (purchase_price >= 0),
    constraint vehicles_monthly_lease_cost_check check (monthly_lease_cost >= 0),
    constraint vehicles_depreciation_rate_percent_check check (depreciation_rate_percent between 0 and 100)
);
create unique index vehicles_plate_number_key on fleet.vehicles (organization_id, plate_number) where deleted_at is null;
create unique index vehicles_internal_number_key on fleet.vehicles (organization_id, internal_number)
    where deleted_at is null;
create unique index vehicles_registration_number_key on fleet.vehicles (organization_id, registration_number)
    where deleted_at is null;
create unique index vehicles_vin_number_key on fleet.vehicles (organization_id, vin_number) where deleted_at is null;
create unique index vehicles_fuel_card_number_key on fleet.vehicles (organization_id, fuel_card_number)
    where deleted_at is null;
create unique index vehicles_fms_asset_id_key on fleet.vehicles (organization_id, fms_asset_id) where deleted_at is null;
create index vehicles_status_idx on fleet.vehicles (organization_id, status, id);
create index vehicles_vehicle_type_idx on fleet.vehicles (organization_id, vehicle_type, id);
select platform.tenant_table('fleet.vehicles');

create table fleet.vehicle_assignments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    vehicle_id uuid not null,
    courier_id uuid not null,
    assignment_type text not null,
    status text not null,
    started_on date not null,
    ended_on date,
    start_odometer_km numeric(18, 2),
    end_odometer_km numeric(18, 2),
    assigned_by text,
    assignment_reason text,
    end_reason text,
    notes text,
    constraint vehicle_assignments_pkey primary key (organization_id, id),
    constraint vehicle_assignments_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint vehicle_assignments_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint vehicle_assignments_assignment_type_check check (
        assignment_type in ('permanent', 'temporary', 'trial')
    ),
    constraint vehicle_assignments_status_check check (status in ('active', 'completed', 'cancelled')),
    constraint vehicle_assignments_ended_on_check check (
        (ended_on >= started_on) and (status <> 'active' or ended_on is null)
        and (status <> 'completed' or ended_on is not null)
    ),
    constraint vehicle_assignments_start_odometer_km_check check (start_odometer_km >= 0),
    constraint vehicle_assignments_end_odometer_km_check check (
        end_odometer_km >= 0 and end_odometer_km >= start_odometer_km
    )
);
-- One open assignment for a vehicle and one for a courier: the database refuses the second of two requests at once.
create unique index vehicle_assignments_vehicle_id_key on fleet.vehicle_assignments (organization_id, vehicle_id)
    where status = 'active' and deleted_at is null;
create unique index vehicle_assignments_courier_id_key on fleet.vehicle_assignments (organization_id, courier_id)
    where status = 'active' and deleted_at is null;
create index vehicle_assignments_vehicle_id_idx on fleet.vehicle_assignments (organization_id, vehicle_id, started_on);
create index vehicle_assignments_courier_id_idx on fleet.vehicle_assignments (organization_id, courier_id, started_on);
create index vehicle_assignments_started_on_idx on fleet.vehicle_assignments (organization_id, started_on, id);
select platform.tenant_table('fleet.vehicle_assignments');
