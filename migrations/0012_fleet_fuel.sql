-- Fuel: what providers of fuel cards report, and what people write down.

create table fleet.fuel_transactions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    installation_id uuid not null,
    provider text not null,
    provider_txn_id text not null,
    at timestamptz not null,
    time_known boolean not null,
    -- The day of `at` in the organization's time zone when the row was stored: months are counted by it.
    local_date date not null,
    vehicle_id uuid,
    courier_id uuid,
    match_status text not null,
    match_score bigint,
    match_reasons jsonb,
    matched_by text,
    matched_at timestamptz,
    ignore_reason text,
    card_ref text,
    plate_ref text,
    plate_ref_ar text,
    vin_ref text,
    internal_ref text,
    driver_ref text,
    station_name text,
    station_city text,
    station_lat numeric(18, 7),
    station_lon numeric(18, 7),
    product text not null,
    product_name text,
    -- Litres; kilowatt-hours when the product is electric. Negative for a reversal.
    volume_l numeric(18, 3) not null,
    unit_price numeric(18, 4),
    amount bigint not null,
    vat_amount bigint,
    currency text not null,
    odometer_km numeric(18, 2),
    is_full_tank boolean,
    pay_method text,
    receipt_number text,
    notes text,
    raw jsonb,
    -- Hash of what the provider said: another hash for the same id is a change at the source.
    content_hash text not null,
    constraint fuel_transactions_pkey primary key (organization_id, id),
    constraint fuel_transactions_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint fuel_transactions_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint fuel_transactions_match_status_check check (
        match_status in ('matched', 'doubtful', 'unmatched', 'ignored')
    ),
    constraint fuel_transactions_vehicle_id_check check (match_status <> 'matched' or vehicle_id is not null),
    constraint fuel_transactions_match_score_check check (match_score between 0 and 100),
    constraint fuel_transactions_match_reasons_check check (jsonb_typeof(match_reasons) = 'array'),
    constraint fuel_transactions_matched_by_check check (matched_by in ('rules', 'person')),
    constraint fuel_transactions_product_check check (
        product in ('gasoline91', 'gasoline95', 'gasoline98', 'diesel', 'electric', 'other')
    ),
    constraint fuel_transactions_unit_price_check check (unit_price >= 0),
    constraint fuel_transactions_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint fuel_transactions_odometer_km_check check (odometer_km >= 0),
    constraint fuel_transactions_station_lat_check check (station_lat between -90 and 90),
    constraint fuel_transactions_station_lon_check check (station_lon between -180 and 180)
);
-- A provider's id is stored once for an installation, whatever two runs at once try.
create unique index fuel_transactions_provider_txn_id_key
    on fleet.fuel_transactions (organization_id, installation_id, provider_txn_id) where deleted_at is null;
create index fuel_transactions_vehicle_id_idx on fleet.fuel_transactions (organization_id, vehicle_id, local_date);
create index fuel_transactions_courier_id_idx on fleet.fuel_transactions (organization_id, courier_id);
create index fuel_transactions_match_status_idx on fleet.fuel_transactions (organization_id, match_status, at);
create index fuel_transactions_at_idx on fleet.fuel_transactions (organization_id, at, id);
select platform.tenant_table('fleet.fuel_transactions');

create table fleet.fuel_logs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    vehicle_id uuid not null,
    courier_id uuid,
    filled_on date not null,
    filled_at timestamptz,
    volume_l numeric(18, 3) not null,
    cost bigint not null,
    unit_price numeric(18, 4),
    odometer_km numeric(18, 2),
    is_full_tank boolean,
    product text,
    station text,
    payment_method text,
    receipt_number text,
    receipt_file_id uuid,
    fuel_transaction_id uuid,
    notes text,
    constraint fuel_logs_pkey primary key (organization_id, id),
    constraint fuel_logs_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint fuel_logs_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint fuel_logs_receipt_file_id_fkey foreign key (organization_id, receipt_file_id)
        references platform.files (organization_id, id),
    constraint fuel_logs_fuel_transaction_id_fkey foreign key (organization_id, fuel_transaction_id)
        references fleet.fuel_transactions (organization_id, id),
    constraint fuel_logs_volume_l_check check (volume_l > 0),
    constraint fuel_logs_cost_check check (cost >= 0),
    constraint fuel_logs_unit_price_check check (unit_price >= 0),
    constraint fuel_logs_odometer_km_check check (odometer_km >= 0),
    constraint fuel_logs_product_check check (
        product in ('gasoline91', 'gasoline95', 'gasoline98', 'diesel', 'electric', 'other')
    ),
    constraint fuel_logs_payment_method_check check (
        payment_method in ('cash', 'fuel_card', 'bank_card', 'company_account', 'other')
    )
);
create unique index fuel_logs_fuel_transaction_id_key on fleet.fuel_logs (organization_id, fuel_transaction_id)
    where deleted_at is null;
create index fuel_logs_vehicle_id_idx on fleet.fuel_logs (organization_id, vehicle_id, filled_on);
create index fuel_logs_courier_id_idx on fleet.fuel_logs (organization_id, courier_id);
create index fuel_logs_filled_on_idx on fleet.fuel_logs (organization_id, filled_on, id);
create index fuel_logs_receipt_file_id_idx on fleet.fuel_logs (organization_id, receipt_file_id);
create index fuel_logs_fuel_transaction_id_idx on fleet.fuel_logs (organization_id, fuel_transaction_id);
select platform.tenant_table('fleet.fuel_logs');
