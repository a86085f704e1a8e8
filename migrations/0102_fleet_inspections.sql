-- Checks of vehicles.

create table fleet.vehicle_inspections (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    inspection_number text not null,
    vehicle_id uuid not null,
    courier_id uuid,
    inspection_type text not null,
    status text not null,
    status_reason text,
    scheduled_on date,
    completed_at timestamptz,
    inspected_by uuid,
    inspector_name text,
    location text,
    weather text,
    odometer_km numeric(18, 2),
    overall_condition text not null,
    engine_condition boolean not null,
    engine_oil_level boolean not null,
    coolant_level boolean not null,
    battery_condition boolean not null,
    transmission boolean not null,
    headlights boolean not null,
    taillights boolean not null,
    indicators boolean not null,
    brake_lights boolean not null,
    horn boolean not null,
    dashboard_lights boolean not null,
    brake_pads_front boolean not null,
    brake_pads_rear boolean not null,
    brake_fluid_level boolean not null,
    handbrake boolean not null,
    tire_front_left boolean not null,
    tire_front_right boolean not null,
    tire_rear_left boolean not null,
    tire_rear_right boolean not null,
    spare_tire boolean not null,
    tire_pressure boolean not null,
    body_condition boolean not null,
    windshield boolean not null,
    mirrors boolean not null,
    wipers boolean not null,
    doors boolean not null,
    windows boolean not null,
    seats boolean not null,
    seatbelts boolean not null,
    air_conditioning boolean not null,
    steering boolean not null,
    first_aid_kit boolean not null,
    fire_extinguisher boolean not null,
    warning_triangle boolean not null,
    jack_and_tools boolean not null,
    registration_document boolean not null,
    insurance_document boolean not null,
    verdict text,
    score bigint,
    passed_checks bigint,
    failed_checks bigint,
    critical_failures bigint,
    is_roadworthy boolean,
    meets_safety_standards boolean,
    issues_found text,
    critical_issues text,
    recommendations text,
    required_repairs text,
    requires_immediate_repair boolean not null,
    requires_follow_up boolean not null,
    follow_up_on date,
    repairs_completed boolean not null,
    repairs_completed_on date,
    inspector_comments text,
    signature_file_id uuid,
    report_file_id uuid,
    photos jsonb,
    notes text,
    constraint vehicle_inspections_pkey primary key (organization_id, id),
    constraint vehicle_inspections_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint vehicle_inspections_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint vehicle_inspections_inspected_by_fkey foreign key (organization_id, inspected_by)
        references platform.members (organization_id, user_id),
    constraint vehicle_inspections_signature_file_id_fkey foreign key (organization_id, signature_file_id)
        references platform.files (organization_id, id),
    constraint vehicle_inspections_report_file_id_fkey foreign key (organization_id, report_file_id)
        references platform.files (organization_id, id),
    constraint vehicle_inspections_inspection_type_check check (
        inspection_type in (
            'pre_trip', 'post_trip', 'periodic', 'safety', 'registration', 'accident'
        )
    ),
    constraint vehicle_inspections_status_check check (status in ('scheduled', 'completed', 'cancelled')),
    constraint vehicle_inspections_odometer_km_check check (odometer_km >= 0),
    constraint vehicle_inspections_overall_condition_check check (
        overall_condition in (
            'excellent', 'good', 'fair', 'poor'
        )
    ),
    constraint vehicle_inspections_verdict_check check (verdict in ('passed', 'conditional', 'failed')),
    constraint vehicle_inspections_score_check check (
        (score between 0 and 100)
        and ((status = 'completed') = (verdict is not null))
    ),
    constraint vehicle_inspections_passed_checks_check check (passed_checks between 0 and 37),
    constraint vehicle_inspections_failed_checks_check check (failed_checks between 0 and 37),
    constraint vehicle_inspections_critical_failures_check check (critical_failures between 0 and 37),
    constraint vehicle_inspections_photos_check check (jsonb_typeof(photos) in ('object', 'array'))
);
comment on table fleet.vehicle_inspections is 'Checks of a vehicle: 37 points, a score and a verdict.';
create unique index vehicle_inspections_inspection_number_key on fleet.vehicle_inspections
    (organization_id, inspection_number) where deleted_at is null;
create index vehicle_inspections_vehicle_id_idx on fleet.vehicle_inspections
    (organization_id, vehicle_id, completed_at);
create index vehicle_inspections_courier_id_idx on fleet.vehicle_inspections (organization_id, courier_id);
create index vehicle_inspections_status_idx on fleet.vehicle_inspections (organization_id, status, scheduled_on);
create index vehicle_inspections_inspected_by_idx on fleet.vehicle_inspections (organization_id, inspected_by);
create index vehicle_inspections_signature_file_id_idx on fleet.vehicle_inspections
    (organization_id, signature_file_id);
create index vehicle_inspections_report_file_id_idx on fleet.vehicle_inspections (organization_id, report_file_id);
select platform.tenant_table('fleet.vehicle_inspections');
