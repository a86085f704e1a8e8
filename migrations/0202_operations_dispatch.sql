-- Who delivers what in which order: stops of routes, dispatch, its rules and the queue of what waits.

create table operations.route_stops (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    route_id uuid not null,
    stop_number bigint not null,
    stop_type text not null,
    status text not null,
    delivery_id uuid,
    address text,
    latitude numeric(18, 7),
    longitude numeric(18, 7),
    distance_km numeric(18, 2),
    planned_at timestamptz,
    window_starts_at timestamptz,
    window_ends_at timestamptz,
    arrived_at timestamptz,
    finished_at timestamptz,
    reason text,
    notes text,
    constraint route_stops_pkey primary key (organization_id, id),
    constraint route_stops_route_id_fkey foreign key (organization_id, route_id)
        references operations.routes (organization_id, id),
    constraint route_stops_stop_number_check check (stop_number between 1 and 500),
    constraint route_stops_stop_type_check check (stop_type in ('pickup', 'dropoff', 'waypoint')),
    constraint route_stops_status_check check (status in ('planned', 'arrived', 'completed', 'failed', 'skipped')),
    constraint route_stops_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint route_stops_latitude_check check (latitude between -90 and 90),
    constraint route_stops_longitude_check check (longitude between -180 and 180),
    constraint route_stops_distance_km_check check (distance_km >= 0)
);
create index route_stops_route_id_idx on operations.route_stops (organization_id, route_id);
create index route_stops_delivery_id_idx on operations.route_stops (organization_id, delivery_id);
create index route_stops_stop_number_idx on operations.route_stops (organization_id, stop_number, id);
select platform.tenant_table('operations.route_stops');

create table operations.dispatch_assignments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    assignment_number text not null,
    status text not null,
    priority text not null,
    delivery_id uuid not null,
    courier_id uuid,
    zone_id uuid,
    assignment_algorithm text not null,
    distance_to_pickup_km numeric(18, 2),
    estimated_time_minutes bigint,
    courier_current_load bigint,
    courier_max_capacity bigint not null,
    courier_rating numeric(18, 2),
    assigned_at timestamptz,
    accepted_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    rejected_at timestamptz,
    cancelled_at timestamptz,
    rejection_count bigint not null,
    rejection_reason text,
    is_reassignment boolean not null,
    previous_courier_id uuid,
    reassignment_reason text,
    cancel_reason text,
    receiver_name text,
    photo_file_id uuid,
    cash_collected bigint,
    actual_completion_time_minutes bigint,
    performance_variance_minutes bigint,
    on_time_score numeric(18, 2),
    assigned_by uuid,
    assignment_notes text,
    constraint dispatch_assignments_pkey primary key (organization_id, id),
    constraint dispatch_assignments_status_check check (
        status in (
            'pending', 'assigned', 'accepted', 'in_progress', 'completed', 'cancelled'
        )
    ),
    constraint dispatch_assignments_priority_check check (priority in ('urgent', 'high', 'normal', 'low')),
    constraint dispatch_assignments_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint dispatch_assignments_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint dispatch_assignments_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint dispatch_assignments_assignment_algorithm_check check (
        assignment_algorithm in (
            'manual', 'nearest', 'load_balanced', 'priority_based', 'round_robin', 'ai_optimized', 'engine'
        )
    ),
    constraint dispatch_assignments_distance_to_pickup_km_check check (distance_to_pickup_km >= 0),
    constraint dispatch_assignments_estimated_time_minutes_check check (estimated_time_minutes >= 0),
    constraint dispatch_assignments_courier_current_load_check check (courier_current_load between 0 and 1000),
    constraint dispatch_assignments_courier_max_capacity_check check (courier_max_capacity between 1 and 100),
    constraint dispatch_assignments_courier_rating_check check (courier_rating >= 0),
    constraint dispatch_assignments_rejection_count_check check (rejection_count between 0 and 1000),
    constraint dispatch_assignments_previous_courier_id_fkey foreign key (organization_id, previous_courier_id)
        references fleet.couriers (organization_id, id),
    constraint dispatch_assignments_photo_file_id_fkey foreign key (organization_id, photo_file_id)
        references platform.files (organization_id, id),
    constraint dispatch_assignments_cash_collected_check check (cash_collected >= 0),
    constraint dispatch_assignments_actual_completion_time_minutes_check check (actual_completion_time_minutes >= 0),
    constraint dispatch_assignments_on_time_score_check check (on_time_score between 0 and 100),
    constraint dispatch_assignments_assigned_by_fkey foreign key (organization_id, assigned_by)
        references platform.members (organization_id, user_id)
);
create unique index dispatch_assignments_assignment_number_key
    on operations.dispatch_assignments (organization_id, assignment_number) where deleted_at is null;
