-- Papers, warnings before they run out, positions and shifts of couriers.

create table fleet.documents (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    document_name text not null,
    entity_type text not null,
    courier_id uuid,
    vehicle_id uuid,
    document_type text not null,
    document_number text,
    status text not null,
    file_id uuid,
    issued_on date,
    expires_on date,
    issuing_authority text,
    verified_by uuid,
    verified_at timestamptz,
    rejection_reason text,
    notes text,
    constraint documents_pkey primary key (organization_id, id),
    constraint documents_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint documents_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint documents_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint documents_verified_by_fkey foreign key (organization_id, verified_by)
        references platform.members (organization_id, user_id),
    constraint documents_entity_type_check check (entity_type in ('courier', 'vehicle', 'company')),
    constraint documents_courier_id_check check ((entity_type = 'courier') = (courier_id is not null)),
    constraint documents_vehicle_id_check check ((entity_type = 'vehicle') = (vehicle_id is not null)),
    constraint documents_document_type_check check (
        document_type in (
            'driver_license', 'vehicle_registration', 'mulkiya', 'insurance', 'iqama', 'national_id', 'passport',
            'contract', 'operating_card', 'commercial_registration', 'other'
        )
    ),
    constraint documents_status_check check (status in ('pending', 'verified', 'rejected', 'expired')),
    constraint documents_expires_on_check check (expires_on >= issued_on)
);
comment on table fleet.documents is 'Papers of couriers, of vehicles and of the company, with their file, verification and expiry.';
create index documents_courier_id_idx on fleet.documents (organization_id, courier_id);
create index documents_vehicle_id_idx on fleet.documents (organization_id, vehicle_id);
create index documents_status_idx on fleet.documents (organization_id, status, id);
create index documents_expires_on_idx on fleet.documents (organization_id, expires_on, id);
create index documents_verified_by_idx on fleet.documents (organization_id, verified_by);
create index documents_file_id_idx on fleet.documents (organization_id, file_id);
select platform.tenant_table('fleet.documents');

create table fleet.expiry_warnings (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    subject text not null,
    paper text not null,
    due_on date not null,
    threshold_days bigint not null,
    status text not null,
    courier_id uuid,
    vehicle_id uuid,
    document_id uuid,
    action_taken text,
    acknowledged_by uuid,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    warning_key text not null,
    constraint expiry_warnings_pkey primary key (organization_id, id),
    constraint expiry_warnings_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint expiry_warnings_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint expiry_warnings_document_id_fkey foreign key (organization_id, document_id)
        references fleet.documents (organization_id, id),
    constraint expiry_warnings_acknowledged_by_fkey foreign key (organization_id, acknowledged_by)
        references platform.members (organization_id, user_id),
    constraint expiry_warnings_paper_check check (
        paper in (
            'iqama', 'passport', 'license', 'registration', 'insurance', 'document', 'service'
        )
    ),
    constraint expiry_warnings_threshold_days_check check (threshold_days between 0 and 365),
    constraint expiry_warnings_status_check check (status in ('open', 'acknowledged', 'resolved'))
);
comment on table fleet.expiry_warnings is 'A paper runs out or a service is due: each warning exists once.';
create unique index expiry_warnings_warning_key_key on fleet.expiry_warnings
    (organization_id, warning_key) where deleted_at is null;
create index expiry_warnings_courier_id_idx on fleet.expiry_warnings (organization_id, courier_id);
create index expiry_warnings_vehicle_id_idx on fleet.expiry_warnings (organization_id, vehicle_id);
create index expiry_warnings_document_id_idx on fleet.expiry_warnings (organization_id, document_id);
create index expiry_warnings_status_idx on fleet.expiry_warnings (organization_id, status, due_on);
create index expiry_warnings_due_on_idx on fleet.expiry_warnings (organization_id, due_on, id);
create index expiry_warnings_acknowledged_by_idx on fleet.expiry_warnings (organization_id, acknowledged_by);
select platform.tenant_table('fleet.expiry_warnings');

create table fleet.courier_positions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    vehicle_id uuid,
    recorded_at timestamptz not null,
    latitude numeric(18, 7) not null,
    longitude numeric(18, 7) not null,
    accuracy_m numeric(18, 1),
    speed_km_h numeric(18, 1),
    heading_degrees bigint,
    altitude_m numeric(18, 1),
    battery_percent bigint,
    source text not null,
    constraint courier_positions_pkey primary key (organization_id, id),
    constraint courier_positions_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint courier_positions_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint courier_positions_latitude_check check (latitude between -90 and 90),
    constraint courier_positions_longitude_check check (longitude between -180 and 180),
    constraint courier_positions_accuracy_m_check check (accuracy_m >= 0),
    constraint courier_positions_speed_km_h_check check (speed_km_h >= 0),
    constraint courier_positions_heading_degrees_check check (heading_degrees between 0 and 360),
    constraint courier_positions_battery_percent_check check (battery_percent between 0 and 100),
    constraint courier_positions_source_check check (source in ('app', 'gps_device', 'platform'))
);
comment on table fleet.courier_positions is 'Where a courier was: reports of phones and of trackers, never changed.';
create index courier_positions_courier_id_idx on fleet.courier_positions (organization_id, courier_id, recorded_at);
create index courier_positions_vehicle_id_idx on fleet.courier_positions (organization_id, vehicle_id, recorded_at);
create index courier_positions_recorded_at_idx on fleet.courier_positions (organization_id, recorded_at, id);
select platform.tenant_table('fleet.courier_positions');

create table fleet.shifts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    vehicle_id uuid,
    works_on date not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    break_minutes bigint not null,
    city text,
    area text,
    status text not null,
    status_reason text,
    started_at timestamptz,
    ended_at timestamptz,
    planned_by uuid,
    notes text,
    constraint shifts_pkey primary key (organization_id, id),
    constraint shifts_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint shifts_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint shifts_planned_by_fkey foreign key (organization_id, planned_by)
        references platform.members (organization_id, user_id),
    constraint shifts_ends_at_check check (ends_at >= starts_at),
    constraint shifts_break_minutes_check check (break_minutes between 0 and 600),
    constraint shifts_status_check check (status in ('planned', 'started', 'completed', 'missed', 'cancelled')),
    constraint shifts_ended_at_check check (ended_at >= started_at)
);
comment on table fleet.shifts is 'When a courier is planned to work, and whether he did.';
create index shifts_courier_id_idx on fleet.shifts (organization_id, courier_id, works_on);
create index shifts_vehicle_id_idx on fleet.shifts (organization_id, vehicle_id);
create index shifts_works_on_idx on fleet.shifts (organization_id, works_on, id);
create index shifts_status_idx on fleet.shifts (organization_id, status, works_on);
create index shifts_planned_by_idx on fleet.shifts (organization_id, planned_by);
select platform.tenant_table('fleet.shifts');
