-- Dashboards, key figures with their targets, metrics over time and couriers' days.

create schema analytics;
comment on schema analytics is 'Dashboards, key figures, reports and their schedules.';

create table analytics.dashboards (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    widgets jsonb not null,
    layout jsonb,
    owned_by uuid,
    is_default boolean not null,
    is_shared boolean not null,
    refresh_interval_s bigint not null,
    filters jsonb,
    constraint dashboards_pkey primary key (organization_id, id),
    constraint dashboards_owned_by_fkey foreign key (organization_id, owned_by)
        references platform.members (organization_id, user_id),
    constraint dashboards_widgets_check check (jsonb_typeof(widgets) = 'array'),
    constraint dashboards_layout_check check (jsonb_typeof(layout) in ('object', 'array')),
    constraint dashboards_refresh_interval_s_check check (refresh_interval_s >= 0),
    constraint dashboards_filters_check check (jsonb_typeof(filters) in ('object', 'array'))
);
create index dashboards_owned_by_idx on analytics.dashboards (organization_id, owned_by);
create index dashboards_name_idx on analytics.dashboards (organization_id, name, id);
select platform.tenant_table('analytics.dashboards');

-- Colour and achievement are not stored: a changed target changes them.
create table analytics.kpis (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    code text not null,
    name text not null,
    description text,
    category text not null,
    direction text not null,
    period text not null,
    figure text,
    calculation_formula text,
    unit text,
    target_value numeric(18, 4),
    warning_threshold numeric(18, 4),
    critical_threshold numeric(18, 4),
    current_value numeric(18, 4),
    previous_value numeric(18, 4),
    trend text,
    trend_percent numeric(18, 2),
    period_starts_on date,
    period_ends_on date,
    last_calculated_at timestamptz,
    is_active boolean not null,
    constraint kpis_pkey primary key (organization_id, id),
    constraint kpis_category_check check (category in ('operations', 'fleet', 'hr', 'financial', 'customer', 'other')),
    constraint kpis_direction_check check (direction in ('higher', 'lower')),
    constraint kpis_period_check check (period in ('daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    constraint kpis_trend_check check (trend in ('up', 'down', 'stable'))
);
create unique index kpis_code_key on analytics.kpis (organization_id, code) where deleted_at is null;
create index kpis_code_idx on analytics.kpis (organization_id, code, id);
select platform.tenant_table('analytics.kpis');

create table analytics.kpi_targets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    kpi_id uuid not null,
    starts_on date not null,
    ends_on date,
    target_value numeric(18, 4) not null,
    warning_threshold numeric(18, 4),
    critical_threshold numeric(18, 4),
    notes text,
    constraint kpi_targets_pkey primary key (organization_id, id),
    constraint kpi_targets_kpi_id_fkey foreign key (organization_id, kpi_id)
        references analytics.kpis (organization_id, id)
);
create unique index kpi_targets_starts_on_key on analytics.kpi_targets (organization_id, kpi_id, starts_on)
    where deleted_at is null;
create index kpi_targets_kpi_id_idx on analytics.kpi_targets (organization_id, kpi_id);
create index kpi_targets_starts_on_idx on analytics.kpi_targets (organization_id, starts_on, id);
select platform.tenant_table('analytics.kpi_targets');

create table analytics.metric_snapshots (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    metric_name text not null,
    metric_type text not null,
    value numeric(18, 4) not null,
    measured_at timestamptz not null,
    dimensions jsonb,
    tags jsonb,
    source text,
    constraint metric_snapshots_pkey primary key (organization_id, id),
    constraint metric_snapshots_metric_type_check check (metric_type in ('gauge', 'counter', 'histogram')),
    constraint metric_snapshots_dimensions_check check (jsonb_typeof(dimensions) in ('object', 'array')),
    constraint metric_snapshots_tags_check check (jsonb_typeof(tags) in ('object', 'array'))
);
-- How a metric is read: by its name, along time.
create index metric_snapshots_metric_name_idx
    on analytics.metric_snapshots (organization_id, metric_name, measured_at);
create index metric_snapshots_measured_at_idx on analytics.metric_snapshots (organization_id, measured_at, id);
select platform.tenant_table('analytics.metric_snapshots');

create table analytics.performance_data (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    performed_on date not null,
    orders_completed bigint not null,
    orders_failed bigint not null,
    on_time_deliveries bigint not null,
    late_deliveries bigint not null,
    distance_km numeric(18, 2) not null,
    revenue bigint not null,
    cod_collected bigint not null,
    average_rating numeric(18, 2),
    working_hours numeric(18, 2),
    efficiency_score numeric(18, 2),
    source text not null,
    notes text,
    constraint performance_data_pkey primary key (organization_id, id),
    constraint performance_data_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint performance_data_orders_completed_check check (orders_completed >= 0),
    constraint performance_data_orders_failed_check check (orders_failed >= 0),
    constraint performance_data_on_time_deliveries_check check (on_time_deliveries >= 0),
    constraint performance_data_late_deliveries_check check (late_deliveries >= 0),
    constraint performance_data_distance_km_check check (distance_km >= 0),
    constraint performance_data_revenue_check check (revenue >= 0),
    constraint performance_data_cod_collected_check check (cod_collected >= 0),
    constraint performance_data_average_rating_check check (average_rating >= 0),
    constraint performance_data_working_hours_check check (working_hours >= 0),
    constraint performance_data_efficiency_score_check check (efficiency_score >= 0),
    constraint performance_data_source_check check (source in ('manual', 'computed', 'imported'))
);
-- Once for each courier and day, whatever two runs at once try.
create unique index performance_data_performed_on_key
    on analytics.performance_data (organization_id, courier_id, performed_on) where deleted_at is null;
create index performance_data_courier_id_idx on analytics.performance_data (organization_id, courier_id);
create index performance_data_performed_on_idx on analytics.performance_data (organization_id, performed_on, id);
select platform.tenant_table('analytics.performance_data');
