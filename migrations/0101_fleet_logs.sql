-- What vehicles do every day, and the work on them.

create table fleet.vehicle_logs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    vehicle_id uuid not null,
    courier_id uuid,
    log_type text not null,
    logged_on date not null,
    log_time text,
    started_at timestamptz,
    ended_at timestamptz,
    working_hours numeric(18, 2),
    start_odometer_km numeric(18, 2),
    end_odometer_km numeric(18, 2),
    start_location text,
    end_location text,
    route_description text,
    fuel_l numeric(18, 3),
    fuel_cost bigint,
    fuel_provider text,
    fuel_station_location text,
    fuel_receipt_number text,
    receipt_file_id uuid,
    deliveries_count bigint not null,
    orders_count bigint not null,
    revenue bigint not null,
    vehicle_condition text,
    has_issues boolean not null,
    issues_reported text,
    weather_conditions text,
    traffic_conditions text,
    photos jsonb,
    recorded_by uuid,
    notes text,
    constraint vehicle_logs_pkey primary key (organization_id, id),
    constraint vehicle_logs_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint vehicle_logs_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint vehicle_logs_receipt_file_id_fkey foreign key (organization_id, receipt_file_id)
        references platform.files (organization_id, id),
    constraint vehicle_logs_recorded_by_fkey foreign key (organization_id, recorded_by)
        references platform.members (organization_id, user_id),
    constraint vehicle_logs_log_type_check check (log_type in ('daily_log', 'fuel_refill', 'trip', 'delivery')),
    constraint vehicle_logs_ended_at_check check (ended_at >= started_at),
    constraint vehicle_logs_working_hours_check check (working_hours >= 0),
    constraint vehicle_logs_start_odometer_km_check check (start_odometer_km >= 0),
    constraint vehicle_logs_end_odometer_km_check check (
        (end_odometer_km >= 0)
        and (end_odometer_km >= start_odometer_km)
    ),
    constraint vehicle_logs_fuel_l_check check (fuel_l >= 0),
    constraint vehicle_logs_fuel_cost_check check (fuel_cost >= 0),
    constraint vehicle_logs_fuel_provider_check check (fuel_provider in ('aramco', 'adnoc', 'petrol', 'other')),
    constraint vehicle_logs_deliveries_count_check check (deliveries_count between 0 and 1000000),
    constraint vehicle_logs_orders_count_check check (orders_count between 0 and 1000000),
    constraint vehicle_logs_revenue_check check (revenue >= 0),
    constraint vehicle_logs_photos_check check (jsonb_typeof(photos) in ('object', 'array'))
);
comment on table fleet.vehicle_logs is 'What a vehicle did on a day, a trip or a round: kilometres, fuel, deliveries, takings.';
create index vehicle_logs_vehicle_id_idx on fleet.vehicle_logs (organization_id, vehicle_id, logged_on);
create index vehicle_logs_courier_id_idx on fleet.vehicle_logs (organization_id, courier_id, logged_on);
create index vehicle_logs_logged_on_idx on fleet.vehicle_logs (organization_id, logged_on, id);
create index vehicle_logs_receipt_file_id_idx on fleet.vehicle_logs (organization_id, receipt_file_id);
create index vehicle_logs_recorded_by_idx on fleet.vehicle_logs (organization_id, recorded_by);
select platform.tenant_table('fleet.vehicle_logs');

