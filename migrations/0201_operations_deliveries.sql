-- Deliveries, what happened to them, what proves it, and the routes that they belong to.

create table operations.routes (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    route_number text not null,
    route_name text not null,
    route_code text,
    status text not null,
    courier_id uuid,
    zone_id uuid,
    route_on date not null,
    description text,
    optimal_vehicle_type text,
    max_stops bigint,
    scheduled_start_at timestamptz,
    scheduled_end_at timestamptz,
    actual_start_at timestamptz,
    actual_end_at timestamptz,
    start_location text,
    start_latitude numeric(18, 7),
    start_longitude numeric(18, 7),
    end_location text,
    end_latitude numeric(18, 7),
    end_longitude numeric(18, 7),
    total_distance_km numeric(18, 2),
    estimated_duration_minutes bigint,
    is_optimized boolean not null,
    optimization_algorithm text,
    distance_saved_km numeric(18, 2),
    actual_distance_km numeric(18, 2),
    actual_duration_minutes bigint,
    assigned_by uuid,
    assigned_at timestamptz,
    cancel_reason text,
    special_instructions text,
    internal_notes text,
    notes text,
    constraint routes_pkey primary key (organization_id, id),
    constraint routes_status_check check (status in ('planned', 'assigned', 'in_progress', 'completed', 'cancelled')),
    constraint routes_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint routes_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint routes_optimal_vehicle_type_check check (
        optimal_vehicle_type in (
            'motorcycle', 'car', 'van', 'truck', 'bicycle'
        )
    ),
    constraint routes_max_stops_check check (max_stops between 1 and 500),
    constraint routes_start_latitude_check check (start_latitude between -90 and 90),
    constraint routes_start_longitude_check check (start_longitude between -180 and 180),
    constraint routes_end_latitude_check check (end_latitude between -90 and 90),
    constraint routes_end_longitude_check check (end_longitude between -180 and 180),
    constraint routes_total_distance_km_check check (total_distance_km >= 0),
    constraint routes_estimated_duration_minutes_check check (estimated_duration_minutes >= 0),
    constraint routes_distance_saved_km_check check (distance_saved_km >= 0),
    constraint routes_actual_distance_km_check check (actual_distance_km >= 0),
    constraint routes_actual_duration_minutes_check check (actual_duration_minutes >= 0),
    constraint routes_assigned_by_fkey foreign key (organization_id, assigned_by)
        references platform.members (organization_id, user_id)
);
create unique index routes_route_number_key
    on operations.routes (organization_id, route_number) where deleted_at is null;
create index routes_courier_id_idx on operations.routes (organization_id, courier_id);
create index routes_zone_id_idx on operations.routes (organization_id, zone_id);
create index routes_assigned_by_idx on operations.routes (organization_id, assigned_by);
create index routes_route_on_idx on operations.routes (organization_id, route_on, id);
select platform.tenant_table('operations.routes');

