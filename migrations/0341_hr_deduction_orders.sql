-- What is deducted from pay by order of a court, for damage, or because somebody agreed in writing.

create table hr.deduction_orders (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    order_number text not null,
    courier_id uuid not null,
    kind text not null,
    status text not null,
    amount bigint not null,
    monthly_amount bigint,
    outstanding bigint not null,
    judgment_share numeric(18, 4),
    starts_on date not null,
    document_reference text,
    document_file_id uuid,
    reason text,
    approved_by uuid,
    approved_at timestamptz,
    cancel_reason text,
    last_salary_id uuid,
    constraint deduction_orders_pkey primary key (organization_id, id),
    constraint deduction_orders_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint deduction_orders_document_file_id_fkey foreign key (organization_id, document_file_id)
        references platform.files (organization_id, id),
    constraint deduction_orders_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint deduction_orders_last_salary_id_fkey foreign key (organization_id, last_salary_id)
        references hr.salaries (organization_id, id),
    constraint deduction_orders_kind_check check (
        kind in ('court_maintenance', 'court_debt', 'damage', 'consented', 'housing', 'safety_gear')
    ),
    constraint deduction_orders_status_check check (status in ('pending', 'active', 'completed', 'cancelled')),
    constraint deduction_orders_amount_check check (amount >= 0),
    constraint deduction_orders_monthly_amount_check check (monthly_amount >= 0),
    constraint deduction_orders_outstanding_check check (outstanding >= 0),
    constraint deduction_orders_judgment_share_check check (judgment_share between 0 and 1)
);
create unique index deduction_orders_order_number_key on hr.deduction_orders (organization_id, order_number)
    where deleted_at is null;
create index deduction_orders_courier_id_idx on hr.deduction_orders (organization_id, courier_id);
create index deduction_orders_document_file_id_idx on hr.deduction_orders (organization_id, document_file_id);
create index deduction_orders_approved_by_idx on hr.deduction_orders (organization_id, approved_by);
create index deduction_orders_last_salary_id_idx on hr.deduction_orders (organization_id, last_salary_id);
create index deduction_orders_status_idx on hr.deduction_orders (organization_id, status, id);
select platform.tenant_table('hr.deduction_orders');