create index dispatch_assignments_delivery_id_idx on operations.dispatch_assignments (organization_id, delivery_id);
create index dispatch_assignments_courier_id_idx on operations.dispatch_assignments (organization_id, courier_id);
create index dispatch_assignments_zone_id_idx on operations.dispatch_assignments (organization_id, zone_id);
create index dispatch_assignments_previous_courier_id_idx
    on operations.dispatch_assignments (organization_id, previous_courier_id);
create index dispatch_assignments_photo_file_id_idx on operations.dispatch_assignments (organization_id, photo_file_id);
create index dispatch_assignments_assigned_by_idx on operations.dispatch_assignments (organization_id, assigned_by);
-- One dispatch at a time asks for a delivery.
create unique index dispatch_assignments_delivery_id_key on operations.dispatch_assignments (organization_id, delivery_id)
    where status in ('pending', 'assigned', 'accepted', 'in_progress') and deleted_at is null;
create index dispatch_assignments_status_idx on operations.dispatch_assignments (organization_id, status, id);
select platform.tenant_table('operations.dispatch_assignments');

create table operations.dispatch_rules (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    rule_code text not null,
    rule_name text not null,
    description text,
    priority bigint not null,
    is_active boolean not null,
    algorithm text not null,
    conditions jsonb,
    actions jsonb,
    max_distance_km numeric(18, 2) not null,
    max_courier_load bigint not null,
    min_courier_rating numeric(18, 2),
    applies_to_all_zones boolean not null,
    zones jsonb,
    starts_at text,
    ends_at text,
    days_of_week jsonb,
    times_triggered bigint not null,
    successful_assignments bigint not null,
    failed_assignments bigint not null,
    constraint dispatch_rules_pkey primary key (organization_id, id),
    constraint dispatch_rules_priority_check check (priority between 1 and 1000),
    constraint dispatch_rules_algorithm_check check (
        algorithm in (
            'nearest', 'load_balanced', 'priority_based', 'round_robin', 'ai_optimized'
        )
    ),
    constraint dispatch_rules_conditions_check check (jsonb_typeof(conditions) = 'object'),
    constraint dispatch_rules_actions_check check (jsonb_typeof(actions) in ('object', 'array')),
    constraint dispatch_rules_max_distance_km_check check (max_distance_km between 0 and 100),
    constraint dispatch_rules_max_courier_load_check check (max_courier_load between 1 and 20),
    constraint dispatch_rules_min_courier_rating_check check (min_courier_rating between 0 and 5),
    constraint dispatch_rules_zones_check check (jsonb_typeof(zones) = 'array'),
    constraint dispatch_rules_days_of_week_check check (jsonb_typeof(days_of_week) = 'array'),
    constraint dispatch_rules_times_triggered_check check (times_triggered >= 0),
    constraint dispatch_rules_successful_assignments_check check (successful_assignments >= 0),
    constraint dispatch_rules_failed_assignments_check check (failed_assignments >= 0)
);
create unique index dispatch_rules_rule_code_key
    on operations.dispatch_rules (organization_id, rule_code) where deleted_at is null;
create index dispatch_rules_priority_idx on operations.dispatch_rules (organization_id, priority, id);
select platform.tenant_table('operations.dispatch_rules');