create table operations.deliveries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    delivery_number text not null,
    tracking_number text,
    status text not null,
    courier_id uuid,
    zone_id uuid,
    route_id uuid,
    service_level text not null,
    priority text not null,
    platform text not null,
    platform_order_id text,
    platform_status text,
    -- When the customer ordered; rows typed in later have none and count from created_at.
    ordered_at timestamptz,
    customer_name text,
    customer_phone text,
    sender_name text,
    sender_phone text,
    pickup_address text not null,
    pickup_latitude numeric(18, 7),
    pickup_longitude numeric(18, 7),
    delivery_address text not null,
    delivery_latitude numeric(18, 7),
    delivery_longitude numeric(18, 7),
    distance_km numeric(18, 2),
    estimated_minutes bigint,
    scheduled_pickup_at timestamptz,
    scheduled_delivery_at timestamptz,
    order_total bigint,
    -- Minor units, as every amount.
    cod_amount bigint not null,
    delivery_fee bigint not null,
    items_count bigint,
    package_weight_kg numeric(18, 2),
    package_dimensions text,
    is_fragile boolean not null,
    attempt_count bigint not null,
    assigned_at timestamptz,
    accepted_at timestamptz,
    pickup_started_at timestamptz,
    picked_up_at timestamptz,
    in_transit_at timestamptz,
    arrived_at timestamptz,
    delivered_at timestamptz,
    failed_at timestamptz,
    returned_at timestamptz,
    cancelled_at timestamptz,
    last_latitude numeric(18, 7),
    last_longitude numeric(18, 7),
    receiver_type text,
    receiver_name text,
    photo_file_id uuid,
    signature_file_id uuid,
    cash_collected bigint,
    failure_reason text,
    status_reason text,
    notes text,
    constraint deliveries_pkey primary key (organization_id, id),
    constraint deliveries_status_check check (
        status in (
            'pending', 'assigned', 'accepted', 'pickup_started', 'picked_up', 'in_transit', 'arrived',
            'delivered', 'failed', 'returned', 'cancelled'
        )
    ),
    constraint deliveries_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint deliveries_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint deliveries_route_id_fkey foreign key (organization_id, route_id)
        references operations.routes (organization_id, id),
    constraint deliveries_service_level_check check (service_level in ('express', 'standard', 'economy')),
    constraint deliveries_priority_check check (priority in ('urgent', 'high', 'normal', 'low')),
    constraint deliveries_platform_check check (
        platform in (
            'direct', 'barq', 'jahez', 'saned', 'hunger', 'mrsool', 'nana', 'amazon', 'kaykroo', 'mealme',
            'chalhoub', 'spl_wh', 'spl_ds', 'chefz', 'keeta', 'other'
        )
    ),
    constraint deliveries_pickup_latitude_check check (pickup_latitude between -90 and 90),
    constraint deliveries_pickup_longitude_check check (pickup_longitude between -180 and 180),
    constraint deliveries_delivery_latitude_check check (delivery_latitude between -90 and 90),
    constraint deliveries_delivery_longitude_check check (delivery_longitude between -180 and 180),
    constraint deliveries_distance_km_check check (distance_km >= 0),
    constraint deliveries_estimated_minutes_check check (estimated_minutes >= 0),
    constraint deliveries_order_total_check check (order_total >= 0),
    constraint deliveries_cod_amount_check check (cod_amount >= 0),
    constraint deliveries_delivery_fee_check check (delivery_fee >= 0),
    constraint deliveries_items_count_check check (items_count >= 0),
    constraint deliveries_package_weight_kg_check check (package_weight_kg >= 0),
    constraint deliveries_attempt_count_check check (attempt_count between 0 and 1000),
    constraint deliveries_last_latitude_check check (last_latitude between -90 and 90),
    constraint deliveries_last_longitude_check check (last_longitude between -180 and 180),
    constraint deliveries_receiver_type_check check (
        receiver_type in (
            'customer', 'family_member', 'guard', 'reception', 'colleague', 'other'
        )
    ),
    constraint deliveries_photo_file_id_fkey foreign key (organization_id, photo_file_id)
        references platform.files (organization_id, id),
    constraint deliveries_signature_file_id_fkey foreign key (organization_id, signature_file_id)
        references platform.files (organization_id, id),
    constraint deliveries_cash_collected_check check (cash_collected >= 0),
    constraint deliveries_failure_reason_check check (
        failure_reason in (
            'customer_absent', 'customer_unreachable', 'customer_refused', 'wrong_address',
            'damaged_package', 'payment_problem', 'other'
        )
    )
);
create unique index deliveries_tracking_number_key
    on operations.deliveries (organization_id, tracking_number) where deleted_at is null;
create unique index deliveries_delivery_number_key
    on operations.deliveries (organization_id, delivery_number) where deleted_at is null;
