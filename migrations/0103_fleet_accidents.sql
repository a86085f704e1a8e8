-- Accidents and their settlement.

create table fleet.accident_logs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    accident_number text not null,
    vehicle_id uuid not null,
    courier_id uuid,
    occurred_on date not null,
    occurred_time text,
    accident_type text not null,
    severity text not null,
    status text not null,
    status_reason text,
    fault_status text not null,
    fault_percent bigint,
    description text not null,
    courier_statement text,
    witness_statements text,
    location text not null,
    city text,
    street_address text,
    latitude numeric(18, 7),
    longitude numeric(18, 7),
    weather_conditions text,
    road_conditions text,
    visibility text,
    traffic_conditions text,
    third_party_involved boolean not null,
    third_party_details text,
    other_party_name text,
    other_party_phone text,
    other_party_insurance text,
    other_party_policy_number text,
    other_party_vehicle_plate text,
    other_party_vehicle_details text,
    any_injuries boolean not null,
    injury_details text,
    casualties_count bigint not null,
    hospitalization_required boolean not null,
    hospital_name text,
    police_notified boolean not null,
    police_report_number text,
    najm_report_number text,
    police_station text,
    police_officer_name text,
    police_officer_badge text,
    police_report_file_id uuid,
    damage_description text,
    estimated_repair_cost bigint,
    actual_repair_cost bigint,
    vehicle_towed boolean not null,
    tow_company text,
    tow_cost bigint,
    repair_shop_name text,
    repair_shop_location text,
    repair_started_on date,
    repair_completed_on date,
    downtime_days bigint,
    vehicle_available_on date,
    lost_revenue bigint,
    insurance_claim_number text,
    insurance_claim_status text,
    insurance_claim_amount bigint,
    insurance_approved_amount bigint,
    insurance_covered bigint,
    claim_filed_on date,
    claim_settled_on date,
    insurance_documents jsonb,
    repair_invoices jsonb,
    investigated_by text,
    investigated_on date,
    investigation_findings text,
    corrective_actions text,
    courier_action_taken text,
    courier_notes text,
    requires_follow_up boolean not null,
    follow_up_on date,
    follow_up_notes text,
    reported_by text,
    reported_at timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    legal_action_required boolean not null,
    legal_case_number text,
    legal_status text,
    photos jsonb,
    notes text,
    constraint accident_logs_pkey primary key (organization_id, id),
    constraint accident_logs_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint accident_logs_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint accident_logs_police_report_file_id_fkey foreign key (organization_id, police_report_file_id)
        references platform.files (organization_id, id),
    constraint accident_logs_accident_type_check check (
        accident_type in (
            'collision', 'single_vehicle', 'pedestrian', 'property_damage', 'rollover', 'other'
        )
    ),
    constraint accident_logs_severity_check check (severity in ('minor', 'moderate', 'major', 'total_loss')),
    constraint accident_logs_status_check check (
        status in (
            'reported', 'under_investigation', 'insurance_claim_filed', 'in_repair', 'resolved', 'closed'
        )
    ),
    constraint accident_logs_fault_status_check check (
        fault_status in (
            'our_fault', 'other_party', 'shared', 'no_fault', 'pending'
        )
    ),
    constraint accident_logs_fault_percent_check check (fault_percent between 0 and 100),
    constraint accident_logs_latitude_check check (latitude between -90 and 90),
    constraint accident_logs_longitude_check check (longitude between -180 and 180),
    constraint accident_logs_casualties_count_check check (casualties_count between 0 and 1000),
    constraint accident_logs_estimated_repair_cost_check check (estimated_repair_cost >= 0),
    constraint accident_logs_actual_repair_cost_check check (actual_repair_cost >= 0),
    constraint accident_logs_tow_cost_check check (tow_cost >= 0),
    constraint accident_logs_downtime_days_check check (downtime_days between 0 and 10000),
    constraint accident_logs_lost_revenue_check check (lost_revenue >= 0),
    constraint accident_logs_insurance_claim_status_check check (
        insurance_claim_status in (
            'filed', 'under_review', 'approved', 'rejected', 'settled'
        )
    ),
    constraint accident_logs_insurance_claim_amount_check check (insurance_claim_amount >= 0),
    constraint accident_logs_insurance_approved_amount_check check (insurance_approved_amount >= 0),
    constraint accident_logs_insurance_covered_check check (insurance_covered >= 0),
    constraint accident_logs_insurance_documents_check check (jsonb_typeof(insurance_documents) in ('object', 'array')),
    constraint accident_logs_repair_invoices_check check (jsonb_typeof(repair_invoices) in ('object', 'array')),
    constraint accident_logs_photos_check check (jsonb_typeof(photos) in ('object', 'array'))
);
comment on table fleet.accident_logs is 'Accidents: what happened, whose fault, what it costs, and how far its settlement is.';
create unique index accident_logs_accident_number_key on fleet.accident_logs
    (organization_id, accident_number) where deleted_at is null;
create unique index accident_logs_insurance_claim_number_key on fleet.accident_logs
    (organization_id, insurance_claim_number) where deleted_at is null;
create index accident_logs_vehicle_id_idx on fleet.accident_logs (organization_id, vehicle_id, occurred_on);
create index accident_logs_courier_id_idx on fleet.accident_logs (organization_id, courier_id, occurred_on);
create index accident_logs_status_idx on fleet.accident_logs (organization_id, status, id);
create index accident_logs_occurred_on_idx on fleet.accident_logs (organization_id, occurred_on, id);
create index accident_logs_police_report_file_id_idx on fleet.accident_logs (organization_id, police_report_file_id);
select platform.tenant_table('fleet.accident_logs');
