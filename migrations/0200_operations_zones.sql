-- Where a company delivers: zones, who is on each one's roster, and what new zones begin with.

create schema if not exists operations;
comment on schema operations is 'Deliveries, dispatch, routes, service levels, cash on delivery, incidents, quality and feedback.';

create table operations.zones (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    zone_code text not null,
    zone_name text not null,
    status text not null,
    city text not null,
    district text,
    postal_code text,
    priority_level bigint not null,
    description text,
    -- GeoJSON; area and centre are computed from it.
    boundaries jsonb,
    -- Typed in for zones without boundaries.
    center_latitude numeric(18, 7),
    center_longitude numeric(18, 7),
    radius_km numeric(18, 2),
    estimated_population bigint,
    business_density text,
    max_couriers bigint not null,
    service_fee bigint not null,
    base_delivery_fee bigint not null,
    peak_hour_multiplier numeric(18, 2) not null,
    priority_multiplier numeric(18, 2) not null,
    minimum_order_value bigint not null,
    special_instructions text,
    notes text,
    constraint zones_pkey primary key (organization_id, id),
    constraint zones_status_check check (status in ('active', 'inactive', 'maintenance')),
    constraint zones_priority_level_check check (priority_level between 1 and 5),
    constraint zones_boundaries_check check (jsonb_typeof(boundaries) in ('object', 'array')),
    constraint zones_center_latitude_check check (center_latitude between -90 and 90),
    constraint zones_center_longitude_check check (center_longitude between -180 and 180),
    constraint zones_radius_km_check check (radius_km >= 0),
    constraint zones_estimated_population_check check (estimated_population >= 0),
    constraint zones_business_density_check check (business_density in ('low', 'medium', 'high')),
    constraint zones_max_couriers_check check (max_couriers between 1 and 100),
    constraint zones_service_fee_check check (service_fee >= 0),
    constraint zones_base_delivery_fee_check check (base_delivery_fee >= 0),
    constraint zones_peak_hour_multiplier_check check (peak_hour_multiplier between 1 and 3),
    constraint zones_priority_multiplier_check check (priority_multiplier between 1 and 3),
    constraint zones_minimum_order_value_check check (minimum_order_value >= 0)
);
create unique index zones_zone_code_key on operations.zones (organization_id, zone_code) where deleted_at is null;
select platform.tenant_table('operations.zones');

create table operations.zone_couriers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    zone_id uuid not null,
    courier_id uuid not null,
    status text not null,
    started_on date not null,
    ended_on date,
    notes text,
    constraint zone_couriers_pkey primary key (organization_id, id),
    constraint zone_couriers_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint zone_couriers_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint zone_couriers_status_check check (status in ('active', 'ended')),
    constraint zone_couriers_ended_on_check check (ended_on >= started_on)
);
create index zone_couriers_zone_id_idx on operations.zone_couriers (organization_id, zone_id);
create index zone_couriers_courier_id_idx on operations.zone_couriers (organization_id, courier_id);
create unique index zone_couriers_courier_id_key on operations.zone_couriers (organization_id, zone_id, courier_id)
    where status = 'active' and deleted_at is null;
select platform.tenant_table('operations.zone_couriers');

create table operations.zone_defaults (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    default_code text not null,
    default_name text not null,
    description text,
    default_max_couriers bigint not null,
    default_priority_level bigint not null,
    default_service_fee bigint not null,
    default_peak_multiplier numeric(18, 2) not null,
    default_minimum_order bigint not null,
    default_delivery_time_minutes bigint not null,
    default_sla_target_minutes bigint not null,
    operating_starts_at text not null,
    operating_ends_at text not null,
    is_active boolean not null,
    is_default boolean not null,
    constraint zone_defaults_pkey primary key (organization_id, id),
    constraint zone_defaults_default_max_couriers_check check (default_max_couriers between 1 and 100),
    constraint zone_defaults_default_priority_level_check check (default_priority_level between 1 and 5),
    constraint zone_defaults_default_service_fee_check check (default_service_fee >= 0),
    constraint zone_defaults_default_peak_multiplier_check check (default_peak_multiplier between 1 and 5),
    constraint zone_defaults_default_minimum_order_check check (default_minimum_order >= 0),
    constraint zone_defaults_default_delivery_time_minutes_check check (default_delivery_time_minutes between 10 and 1440),
    constraint zone_defaults_default_sla_target_minutes_check check (default_sla_target_minutes between 1 and 10000)
);
create unique index zone_defaults_default_code_key
    on operations.zone_defaults (organization_id, default_code) where deleted_at is null;
create unique index zone_defaults_is_default_key on operations.zone_defaults (organization_id)
    where is_default and deleted_at is null;
select platform.tenant_table('operations.zone_defaults');
