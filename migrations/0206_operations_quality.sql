-- Quality, and what customers say.

create table operations.quality_metrics (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    metric_code text not null,
    metric_name text not null,
    metric_type text not null,
    description text,
    target_value numeric(18, 2) not null,
    unit_of_measure text,
    min_acceptable numeric(18, 2),
    max_acceptable numeric(18, 2),
    warning_threshold numeric(18, 2),
    critical_threshold numeric(18, 2),
    weight numeric(18, 2) not null,
    is_critical boolean not null,
    is_active boolean not null,
    notes text,
    constraint quality_metrics_pkey primary key (organization_id, id),
    constraint quality_metrics_metric_type_check check (
        metric_type in (
            'delivery_quality', 'customer_satisfaction', 'vehicle_condition', 'courier_performance',
            'package_handling', 'timeliness', 'compliance'
        )
    ),
    constraint quality_metrics_target_value_check check (target_value >= 0),
    constraint quality_metrics_min_acceptable_check check (min_acceptable >= 0),
    constraint quality_metrics_max_acceptable_check check (max_acceptable >= 0),
    constraint quality_metrics_warning_threshold_check check (warning_threshold >= 0),
    constraint quality_metrics_critical_threshold_check check (critical_threshold >= 0),
    constraint quality_metrics_weight_check check (weight >= 0)
);
create unique index quality_metrics_metric_code_key
    on operations.quality_metrics (organization_id, metric_code) where deleted_at is null;
select platform.tenant_table('operations.quality_metrics');

create table operations.quality_inspections (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    inspection_number text not null,
    inspection_type text not null,
    status text not null,
    courier_id uuid,
    vehicle_id uuid,
    delivery_id uuid,
    scheduled_on date not null,
    inspected_at timestamptz,
    completed_at timestamptz,
    inspector uuid,
    inspector_notes text,
    overall_score numeric(18, 2),
    findings text,
    issues_found text,
    violations_count bigint not null,
    recommendations text,
    checklist_results jsonb,
    photo_file_id uuid,
    requires_followup boolean not null,
    followup_on date,
    followup_completed boolean not null,
    corrective_actions text,
    actions_completed boolean not null,
    completion_verified_by uuid,
    notes text,
    constraint quality_inspections_pkey primary key (organization_id, id),
    constraint quality_inspections_inspection_type_check check (
        inspection_type in (
            'delivery_quality', 'customer_satisfaction', 'vehicle_condition', 'courier_performance',
            'package_handling', 'timeliness', 'compliance'
        )
    ),
    constraint quality_inspections_status_check check (
        status in (
            'scheduled', 'in_progress', 'completed', 'passed', 'failed'
        )
    ),
    constraint quality_inspections_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint quality_inspections_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint quality_inspections_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint quality_inspections_inspector_fkey foreign key (organization_id, inspector)
        references platform.members (organization_id, user_id),
    constraint quality_inspections_overall_score_check check (overall_score between 0 and 100),
    constraint quality_inspections_violations_count_check check (violations_count between 0 and 1000),
    constraint quality_inspections_checklist_results_check check (jsonb_typeof(checklist_results) in ('object', 'array')),
    constraint quality_inspections_photo_file_id_fkey foreign key (organization_id, photo_file_id)
        references platform.files (organization_id, id),
    constraint quality_inspections_completion_verified_by_fkey foreign key (organization_id, completion_verified_by)
        references platform.members (organization_id, user_id)
);
create unique index quality_inspections_inspection_number_key
    on operations.quality_inspections (organization_id, inspection_number) where deleted_at is null;
create index quality_inspections_courier_id_idx on operations.quality_inspections (organization_id, courier_id);
create index quality_inspections_vehicle_id_idx on operations.quality_inspections (organization_id, vehicle_id);
create index quality_inspections_delivery_id_idx on operations.quality_inspections (organization_id, delivery_id);
create index quality_inspections_inspector_idx on operations.quality_inspections (organization_id, inspector);
create index quality_inspections_photo_file_id_idx on operations.quality_inspections (organization_id, photo_file_id);
create index quality_inspections_completion_verified_by_idx
    on operations.quality_inspections (organization_id, completion_verified_by);
create index quality_inspections_scheduled_on_idx on operations.quality_inspections (organization_id, scheduled_on, id);
select platform.tenant_table('operations.quality_inspections');

create table operations.quality_inspection_scores (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    quality_inspection_id uuid not null,
    quality_metric_id uuid not null,
    score numeric(18, 2) not null,
    is_violation boolean not null,
    notes text,
    constraint quality_inspection_scores_pkey primary key (organization_id, id),
    constraint quality_inspection_scores_quality_inspection_id_fkey foreign key (organization_id, quality_inspection_id)
        references operations.quality_inspections (organization_id, id),
    constraint quality_inspection_scores_quality_metric_id_fkey foreign key (organization_id, quality_metric_id)
        references operations.quality_metrics (organization_id, id),
    constraint quality_inspection_scores_score_check check (score between 0 and 100)
);
create index quality_inspection_scores_quality_metric_id_idx
    on operations.quality_inspection_scores (organization_id, quality_metric_id);