create table operations.priority_queue_entries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    queue_number text not null,
    status text not null,
    priority text not null,
    delivery_id uuid not null,
    base_priority_score bigint not null,
    customer_tier text not null,
    -- Of entries that waited elsewhere before; others count from created_at.
    queued_at timestamptz,
    sla_deadline_at timestamptz not null,
    sla_buffer_minutes bigint not null,
    delivery_window_starts_at timestamptz,
    delivery_window_ends_at timestamptz,
    required_zone_id uuid,
    required_vehicle_type text,
    required_skills text,
    preferred_courier_id uuid,
    excluded_couriers jsonb,
    min_courier_rating numeric(18, 2),
    max_assignment_attempts bigint not null,
    assignment_attempts bigint not null,
    processing_started_at timestamptz,
    assigned_at timestamptz,
    completed_at timestamptz,
    expired_at timestamptz,
    cancelled_at timestamptz,
    is_escalated boolean not null,
    escalated_at timestamptz,
    escalated_to uuid,
    escalation_reason text,
    was_sla_met boolean,
    sla_breach_minutes bigint,
    customer_special_instructions text,
    cancel_reason text,
    constraint priority_queue_entries_pkey primary key (organization_id, id),
    constraint priority_queue_entries_status_check check (
        status in (
            'queued', 'processing', 'assigned', 'completed', 'expired', 'cancelled'
        )
    ),
    constraint priority_queue_entries_priority_check check (
        priority in (
            'critical', 'urgent', 'high', 'normal', 'low'
        )
    ),
    constraint priority_queue_entries_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint priority_queue_entries_base_priority_score_check check (base_priority_score between 1 and 100),
    constraint priority_queue_entries_customer_tier_check check (
        customer_tier in (
            'vip', 'premium', 'standard', 'basic'
        )
    ),
    constraint priority_queue_entries_sla_buffer_minutes_check check (sla_buffer_minutes between 0 and 120),
    constraint priority_queue_entries_required_zone_id_fkey foreign key (organization_id, required_zone_id)
        references operations.zones (organization_id, id),
    constraint priority_queue_entries_required_vehicle_type_check check (
        required_vehicle_type in (
            'motorcycle', 'car', 'van', 'truck', 'bicycle'
        )
    ),
    constraint priority_queue_entries_preferred_courier_id_fkey foreign key (organization_id, preferred_courier_id)
        references fleet.couriers (organization_id, id),
    constraint priority_queue_entries_excluded_couriers_check check (jsonb_typeof(excluded_couriers) = 'array'),
    constraint priority_queue_entries_min_courier_rating_check check (min_courier_rating between 0 and 5),
    constraint priority_queue_entries_max_assignment_attempts_check check (max_assignment_attempts between 1 and 20),
    constraint priority_queue_entries_assignment_attempts_check check (assignment_attempts between 0 and 1000),
    constraint priority_queue_entries_escalated_to_fkey foreign key (organization_id, escalated_to)
        references platform.members (organization_id, user_id),
    constraint priority_queue_entries_sla_breach_minutes_check check (sla_breach_minutes >= 0)
);
create unique index priority_queue_entries_queue_number_key
    on operations.priority_queue_entries (organization_id, queue_number) where deleted_at is null;
create index priority_queue_entries_delivery_id_idx on operations.priority_queue_entries (organization_id, delivery_id);
create index priority_queue_entries_required_zone_id_idx
    on operations.priority_queue_entries (organization_id, required_zone_id);
create index priority_queue_entries_preferred_courier_id_idx
    on operations.priority_queue_entries (organization_id, preferred_courier_id);
create index priority_queue_entries_escalated_to_idx
    on operations.priority_queue_entries (organization_id, escalated_to);
-- A delivery waits once.
create unique index priority_queue_entries_delivery_id_key on operations.priority_queue_entries (organization_id, delivery_id)
    where status in ('queued', 'processing', 'assigned') and deleted_at is null;
create index priority_queue_entries_status_idx
    on operations.priority_queue_entries (organization_id, status, sla_deadline_at);
select platform.tenant_table('operations.priority_queue_entries');
