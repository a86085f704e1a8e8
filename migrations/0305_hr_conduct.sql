-- What couriers carry, earn besides and are charged for.

create table hr.assets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    asset_number text not null,
    name text not null,
    asset_type text not null,
    status text not null,
    courier_id uuid,
    condition text not null,
    serial_number text,
    make text,
    model text,
    purchased_on date,
    purchase_price bigint,
    warranty_expires_on date,
    issued_on date,
    acknowledged_at timestamptz,
    returned_on date,
    status_reason text,
    notes text,
    constraint assets_pkey primary key (organization_id, id),
    constraint assets_asset_type_check check (
        asset_type in (
            'uniform', 'phone', 'tablet', 'bag', 'helmet', 'power_bank', 'sim_card', 'equipment', 'tools', 'other'
        )
    ),
    constraint assets_status_check check (
        status in ('available', 'assigned', 'damaged', 'maintenance', 'lost', 'retired')
    ),
    constraint assets_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint assets_condition_check check (
        condition in ('new', 'good', 'fair', 'poor')
    ),
    constraint assets_purchase_price_check check (purchase_price >= 0),
    constraint assets_courier_id_check check (status <> 'assigned' or courier_id is not null)
);
create unique index assets_asset_number_key on hr.assets (organization_id, asset_number)
    where deleted_at is null;
create index assets_status_idx on hr.assets (organization_id, status, id);
create index assets_courier_id_idx on hr.assets (organization_id, courier_id);
select platform.tenant_table('hr.assets');

create table hr.bonuses (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    bonus_type text not null,
    amount bigint not null,
    granted_on date not null,
    payment_status text not null,
    reason text,
    description text,
    approved_by uuid,
    approved_at timestamptz,
    rejection_reason text,
    salary_id uuid,
    paid_at timestamptz,
    notes text,
    constraint bonuses_pkey primary key (organization_id, id),
    constraint bonuses_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint bonuses_bonus_type_check check (
        bonus_type in (
            'performance', 'attendance', 'seasonal', 'special', 'referral', 'holiday', 'retention', 'safety',
            'other'
        )
    ),
    constraint bonuses_payment_status_check check (
        payment_status in ('pending', 'approved', 'rejected', 'paid')
    ),
    constraint bonuses_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint bonuses_salary_id_fkey foreign key (organization_id, salary_id)
        references hr.salaries (organization_id, id),
    constraint bonuses_amount_check check (amount > 0)
);
create index bonuses_payment_status_idx on hr.bonuses (organization_id, payment_status, courier_id);
create index bonuses_courier_id_idx on hr.bonuses (organization_id, courier_id);
create index bonuses_approved_by_idx on hr.bonuses (organization_id, approved_by);
create index bonuses_salary_id_idx on hr.bonuses (organization_id, salary_id);
select platform.tenant_table('hr.bonuses');

create table hr.penalties (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    reference_number text not null,
    courier_id uuid not null,
    penalty_type text not null,
    status text not null,
    amount bigint not null,
    reason text not null,
    incident_on date not null,
    evidence_file_id uuid,
    approved_by uuid,
    approved_at timestamptz,
    rejection_reason text,
    appeal_reason text,
    appealed_at timestamptz,
    appeal_resolution text,
    appeal_resolved_by uuid,
    appeal_resolved_at timestamptz,
    salary_id uuid,
    applied_at timestamptz,
    notes text,
    constraint penalties_pkey primary key (organization_id, id),
    constraint penalties_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint penalties_penalty_type_check check (
        penalty_type in (
            'sla_violation', 'attendance', 'traffic_violation', 'vehicle_damage', 'customer_complaint',
            'policy_violation', 'late_delivery', 'missing_item', 'misconduct', 'other'
        )
    ),
    constraint penalties_status_check check (
        status in ('pending', 'approved', 'rejected', 'appealed', 'waived', 'applied')
    ),
    constraint penalties_evidence_file_id_fkey foreign key (organization_id, evidence_file_id)
        references platform.files (organization_id, id),
    constraint penalties_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint penalties_appeal_resolved_by_fkey foreign key (organization_id, appeal_resolved_by)
        references platform.members (organization_id, user_id),
    constraint penalties_salary_id_fkey foreign key (organization_id, salary_id)
        references hr.salaries (organization_id, id),
    constraint penalties_amount_check check (amount > 0),
    constraint penalties_reason_check check (char_length(reason) >= 10)
);
create unique index penalties_reference_number_key on hr.penalties (organization_id, reference_number)
    where deleted_at is null;
create index penalties_courier_id_idx on hr.penalties (organization_id, courier_id, status);
create index penalties_status_idx on hr.penalties (organization_id, status, id);
create index penalties_evidence_file_id_idx on hr.penalties (organization_id, evidence_file_id);
create index penalties_approved_by_idx on hr.penalties (organization_id, approved_by);
create index penalties_appeal_resolved_by_idx on hr.penalties (organization_id, appeal_resolved_by);
create index penalties_salary_id_idx on hr.penalties (organization_id, salary_id);
select platform.tenant_table('hr.penalties');