-- An inspection scores a metric once.
create unique index quality_inspection_scores_quality_metric_id_key
    on operations.quality_inspection_scores (organization_id, quality_inspection_id, quality_metric_id) where deleted_at is null;
select platform.tenant_table('operations.quality_inspection_scores');

create table operations.customer_feedbacks (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    feedback_number text not null,
    feedback_type text not null,
    status text not null,
    priority text not null,
    delivery_id uuid,
    courier_id uuid,
    order_number text,
    customer_name text,
    customer_email text,
    customer_phone text,
    is_verified_customer boolean not null,
    overall_rating bigint not null,
    delivery_speed_rating bigint,
    courier_behavior_rating bigint,
    package_condition_rating bigint,
    communication_rating bigint,
    feedback_title text,
    feedback_text text not null,
    sentiment text,
    category text,
    tags text,
    is_complaint boolean not null,
    is_compliment boolean not null,
    is_public boolean not null,
    source text,
    device_type text,
    submitted_at timestamptz,
    response_text text,
    responded_by uuid,
    responded_at timestamptz,
    resolution_text text,
    resolved_by uuid,
    resolved_at timestamptz,
    resolution_satisfaction bigint,
    compensation_amount bigint not null,
    refund_amount bigint not null,
    action_taken text,
    is_escalated boolean not null,
    escalated_at timestamptz,
    escalated_to uuid,
    escalation_reason text,
    requires_followup boolean not null,
    followup_at timestamptz,
    followup_completed boolean not null,
    followup_notes text,
    closed_at timestamptz,
    internal_notes text,
    constraint customer_feedbacks_pkey primary key (organization_id, id),
    constraint customer_feedbacks_feedback_type_check check (
        feedback_type in (
            'delivery', 'courier', 'service', 'app', 'support', 'general'
        )
    ),
    constraint customer_feedbacks_status_check check (
        status in (
            'pending', 'reviewed', 'responded', 'resolved', 'escalated', 'closed'
        )
    ),
    constraint customer_feedbacks_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint customer_feedbacks_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint customer_feedbacks_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint customer_feedbacks_overall_rating_check check (overall_rating between 1 and 5),
    constraint customer_feedbacks_delivery_speed_rating_check check (delivery_speed_rating between 1 and 5),
    constraint customer_feedbacks_courier_behavior_rating_check check (courier_behavior_rating between 1 and 5),
    constraint customer_feedbacks_package_condition_rating_check check (package_condition_rating between 1 and 5),
    constraint customer_feedbacks_communication_rating_check check (communication_rating between 1 and 5),
    constraint customer_feedbacks_sentiment_check check (sentiment in ('positive', 'neutral', 'negative')),
    constraint customer_feedbacks_category_check check (
        category in (
            'delivery_speed', 'courier_behavior', 'package_handling', 'communication', 'pricing',
            'app_experience', 'customer_service', 'service', 'general'
        )
    ),
    constraint customer_feedbacks_responded_by_fkey foreign key (organization_id, responded_by)
        references platform.members (organization_id, user_id),
    constraint customer_feedbacks_resolved_by_fkey foreign key (organization_id, resolved_by)
        references platform.members (organization_id, user_id),
    constraint customer_feedbacks_resolution_satisfaction_check check (resolution_satisfaction between 1 and 5),
    constraint customer_feedbacks_compensation_amount_check check (compensation_amount >= 0),
    constraint customer_feedbacks_refund_amount_check check (refund_amount >= 0),
    constraint customer_feedbacks_escalated_to_fkey foreign key (organization_id, escalated_to)
        references platform.members (organization_id, user_id)
);
create unique index customer_feedbacks_feedback_number_key
    on operations.customer_feedbacks (organization_id, feedback_number) where deleted_at is null;
create index customer_feedbacks_delivery_id_idx on operations.customer_feedbacks (organization_id, delivery_id);
create index customer_feedbacks_courier_id_idx on operations.customer_feedbacks (organization_id, courier_id);
create index customer_feedbacks_responded_by_idx on operations.customer_feedbacks (organization_id, responded_by);
create index customer_feedbacks_resolved_by_idx on operations.customer_feedbacks (organization_id, resolved_by);
create index customer_feedbacks_escalated_to_idx on operations.customer_feedbacks (organization_id, escalated_to);
create index customer_feedbacks_status_idx on operations.customer_feedbacks (organization_id, status, id);
select platform.tenant_table('operations.customer_feedbacks');

create table operations.feedback_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    template_code text not null,
    template_name text not null,
    template_type text not null,
    subject text,
    body text not null,
    sentiment_type text,
    is_active boolean not null,
    usage_count bigint not null,
    constraint feedback_templates_pkey primary key (organization_id, id),
    constraint feedback_templates_template_type_check check (
        template_type in (
            'delivery', 'courier', 'service', 'app', 'support', 'general'
        )
    ),
    constraint feedback_templates_sentiment_type_check check (sentiment_type in ('positive', 'neutral', 'negative')),
    constraint feedback_templates_usage_count_check check (usage_count >= 0)
);
create unique index feedback_templates_template_code_key
    on operations.feedback_templates (organization_id, template_code) where deleted_at is null;
select platform.tenant_table('operations.feedback_templates');
