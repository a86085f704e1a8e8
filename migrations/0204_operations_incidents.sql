-- What goes wrong on the road, and what couriers hand over to each other.

create table operations.incidents (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    incident_number text not null,
    incident_type text not null,
    severity text,
    status text not null,
    courier_id uuid,
    vehicle_id uuid,
    delivery_id uuid,
    incident_on date not null,
    incident_time text,
    location text,
    description text not null,
    investigated_by uuid,
    investigated_at timestamptz,
    escalated_to uuid,
    escalated_at timestamptz,
    escalation_reason text,
    root_cause text,
    resolution text,
    resolved_by uuid,
    resolved_at timestamptz,
    closed_at timestamptz,
    cost bigint not null,
    notes text,
    constraint incidents_pkey primary key (organization_id, id),
    constraint incidents_incident_type_check check (
        incident_type in (
            'accident', 'theft', 'damage', 'violation', 'delivery_delay', 'lost_package',
            'customer_dispute', 'vehicle_breakdown', 'injury', 'harassment', 'fraud', 'other'
        )
    ),
    constraint incidents_severity_check check (severity in ('low', 'medium', 'high', 'critical')),
    constraint incidents_status_check check (
        status in (
            'reported', 'investigating', 'escalated', 'resolved', 'closed'
        )
    ),
    constraint incidents_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint incidents_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint incidents_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint incidents_investigated_by_fkey foreign key (organization_id, investigated_by)
        references platform.members (organization_id, user_id),
    constraint incidents_escalated_to_fkey foreign key (organization_id, escalated_to)
        references platform.members (organization_id, user_id),
    constraint incidents_resolved_by_fkey foreign key (organization_id, resolved_by)
        references platform.members (organization_id, user_id),
    constraint incidents_cost_check check (cost >= 0)
);
create unique index incidents_incident_number_key
    on operations.incidents (organization_id, incident_number) where deleted_at is null;
create index incidents_courier_id_idx on operations.incidents (organization_id, courier_id);
create index incidents_vehicle_id_idx on operations.incidents (organization_id, vehicle_id);
create index incidents_delivery_id_idx on operations.incidents (organization_id, delivery_id);
create index incidents_investigated_by_idx on operations.incidents (organization_id, investigated_by);
create index incidents_escalated_to_idx on operations.incidents (organization_id, escalated_to);
create index incidents_resolved_by_idx on operations.incidents (organization_id, resolved_by);
create index incidents_incident_on_idx on operations.incidents (organization_id, incident_on, id);
select platform.tenant_table('operations.incidents');

create table operations.handovers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    handover_number text not null,
    handover_type text not null,
    status text not null,
    from_courier_id uuid not null,
    to_courier_id uuid not null,
    to_hub_name text,
    scheduled_at timestamptz,
    completed_at timestamptz,
    completed_by uuid,
    vehicle_id uuid,
    vehicle_mileage_km numeric(18, 2),
    vehicle_fuel_percent bigint,
    vehicle_condition text,
    approved_by uuid,
    approved_at timestamptz,
    rejection_reason text,
    cancel_reason text,
    witness uuid,
    verified_by uuid,
    from_signature_file_id uuid,
    to_signature_file_id uuid,
    photo_file_id uuid,
    checklist jsonb,
    discrepancies_reported text,
    discrepancy_status text not null,
    notes text,
    constraint handovers_pkey primary key (organization_id, id),
    constraint handovers_handover_type_check check (
        handover_type in (
            'shift_start', 'shift_end', 'vehicle_swap', 'emergency', 'maintenance'
        )
    ),
    constraint handovers_status_check check (status in ('pending', 'approved', 'rejected', 'completed', 'cancelled')),
    constraint handovers_from_courier_id_fkey foreign key (organization_id, from_courier_id)
        references fleet.couriers (organization_id, id),
    constraint handovers_to_courier_id_fkey foreign key (organization_id, to_courier_id)
        references fleet.couriers (organization_id, id),
    constraint handovers_to_courier_id_check check (to_courier_id <> from_courier_id),
    constraint handovers_completed_by_fkey foreign key (organization_id, completed_by)
        references platform.members (organization_id, user_id),
    constraint handovers_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint handovers_vehicle_mileage_km_check check (vehicle_mileage_km >= 0),
    constraint handovers_vehicle_fuel_percent_check check (vehicle_fuel_percent between 0 and 100),
    constraint handovers_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint handovers_witness_fkey foreign key (organization_id, witness)
        references platform.members (organization_id, user_id),
    constraint handovers_verified_by_fkey foreign key (organization_id, verified_by)
        references platform.members (organization_id, user_id),
    constraint handovers_from_signature_file_id_fkey foreign key (organization_id, from_signature_file_id)
        references platform.files (organization_id, id),
    constraint handovers_to_signature_file_id_fkey foreign key (organization_id, to_signature_file_id)
        references platform.files (organization_id, id),
    constraint handovers_photo_file_id_fkey foreign key (organization_id, photo_file_id)
        references platform.files (organization_id, id),
    constraint handovers_checklist_check check (jsonb_typeof(checklist) in ('object', 'array')),
    constraint handovers_discrepancy_status_check check (
        discrepancy_status in (
            'none', 'pending', 'resolved', 'escalated'
        )
    )
);
create unique index handovers_handover_number_key
    on operations.handovers (organization_id, handover_number) where deleted_at is null;
create index handovers_from_courier_id_idx on operations.handovers (organization_id, from_courier_id);
create index handovers_to_courier_id_idx on operations.handovers (organization_id, to_courier_id);
create index handovers_completed_by_idx on operations.handovers (organization_id, completed_by);
create index handovers_vehicle_id_idx on operations.handovers (organization_id, vehicle_id);
create index handovers_approved_by_idx on operations.handovers (organization_id, approved_by);
create index handovers_witness_idx on operations.handovers (organization_id, witness);
create index handovers_verified_by_idx on operations.handovers (organization_id, verified_by);
create index handovers_from_signature_file_id_idx on operations.handovers (organization_id, from_signature_file_id);
create index handovers_to_signature_file_id_idx on operations.handovers (organization_id, to_signature_file_id);
create index handovers_photo_file_id_idx on operations.handovers (organization_id, photo_file_id);
select platform.tenant_table('operations.handovers');
