-- Service levels: promises, thresholds and clocks.

create table operations.sla_definitions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    sla_code text not null,
    sla_name text not null,
    sla_type text not null,
    description text,
    target_value numeric(18, 2) not null,
    unit_of_measure text not null,
    warning_threshold numeric(18, 2),
    critical_threshold numeric(18, 2),
    priority text not null,
    zone_id uuid,
    service_type text,
    customer_tier text,
    penalty_per_breach bigint not null,
    escalation_required boolean not null,
    business_hours_only boolean not null,
    measurement_period text not null,
    calculation_method text,
    is_active boolean not null,
    effective_from date,
    effective_until date,
    notes text,
    constraint sla_definitions_pkey primary key (organization_id, id),
    constraint sla_definitions_sla_type_check check (
        sla_type in (
            'delivery_time', 'response_time', 'pickup_time', 'resolution_time', 'uptime', 'quality_score'
        )
    ),
    constraint sla_definitions_target_value_check check (target_value > 0),
    constraint sla_definitions_unit_of_measure_check check (
        unit_of_measure in (
            'minutes', 'hours', 'percent', 'count'
        )
    ),
    constraint sla_definitions_warning_threshold_check check (warning_threshold >= 0),
    constraint sla_definitions_critical_threshold_check check (critical_threshold >= 0),
    constraint sla_definitions_priority_check check (priority in ('critical', 'high', 'medium', 'low')),
    constraint sla_definitions_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint sla_definitions_service_type_check check (service_type in ('express', 'standard', 'economy')),
    constraint sla_definitions_customer_tier_check check (customer_tier in ('vip', 'premium', 'standard', 'basic')),
    constraint sla_definitions_penalty_per_breach_check check (penalty_per_breach >= 0),
    constraint sla_definitions_measurement_period_check check (
        measurement_period in (
            'daily', 'weekly', 'monthly', 'quarterly'
        )
    ),
    constraint sla_definitions_effective_until_check check (effective_until >= effective_from)
);
create unique index sla_definitions_sla_code_key
    on operations.sla_definitions (organization_id, sla_code) where deleted_at is null;
create index sla_definitions_zone_id_idx on operations.sla_definitions (organization_id, zone_id);
select platform.tenant_table('operations.sla_definitions');

create table operations.sla_thresholds (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    threshold_code text not null,
    threshold_name text not null,
    sla_type text not null,
    service_type text,
    zone_id uuid,
    applies_to_all_zones boolean not null,
    target_minutes bigint not null,
    warning_minutes bigint not null,
    critical_minutes bigint not null,
    penalty_amount bigint not null,
    escalation_required boolean not null,
    is_active boolean not null,
    description text,
    constraint sla_thresholds_pkey primary key (organization_id, id),
    constraint sla_thresholds_sla_type_check check (
        sla_type in (
            'delivery_time', 'response_time', 'pickup_time', 'resolution_time'
        )
    ),
    constraint sla_thresholds_service_type_check check (service_type in ('express', 'standard', 'economy')),
    constraint sla_thresholds_zone_id_fkey foreign key (organization_id, zone_id)
        references operations.zones (organization_id, id),
    constraint sla_thresholds_target_minutes_check check (target_minutes between 1 and 10000),
    constraint sla_thresholds_warning_minutes_check check (warning_minutes between 1 and 10000 and warning_minutes < target_minutes),
    constraint sla_thresholds_critical_minutes_check check (critical_minutes between 1 and 10000),
    constraint sla_thresholds_penalty_amount_check check (penalty_amount >= 0)
);
create unique index sla_thresholds_threshold_code_key
    on operations.sla_thresholds (organization_id, threshold_code) where deleted_at is null;
create index sla_thresholds_zone_id_idx on operations.sla_thresholds (organization_id, zone_id);
select platform.tenant_table('operations.sla_thresholds');

create table operations.sla_tracking (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    sla_number text not null,
    status text not null,
    sla_definition_id uuid,
    sla_threshold_id uuid,
    delivery_id uuid,
    route_id uuid,
    courier_id uuid,
    incident_id uuid,
    started_at timestamptz not null,
    target_at timestamptz not null,
    warning_at timestamptz,
    critical_at timestamptz,
    completed_at timestamptz,
    target_value numeric(18, 2) not null,
    unit_of_measure text not null,
    actual_value numeric(18, 2),
    variance numeric(18, 2),
    variance_percent numeric(18, 2),
    compliance_score numeric(18, 2),
    breached_at timestamptz,
    breach_duration_minutes bigint,
    breach_severity text,
    breach_reason text,
    -- As promised when the clock was started: a later change of the promise does not change what is owed.
    penalty_per_breach bigint not null,
    penalty_applied bigint not null,
    customer_notified boolean not null,
    notified_at timestamptz,
    escalated boolean not null,
    escalated_to uuid,
    escalated_at timestamptz,
    corrective_action text,
    resolution_notes text,
    notes text,
    constraint sla_tracking_pkey primary key (organization_id, id),
    constraint sla_tracking_status_check check (status in ('active', 'at_risk', 'breached', 'met', 'expired')),
    constraint sla_tracking_sla_definition_id_fkey foreign key (organization_id, sla_definition_id)
        references operations.sla_definitions (organization_id, id),
    constraint sla_tracking_sla_threshold_id_fkey foreign key (organization_id, sla_threshold_id)
        references operations.sla_thresholds (organization_id, id),
    constraint sla_tracking_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint sla_tracking_route_id_fkey foreign key (organization_id, route_id)
        references operations.routes (organization_id, id),
    constraint sla_tracking_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint sla_tracking_incident_id_fkey foreign key (organization_id, incident_id)
        references operations.incidents (organization_id, id),
    constraint sla_tracking_target_at_check check (target_at >= started_at),
    constraint sla_tracking_target_value_check check (target_value > 0),
    constraint sla_tracking_unit_of_measure_check check (unit_of_measure in ('minutes', 'hours', 'percent', 'count')),
    constraint sla_tracking_actual_value_check check (actual_value >= 0),
    constraint sla_tracking_compliance_score_check check (compliance_score between 0 and 100),
    constraint sla_tracking_breach_duration_minutes_check check (breach_duration_minutes >= 0),
    constraint sla_tracking_breach_severity_check check (breach_severity in ('minor', 'major', 'critical')),
    constraint sla_tracking_penalty_per_breach_check check (penalty_per_breach >= 0),
    constraint sla_tracking_penalty_applied_check check (penalty_applied >= 0),
    constraint sla_tracking_escalated_to_fkey foreign key (organization_id, escalated_to)
        references platform.members (organization_id, user_id)
);
create unique index sla_tracking_sla_number_key
    on operations.sla_tracking (organization_id, sla_number) where deleted_at is null;
create index sla_tracking_sla_definition_id_idx on operations.sla_tracking (organization_id, sla_definition_id);
create index sla_tracking_sla_threshold_id_idx on operations.sla_tracking (organization_id, sla_threshold_id);
create index sla_tracking_delivery_id_idx on operations.sla_tracking (organization_id, delivery_id);
create index sla_tracking_route_id_idx on operations.sla_tracking (organization_id, route_id);
create index sla_tracking_courier_id_idx on operations.sla_tracking (organization_id, courier_id);
create index sla_tracking_incident_id_idx on operations.sla_tracking (organization_id, incident_id);
create index sla_tracking_escalated_to_idx on operations.sla_tracking (organization_id, escalated_to);
create index sla_tracking_status_idx on operations.sla_tracking (organization_id, status, target_at);
select platform.tenant_table('operations.sla_tracking');
