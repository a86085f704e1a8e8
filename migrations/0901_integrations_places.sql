-- Trackers in vehicles, fences and marks on the map.

create table integrations.gps_devices (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    device_number text not null,
    provider text,
    model text,
    imei text,
    sim_number text,
    status text not null,
    vehicle_id uuid,
    fms_asset_id bigint,
    installed_on date,
    retired_on date,
    last_seen_at timestamptz,
    firmware text,
    fault_description text,
    notes text,
    constraint gps_devices_pkey primary key (organization_id, id),
    constraint gps_devices_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint gps_devices_status_check check (status in ('in_stock', 'installed', 'faulty', 'retired')),
    constraint gps_devices_fms_asset_id_check check (fms_asset_id >= 0)
);
create unique index gps_devices_device_number_key on integrations.gps_devices (organization_id, device_number)
    where deleted_at is null;
create unique index gps_devices_imei_key on integrations.gps_devices (organization_id, imei) where deleted_at is null;
create unique index gps_devices_fms_asset_id_key on integrations.gps_devices (organization_id, fms_asset_id)
    where deleted_at is null;
-- One tracker in a vehicle.
create unique index gps_devices_vehicle_id_key on integrations.gps_devices (organization_id, vehicle_id)
    where status = 'installed' and deleted_at is null;
create index gps_devices_vehicle_id_idx on integrations.gps_devices (organization_id, vehicle_id);
create index gps_devices_device_number_idx on integrations.gps_devices (organization_id, device_number, id);
create index gps_devices_status_idx on integrations.gps_devices (organization_id, status);
select platform.tenant_table('integrations.gps_devices');

create table integrations.geofences (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    shape text not null,
    center_lat numeric(18, 7) not null,
    center_lon numeric(18, 7) not null,
    radius_m bigint,
    points jsonb,
    purpose text not null,
    colour text,
    alerts_on_enter boolean not null,
    alerts_on_exit boolean not null,
    speed_limit_kmh bigint,
    is_active boolean not null,
    notes text,
    constraint geofences_pkey primary key (organization_id, id),
    constraint geofences_shape_check check (shape in ('circle', 'polygon')),
    constraint geofences_radius_m_check check (radius_m >= 0),
    constraint geofences_points_check check (jsonb_typeof(points) = 'array'),
    constraint geofences_purpose_check check (
        purpose in (
            'depot', 'customer', 'restaurant', 'housing', 'forbidden', 'city', 'other'
        )
    ),
    constraint geofences_speed_limit_kmh_check check (speed_limit_kmh >= 0)
);
create unique index geofences_name_key on integrations.geofences (organization_id, name) where deleted_at is null;
create index geofences_name_idx on integrations.geofences (organization_id, name, id);
select platform.tenant_table('integrations.geofences');

create table integrations.placemarks (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    category text not null,
    lat numeric(18, 7) not null,
    lon numeric(18, 7) not null,
    address text,
    city text,
    contact_phone text,
    geofence_id uuid,
    notes text,
    constraint placemarks_pkey primary key (organization_id, id),
    constraint placemarks_geofence_id_fkey foreign key (organization_id, geofence_id)
        references integrations.geofences (organization_id, id),
    constraint placemarks_category_check check (
        category in (
            'restaurant', 'warehouse', 'fuel_station', 'workshop', 'housing', 'office', 'customer', 'other'
        )
    )
);
create index placemarks_geofence_id_idx on integrations.placemarks (organization_id, geofence_id);
create index placemarks_name_idx on integrations.placemarks (organization_id, name, id);
select platform.tenant_table('integrations.placemarks');
