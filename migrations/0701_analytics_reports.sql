-- Report templates, schedules, reports and exports.

create table analytics.report_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    report_type text not null,
    columns jsonb,
    parameters jsonb,
    filters jsonb,
    is_public boolean not null,
    created_by uuid,
    constraint report_templates_pkey primary key (organization_id, id),
    constraint report_templates_created_by_fkey foreign key (organization_id, created_by)
        references platform.members (organization_id, user_id),
    constraint report_templates_report_type_check check (
        report_type in (
            'overview_summary', 'courier_performance', 'delivery_success', 'on_time_delivery', 'delivery_time',
            'zone_performance', 'peak_hours', 'capacity_utilization', 'incident_rates', 'customer_satisfaction',
            'sla_compliance', 'fleet_utilization', 'fleet_availability', 'fleet_age', 'fuel_efficiency',
            'maintenance_costs', 'fleet_downtime', 'fleet_costs', 'workforce', 'turnover',
            'performance_distribution', 'productivity', 'attendance', 'overtime', 'leave_utilization',
            'salary_distribution', 'revenue', 'cod_collection', 'cash_aging', 'cost_breakdown', 'profit_margins',
            'budget_vs_actual', 'cash_flow'
        )
    ),
    constraint report_templates_columns_check check (jsonb_typeof(columns) = 'array'),
    constraint report_templates_parameters_check check (jsonb_typeof(parameters) in ('object', 'array')),
    constraint report_templates_filters_check check (jsonb_typeof(filters) in ('object', 'array'))
);
create unique index report_templates_name_key on analytics.report_templates (organization_id, name)
    where deleted_at is null;
create index report_templates_created_by_idx on analytics.report_templates (organization_id, created_by);
create index report_templates_name_idx on analytics.report_templates (organization_id, name, id);
select platform.tenant_table('analytics.report_templates');

create table analytics.report_schedules (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    report_type text not null,
    template_id uuid,
    status text not null,
    frequency text not null,
    run_at text not null,
    weekday text,
    day_of_month bigint,
    format text not null,
    recipients jsonb,
    parameters jsonb,
    next_run_at timestamptz,
    last_run_at timestamptz,
    constraint report_schedules_pkey primary key (organization_id, id),
    constraint report_schedules_template_id_fkey foreign key (organization_id, template_id)
        references analytics.report_templates (organization_id, id),
    constraint report_schedules_report_type_check check (
        report_type in (
            'overview_summary', 'courier_performance', 'delivery_success', 'on_time_delivery', 'delivery_time',
            'zone_performance', 'peak_hours', 'capacity_utilization', 'incident_rates', 'customer_satisfaction',
            'sla_compliance', 'fleet_utilization', 'fleet_availability', 'fleet_age', 'fuel_efficiency',
            'maintenance_costs', 'fleet_downtime', 'fleet_costs', 'workforce', 'turnover',
            'performance_distribution', 'productivity', 'attendance', 'overtime', 'leave_utilization',
            'salary_distribution', 'revenue', 'cod_collection', 'cash_aging', 'cost_breakdown', 'profit_margins',
            'budget_vs_actual', 'cash_flow'
        )
    ),
    constraint report_schedules_status_check check (status in ('active', 'paused')),
    constraint report_schedules_frequency_check check (frequency in ('daily', 'weekly', 'monthly', 'quarterly')),
    constraint report_schedules_weekday_check check (
        weekday in (
            'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'
        )
    ),
    constraint report_schedules_day_of_month_check check (day_of_month >= 0),
    constraint report_schedules_format_check check (format in ('xlsx', 'csv', 'json')),
    constraint report_schedules_recipients_check check (jsonb_typeof(recipients) = 'array'),
    constraint report_schedules_parameters_check check (jsonb_typeof(parameters) in ('object', 'array'))
);
-- What is due: read once in some minutes for every organization.
create index report_schedules_next_run_at_idx on analytics.report_schedules (organization_id, next_run_at)
    where status = 'active' and deleted_at is null;
