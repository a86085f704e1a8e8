-- Orders of delivery platforms and what the platforms said about them.

create table integrations.platform_orders (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    platform text not null,
    platform_order_id text not null,
    tracking_number text,
    status text not null,
    platform_status text,
    is_status_known boolean not null,
    courier_id uuid,
    platform_driver_id text,
    installation_id uuid,
    order_type text not null,
    pickup_address text,
    pickup_lat numeric(18, 7),
    pickup_lon numeric(18, 7),
    pickup_contact text,
    pickup_phone text,
    dropoff_address text,
    dropoff_lat numeric(18, 7),
    dropoff_lon numeric(18, 7),
    customer_name text,
    customer_phone text,
    total_amount bigint,
    delivery_fee bigint,
    cod_amount bigint,
    payment_method text,
    items_count bigint,
    distance_km numeric(18, 2),
    ordered_at timestamptz,
    picked_up_at timestamptz,
    delivered_at timestamptz,
    last_event_at timestamptz,
    failure_reason text,
    raw jsonb,
    notes text,
    constraint platform_orders_pkey primary key (organization_id, id),
    constraint platform_orders_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint platform_orders_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint platform_orders_platform_check check (
        platform in (
            'barq', 'jahez', 'saned', 'hungerstation', 'mrsool', 'nana', 'keeta', 'chefz', 'mealme', 'amazon',
            'kaykroo', 'chalhoub', 'spl', 'other'
        )
    ),
    constraint platform_orders_status_check check (
        status in (
            'pending', 'assigned', 'picked_up', 'in_transit', 'delivered', 'failed', 'cancelled', 'returned'
        )
    ),
    constraint platform_orders_order_type_check check (
        order_type in (
            'food', 'grocery', 'parcel', 'pharmacy', 'other'
        )
    ),
    constraint platform_orders_total_amount_check check (total_amount >= 0),
    constraint platform_orders_delivery_fee_check check (delivery_fee >= 0),
    constraint platform_orders_cod_amount_check check (cod_amount >= 0),
    constraint platform_orders_payment_method_check check (
        payment_method in (
            'prepaid', 'cash', 'card_on_delivery', 'wallet', 'other'
        )
    ),
    constraint platform_orders_items_count_check check (items_count >= 0),
    constraint platform_orders_distance_km_check check (distance_km >= 0),
    constraint platform_orders_raw_check check (jsonb_typeof(raw) in ('object', 'array'))
);
-- A platform's id is stored once, whatever two deliveries of one message at once try.
create unique index platform_orders_platform_order_id_key
    on integrations.platform_orders (organization_id, platform, platform_order_id) where deleted_at is null;
create index platform_orders_ordered_at_idx on integrations.platform_orders (organization_id, ordered_at);
create index platform_orders_courier_id_idx on integrations.platform_orders (organization_id, courier_id);
create index platform_orders_installation_id_idx on integrations.platform_orders (organization_id, installation_id);
create index platform_orders_status_idx on integrations.platform_orders (organization_id, status);
select platform.tenant_table('integrations.platform_orders');

create table integrations.platform_order_events (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    platform_order_id uuid not null,
    platform_status text not null,
    status text,
    is_applied boolean not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    event_key text not null,
    raw jsonb,
    constraint platform_order_events_pkey primary key (organization_id, id),
    constraint platform_order_events_platform_order_id_fkey foreign key (organization_id, platform_order_id)
        references integrations.platform_orders (organization_id, id),
    constraint platform_order_events_status_check check (
        status in (
            'pending', 'assigned', 'picked_up', 'in_transit', 'delivered', 'failed', 'cancelled', 'returned'
        )
    ),
    constraint platform_order_events_raw_check check (jsonb_typeof(raw) in ('object', 'array'))
);
-- A repeated event is the same event.
create unique index platform_order_events_event_key_key
    on integrations.platform_order_events (organization_id, platform_order_id, event_key) where deleted_at is null;
create index platform_order_events_platform_order_id_idx
    on integrations.platform_order_events (organization_id, platform_order_id);
create index platform_order_events_occurred_at_idx
    on integrations.platform_order_events (organization_id, occurred_at, id);
create index platform_order_events_status_idx on integrations.platform_order_events (organization_id, status);
select platform.tenant_table('integrations.platform_order_events');
