-- What housing costs and needs: contracts, things in it, bills and repairs.

create table accommodation.housing_contracts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    contract_number text not null,
    building_id uuid not null,
    contract_type text not null,
    party_name text not null,
    party_phone text,
    party_email text,
    reference_number text,
    status text not null,
    starts_on date not null,
    ends_on date not null,
    rent bigint not null,
    payment_period text not null,
    deposit bigint,
    notice_days bigint,
    is_renewed_automatically boolean not null,
    file_id uuid,
    activated_on date,
    warned_days_before bigint,
    renewed_until date,
    renewed_rent bigint,
    renewal_of_id uuid,
    terminated_on date,
    termination_reason text,
    notes text,
    constraint housing_contracts_pkey primary key (organization_id, id),
    constraint housing_contracts_building_id_fkey foreign key (organization_id, building_id)
        references accommodation.buildings (organization_id, id),
    constraint housing_contracts_contract_type_check check (contract_type in ('lease', 'insurance', 'service')),
    constraint housing_contracts_status_check check (
        status in ('draft', 'active', 'renewed', 'expired', 'terminated')
    ),
    constraint housing_contracts_ends_on_check check (ends_on >= starts_on),
    constraint housing_contracts_rent_check check (rent >= 0),
    constraint housing_contracts_payment_period_check check (
        payment_period in ('monthly', 'quarterly', 'semiannual', 'annual')
    ),
    constraint housing_contracts_deposit_check check (deposit >= 0),
    constraint housing_contracts_notice_days_check check (notice_days between 0 and 365),
    constraint housing_contracts_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint housing_contracts_warned_days_before_check check (warned_days_before between 1 and 365),
    constraint housing_contracts_renewed_until_check check (renewed_until > ends_on),
    constraint housing_contracts_renewed_rent_check check (renewed_rent >= 0),
    constraint housing_contracts_renewal_of_id_fkey foreign key (organization_id, renewal_of_id)
        references accommodation.housing_contracts (organization_id, id)
);
create unique index housing_contracts_contract_number_key on accommodation.housing_contracts (organization_id, contract_number)
    where deleted_at is null;
create index housing_contracts_ends_on_idx on accommodation.housing_contracts (organization_id, ends_on, id);
create index housing_contracts_building_id_idx on accommodation.housing_contracts (organization_id, building_id);
create index housing_contracts_file_id_idx on accommodation.housing_contracts (organization_id, file_id);
create index housing_contracts_renewal_of_id_idx on accommodation.housing_contracts (organization_id, renewal_of_id);
select platform.tenant_table('accommodation.housing_contracts');

create table accommodation.housing_inventory (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    building_id uuid not null,
    room_id uuid,
    item_name text not null,
    category text not null,
    quantity bigint not null,
    condition text not null,
    unit_cost bigint,
    serial_number text,
    supplier text,
    purchased_on date,
    warranty_expires_on date,
    counted_on date,
    counted_by uuid,
    notes text,
    constraint housing_inventory_pkey primary key (organization_id, id),
    constraint housing_inventory_building_id_fkey foreign key (organization_id, building_id)
        references accommodation.buildings (organization_id, id),
    constraint housing_inventory_room_id_fkey foreign key (organization_id, room_id)
        references accommodation.rooms (organization_id, id),
    constraint housing_inventory_category_check check (
        category in ('furniture', 'appliance', 'bedding', 'kitchen', 'electronics', 'safety', 'other')
    ),
    constraint housing_inventory_quantity_check check (quantity between 0 and 100000),
    constraint housing_inventory_condition_check check (condition in ('new', 'good', 'fair', 'poor', 'broken')),
    constraint housing_inventory_unit_cost_check check (unit_cost >= 0),
    constraint housing_inventory_counted_by_fkey foreign key (organization_id, counted_by)
        references platform.members (organization_id, user_id)
);
create index housing_inventory_building_id_idx on accommodation.housing_inventory (organization_id, building_id);
create index housing_inventory_room_id_idx on accommodation.housing_inventory (organization_id, room_id);
create index housing_inventory_counted_by_idx on accommodation.housing_inventory (organization_id, counted_by);
select platform.tenant_table('accommodation.housing_inventory');

