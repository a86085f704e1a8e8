-- Expenses, budgets and VAT returns.

create table hr.expenses (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    expense_number text not null,
    category text not null,
    spent_on date not null,
    amount bigint not null,
    vat_amount bigint not null,
    vendor_name text,
    vendor_vat_number text,
    invoice_number text,
    receipt_file_id uuid,
    courier_id uuid,
    vehicle_id uuid,
    status text not null,
    approved_by uuid,
    approved_at timestamptz,
    rejection_reason text,
    payment_method text,
    paid_on date,
    notes text,
    constraint expenses_pkey primary key (organization_id, id),
    constraint expenses_category_check check (
        category in (
            'fuel', 'maintenance', 'rent', 'utilities', 'insurance', 'government_fees', 'communications',
            'supplies', 'fines', 'travel', 'other'
        )
    ),
    constraint expenses_vat_amount_check check (vat_amount >= 0),
    constraint expenses_receipt_file_id_fkey foreign key (organization_id, receipt_file_id)
        references platform.files (organization_id, id),
    constraint expenses_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint expenses_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint expenses_status_check check (
        status in ('pending', 'approved', 'rejected', 'paid')
    ),
    constraint expenses_approved_by_fkey foreign key (organization_id, approved_by)
        references platform.members (organization_id, user_id),
    constraint expenses_payment_method_check check (
        payment_method in ('cash', 'bank_transfer', 'card', 'cheque')
    ),
    constraint expenses_amount_check check (amount > 0)
);
create unique index expenses_expense_number_key on hr.expenses (organization_id, expense_number)
    where deleted_at is null;
create index expenses_spent_on_idx on hr.expenses (organization_id, spent_on, category);
create index expenses_status_idx on hr.expenses (organization_id, status, id);
create index expenses_receipt_file_id_idx on hr.expenses (organization_id, receipt_file_id);
create index expenses_courier_id_idx on hr.expenses (organization_id, courier_id);
create index expenses_vehicle_id_idx on hr.expenses (organization_id, vehicle_id);
create index expenses_approved_by_idx on hr.expenses (organization_id, approved_by);
select platform.tenant_table('hr.expenses');

create table hr.budgets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    category text not null,
    starts_on date not null,
    ends_on date not null,
    amount bigint not null,
    notes text,
    constraint budgets_pkey primary key (organization_id, id),
    constraint budgets_category_check check (
        category in (
            'fuel', 'maintenance', 'rent', 'utilities', 'insurance', 'government_fees', 'communications',
            'supplies', 'fines', 'travel', 'other'
        )
    ),
    constraint budgets_amount_check check (amount >= 0),
    constraint budgets_ends_on_check check (ends_on >= starts_on)
);
create index budgets_starts_on_idx on hr.budgets (organization_id, starts_on);
select platform.tenant_table('hr.budgets');

create table hr.tax_returns (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    frequency text not null,
    period_starts_on date not null,
    period_ends_on date not null,
    rate_percent numeric(18, 2) not null,
    taxable_sales bigint not null,
    zero_rated_sales bigint not null,
    exempt_sales bigint not null,
    taxable_purchases bigint not null,
    output_vat bigint not null,
    input_vat bigint not null,
    net_vat bigint not null,
    status text not null,
    filed_on date,
    filed_by uuid,
    filing_reference text,
    paid_on date,
    notes text,
    constraint tax_returns_pkey primary key (organization_id, id),
    constraint tax_returns_frequency_check check (
        frequency in ('quarterly', 'monthly')
    ),
    constraint tax_returns_taxable_sales_check check (taxable_sales >= 0),
    constraint tax_returns_zero_rated_sales_check check (zero_rated_sales >= 0),
    constraint tax_returns_exempt_sales_check check (exempt_sales >= 0),
    constraint tax_returns_taxable_purchases_check check (taxable_purchases >= 0),
    constraint tax_returns_output_vat_check check (output_vat >= 0),
    constraint tax_returns_input_vat_check check (input_vat >= 0),
    constraint tax_returns_status_check check (
        status in ('draft', 'calculated', 'filed', 'paid')
    ),
    constraint tax_returns_filed_by_fkey foreign key (organization_id, filed_by)
        references platform.members (organization_id, user_id),
    constraint tax_returns_period_ends_on_check check (period_ends_on >= period_starts_on),
    constraint tax_returns_rate_percent_check check (rate_percent between 0 and 100)
);
create index tax_returns_period_starts_on_idx on hr.tax_returns (organization_id, period_starts_on);
create index tax_returns_filed_by_idx on hr.tax_returns (organization_id, filed_by);
select platform.tenant_table('hr.tax_returns');