create index deliveries_zone_id_idx on operations.deliveries (organization_id, zone_id);
create index deliveries_route_id_idx on operations.deliveries (organization_id, route_id);
create index deliveries_photo_file_id_idx on operations.deliveries (organization_id, photo_file_id);
create index deliveries_signature_file_id_idx on operations.deliveries (organization_id, signature_file_id);
create index deliveries_platform_order_id_idx on operations.deliveries (organization_id, platform, platform_order_id);
create index deliveries_status_idx on operations.deliveries (organization_id, status, id);
create index deliveries_courier_id_idx on operations.deliveries (organization_id, courier_id, status);
create index deliveries_delivered_at_idx on operations.deliveries (organization_id, delivered_at);
create index deliveries_ordered_at_idx on operations.deliveries (organization_id, ordered_at);
select platform.tenant_table('operations.deliveries');

create table operations.delivery_events (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    delivery_id uuid not null,
    event text not null,
    from_status text,
    to_status text,
    courier_id uuid,
    previous_courier_id uuid,
    occurred_at timestamptz not null,
    latitude numeric(18, 7),
    longitude numeric(18, 7),
    recorded_by uuid,
    reason text,
    constraint delivery_events_pkey primary key (organization_id, id),
    constraint delivery_events_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint delivery_events_event_check check (
        event in (
            'assign', 'accept', 'reject', 'time_out', 'unassign', 'start_pickup', 'pick_up', 'depart',
            'arrive', 'deliver', 'fail', 'return_to_sender', 'cancel', 'transfer'
        )
    ),
    constraint delivery_events_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint delivery_events_previous_courier_id_fkey foreign key (organization_id, previous_courier_id)
        references fleet.couriers (organization_id, id),
    constraint delivery_events_latitude_check check (latitude between -90 and 90),
    constraint delivery_events_longitude_check check (longitude between -180 and 180),
    constraint delivery_events_recorded_by_fkey foreign key (organization_id, recorded_by)
        references platform.members (organization_id, user_id)
);
create index delivery_events_courier_id_idx on operations.delivery_events (organization_id, courier_id);
create index delivery_events_previous_courier_id_idx
    on operations.delivery_events (organization_id, previous_courier_id);
create index delivery_events_recorded_by_idx on operations.delivery_events (organization_id, recorded_by);
create index delivery_events_occurred_at_idx on operations.delivery_events (organization_id, delivery_id, occurred_at);
select platform.tenant_table('operations.delivery_events');

create table operations.delivery_proofs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    delivery_id uuid not null,
    outcome text not null,
    courier_id uuid,
    receiver_type text,
    receiver_name text,
    photo_file_id uuid,
    signature_file_id uuid,
    cash_collected bigint,
    failure_reason text,
    latitude numeric(18, 7),
    longitude numeric(18, 7),
    captured_at timestamptz not null,
    constraint delivery_proofs_pkey primary key (organization_id, id),
    constraint delivery_proofs_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint delivery_proofs_outcome_check check (outcome in ('delivered', 'failed')),
    constraint delivery_proofs_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint delivery_proofs_photo_file_id_fkey foreign key (organization_id, photo_file_id)
        references platform.files (organization_id, id),
    constraint delivery_proofs_signature_file_id_fkey foreign key (organization_id, signature_file_id)
        references platform.files (organization_id, id),
    constraint delivery_proofs_cash_collected_check check (cash_collected >= 0),
    constraint delivery_proofs_latitude_check check (latitude between -90 and 90),
    constraint delivery_proofs_longitude_check check (longitude between -180 and 180)
);
create index delivery_proofs_delivery_id_idx on operations.delivery_proofs (organization_id, delivery_id);
create index delivery_proofs_courier_id_idx on operations.delivery_proofs (organization_id, courier_id);
create index delivery_proofs_photo_file_id_idx on operations.delivery_proofs (organization_id, photo_file_id);
create index delivery_proofs_signature_file_id_idx on operations.delivery_proofs (organization_id, signature_file_id);
select platform.tenant_table('operations.delivery_proofs');