create index report_schedules_template_id_idx on analytics.report_schedules (organization_id, template_id);
create index report_schedules_name_idx on analytics.report_schedules (organization_id, name, id);
create index report_schedules_status_idx on analytics.report_schedules (organization_id, status);
select platform.tenant_table('analytics.report_schedules');

create table analytics.reports (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    report_type text not null,
    status text not null,
    format text not null,
    period_starts_on date not null,
    period_ends_on date not null,
    parameters jsonb,
    template_id uuid,
    schedule_id uuid,
    scheduled_at timestamptz,
    started_at timestamptz,
    generated_at timestamptz,
    generated_by uuid,
    row_count bigint,
    file_id uuid,
    file_size_bytes bigint,
    result jsonb,
    error_message text,
    constraint reports_pkey primary key (organization_id, id),
    constraint reports_template_id_fkey foreign key (organization_id, template_id)
        references analytics.report_templates (organization_id, id),
    constraint reports_schedule_id_fkey foreign key (organization_id, schedule_id)
        references analytics.report_schedules (organization_id, id),
    constraint reports_generated_by_fkey foreign key (organization_id, generated_by)
        references platform.members (organization_id, user_id),
    constraint reports_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint reports_report_type_check check (
        report_type in (
            'overview_summary', 'courier_performance', 'delivery_success', 'on_time_delivery', 'delivery_time',
            'zone_performance', 'peak_hours', 'capacity_utilization', 'incident_rates', 'customer_satisfaction',
            'sla_compliance', 'fleet_utilization', 'fleet_availability', 'fleet_age', 'fuel_efficiency',
            'maintenance_costs', 'fleet_downtime', 'fleet_costs', 'workforce', 'turnover',
            'performance_distribution', 'productivity', 'attendance', 'overtime', 'leave_utilization',
            'salary_distribution', 'revenue', 'cod_collection', 'cash_aging', 'cost_breakdown', 'profit_margins',
            'budget_vs_actual', 'cash_flow'
        )
    ),
    constraint reports_status_check check (
        status in (
            'scheduled', 'pending', 'generating', 'completed', 'failed', 'cancelled'
        )
    ),
    constraint reports_format_check check (format in ('xlsx', 'csv', 'json')),
    constraint reports_parameters_check check (jsonb_typeof(parameters) in ('object', 'array')),
    constraint reports_row_count_check check (row_count >= 0),
    constraint reports_file_size_bytes_check check (file_size_bytes >= 0),
    constraint reports_result_check check (jsonb_typeof(result) in ('object', 'array'))
);
create index reports_template_id_idx on analytics.reports (organization_id, template_id);
create index reports_schedule_id_idx on analytics.reports (organization_id, schedule_id);
create index reports_generated_by_idx on analytics.reports (organization_id, generated_by);
create index reports_file_id_idx on analytics.reports (organization_id, file_id);
create index reports_status_idx on analytics.reports (organization_id, status);
select platform.tenant_table('analytics.reports');

create table analytics.export_jobs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    resource text not null,
    format text not null,
    filters jsonb,
    status text not null,
    note text,
    requested_by uuid,
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    row_count bigint,
    file_id uuid,
    error_message text,
    constraint export_jobs_pkey primary key (organization_id, id),
    constraint export_jobs_requested_by_fkey foreign key (organization_id, requested_by)
        references platform.members (organization_id, user_id),
    constraint export_jobs_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint export_jobs_format_check check (format in ('csv', 'xlsx', 'json')),
    constraint export_jobs_filters_check check (jsonb_typeof(filters) in ('object', 'array')),
    constraint export_jobs_status_check check (
        status in (
            'queued', 'running', 'completed', 'failed', 'cancelled', 'expired'
        )
    ),
    constraint export_jobs_row_count_check check (row_count >= 0)
);
create index export_jobs_requested_by_idx on analytics.export_jobs (organization_id, requested_by);
create index export_jobs_file_id_idx on analytics.export_jobs (organization_id, file_id);
create index export_jobs_status_idx on analytics.export_jobs (organization_id, status);
select platform.tenant_table('analytics.export_jobs');