-- One bill for a building, utility and period.
create table accommodation.utility_bills (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    bill_number text not null,
    building_id uuid not null,
    utility text not null,
    status text not null,
    period_starts_on date not null,
    period_ends_on date not null,
    provider text,
    account_number text,
    reference_number text,
    consumption numeric(18, 3),
    consumption_unit text,
    amount bigint not null,
    vat_amount bigint,
    issued_on date,
    due_on date,
    paid_on date,
    payment_reference text,
    paid_by uuid,
    dispute_reason text,
    cancel_reason text,
    file_id uuid,
    notes text,
    constraint utility_bills_pkey primary key (organization_id, id),
    constraint utility_bills_building_id_fkey foreign key (organization_id, building_id)
        references accommodation.buildings (organization_id, id),
    constraint utility_bills_utility_check check (
        utility in ('electricity', 'water', 'internet', 'gas', 'sewage', 'other')
    ),
    constraint utility_bills_status_check check (status in ('open', 'overdue', 'disputed', 'paid', 'cancelled')),
    constraint utility_bills_period_ends_on_check check (period_ends_on >= period_starts_on),
    constraint utility_bills_consumption_check check (consumption >= 0),
    constraint utility_bills_consumption_unit_check check (consumption_unit in ('kwh', 'm3', 'gb', 'l')),
    constraint utility_bills_amount_check check (amount >= 0),
    constraint utility_bills_vat_amount_check check ((vat_amount >= 0) and (vat_amount <= amount)),
    constraint utility_bills_paid_by_fkey foreign key (organization_id, paid_by)
        references platform.members (organization_id, user_id),
    constraint utility_bills_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id)
);
create unique index utility_bills_bill_number_key on accommodation.utility_bills (organization_id, bill_number)
    where deleted_at is null;
create unique index utility_bills_building_id_key
    on accommodation.utility_bills (organization_id, building_id, utility, period_starts_on)
    where status <> 'cancelled' and deleted_at is null;
create index utility_bills_due_on_idx on accommodation.utility_bills (organization_id, due_on, id);
create index utility_bills_building_id_idx on accommodation.utility_bills (organization_id, building_id);
create index utility_bills_paid_by_idx on accommodation.utility_bills (organization_id, paid_by);
create index utility_bills_file_id_idx on accommodation.utility_bills (organization_id, file_id);
select platform.tenant_table('accommodation.utility_bills');

create table accommodation.housing_maintenance (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    request_number text not null,
    building_id uuid not null,
    room_id uuid,
    title text not null,
    description text,
    category text not null,
    priority text not null,
    status text not null,
    blocks_room boolean not null,
    courier_id uuid,
    assigned_to uuid,
    contractor_name text,
    contractor_phone text,
    scheduled_on date,
    estimated_cost bigint,
    actual_cost bigint,
    started_at timestamptz,
    completed_at timestamptz,
    resolution text,
    cancel_reason text,
    constraint housing_maintenance_pkey primary key (organization_id, id),
    constraint housing_maintenance_building_id_fkey foreign key (organization_id, building_id)
        references accommodation.buildings (organization_id, id),
    constraint housing_maintenance_room_id_fkey foreign key (organization_id, room_id)
        references accommodation.rooms (organization_id, id),
    constraint housing_maintenance_category_check check (
        category in ('plumbing', 'electrical', 'air_conditioning', 'furniture', 'appliance', 'cleaning',
        'pest_control', 'structural', 'other')
    ),
    constraint housing_maintenance_priority_check check (priority in ('low', 'medium', 'high', 'urgent')),
    constraint housing_maintenance_status_check check (
        status in ('reported', 'assigned', 'in_progress', 'completed', 'cancelled')
    ),
    constraint housing_maintenance_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint housing_maintenance_assigned_to_fkey foreign key (organization_id, assigned_to)
        references platform.members (organization_id, user_id),
    constraint housing_maintenance_estimated_cost_check check (estimated_cost >= 0),
    constraint housing_maintenance_actual_cost_check check (actual_cost >= 0)
);
create unique index housing_maintenance_request_number_key on accommodation.housing_maintenance (organization_id, request_number)
    where deleted_at is null;
create index housing_maintenance_building_id_idx on accommodation.housing_maintenance (organization_id, building_id);
create index housing_maintenance_room_id_idx on accommodation.housing_maintenance (organization_id, room_id);
create index housing_maintenance_courier_id_idx on accommodation.housing_maintenance (organization_id, courier_id);
create index housing_maintenance_assigned_to_idx on accommodation.housing_maintenance (organization_id, assigned_to);
select platform.tenant_table('accommodation.housing_maintenance');