create table fleet.vehicle_maintenance (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    maintenance_number text not null,
    vehicle_id uuid not null,
    maintenance_type text not null,
    status text not null,
    status_reason text,
    priority text not null,
    scheduled_on date,
    started_at timestamptz,
    completed_at timestamptz,
    downtime_hours numeric(18, 2),
    description text not null,
    diagnosis text,
    work_performed text,
    parts_replaced text,
    parts jsonb,
    issues_found text,
    recommendations text,
    quality_rating bigint,
    service_provider text not null,
    provider_name text,
    provider_location text,
    technician_name text,
    technician_phone text,
    service_km numeric(18, 2),
    next_service_on date,
    next_service_km numeric(18, 2),
    labor_cost bigint not null,
    parts_cost bigint not null,
    tax_amount bigint not null,
    discount_amount bigint not null,
    invoice_number text,
    invoiced_on date,
    invoice_file_id uuid,
    payment_status text not null,
    payment_method text,
    paid_on date,
    approved_by uuid,
    approved_on date,
    is_warranty boolean not null,
    warranty_claim_number text,
    has_warranty boolean not null,
    warranty_expires_on date,
    warranty_details text,
    report_file_id uuid,
    photos jsonb,
    notes text,
    constraint vehicle_maintenance_pkey primary key (organization_id, id),
    constraint vehicle_maintenance_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint vehicle_maintenance_invoice_file_id_fkey foreign key (organization_id, invoice_file_id)
        references platform.files (organization_id, id),
    constraint vehicle_maintenance_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint vehicle_maintenance_report_file_id_fkey foreign key (organization_id, report_file_id)
        references platform.files (organization_id, id),
    constraint vehicle_maintenance_maintenance_type_check check (
        maintenance_type in (
            'routine', 'preventive', 'corrective', 'breakdown', 'upgrade', 'inspection', 'recall', 'other'
        )
    ),
    constraint vehicle_maintenance_status_check check (
        status in (
            'scheduled', 'in_progress', 'on_hold', 'waiting_parts', 'completed', 'cancelled'
        )
    ),
    constraint vehicle_maintenance_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint vehicle_maintenance_completed_at_check check (completed_at >= started_at),
    constraint vehicle_maintenance_downtime_hours_check check (downtime_hours >= 0),
    constraint vehicle_maintenance_parts_check check (jsonb_typeof(parts) in ('object', 'array')),
    constraint vehicle_maintenance_quality_rating_check check (quality_rating between 1 and 5),
    constraint vehicle_maintenance_service_provider_check check (
        service_provider in (
            'in_house', 'authorized_dealer', 'third_party'
        )
    ),
    constraint vehicle_maintenance_service_km_check check (service_km >= 0),
    constraint vehicle_maintenance_next_service_km_check check (next_service_km >= 0),
    constraint vehicle_maintenance_labor_cost_check check (labor_cost >= 0),
    constraint vehicle_maintenance_parts_cost_check check (parts_cost >= 0),
    constraint vehicle_maintenance_tax_amount_check check (tax_amount >= 0),
    constraint vehicle_maintenance_discount_amount_check check (
        (discount_amount >= 0)
        and (discount_amount <= labor_cost + parts_cost + tax_amount)
    ),
    constraint vehicle_maintenance_payment_status_check check (payment_status in ('pending', 'paid')),
    constraint vehicle_maintenance_payment_method_check check (
        payment_method in (
            'cash', 'bank_transfer', 'bank_card', 'company_account', 'other'
        )
    ),
    constraint vehicle_maintenance_photos_check check (jsonb_typeof(photos) in ('object', 'array'))
);
comment on table fleet.vehicle_maintenance is 'Work on a vehicle, planned and done.';
create unique index vehicle_maintenance_maintenance_number_key on fleet.vehicle_maintenance
    (organization_id, maintenance_number) where deleted_at is null;
create unique index vehicle_maintenance_invoice_number_key on fleet.vehicle_maintenance
    (organization_id, invoice_number) where deleted_at is null;
create index vehicle_maintenance_vehicle_id_idx on fleet.vehicle_maintenance
    (organization_id, vehicle_id, scheduled_on);
create index vehicle_maintenance_status_idx on fleet.vehicle_maintenance (organization_id, status, scheduled_on);
create index vehicle_maintenance_scheduled_on_idx on fleet.vehicle_maintenance (organization_id, scheduled_on, id);
create index vehicle_maintenance_approved_by_idx on fleet.vehicle_maintenance (organization_id, approved_by);
create index vehicle_maintenance_invoice_file_id_idx on fleet.vehicle_maintenance (organization_id, invoice_file_id);
create index vehicle_maintenance_report_file_id_idx on fleet.vehicle_maintenance (organization_id, report_file_id);
select platform.tenant_table('fleet.vehicle_maintenance');
