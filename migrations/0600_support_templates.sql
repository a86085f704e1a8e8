-- What support prepares: ready tickets, ready answers.

create schema if not exists support;
comment on schema support is 'Tickets, knowledge base, chat and feedback.';

create table support.ticket_templates (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    default_subject text,
    default_description text,
    default_category text,
    default_priority text not null,
    default_department text,
    default_tags text,
    default_custom_fields jsonb,
    sla_hours bigint,
    is_active boolean not null,
    is_public boolean not null,
    constraint ticket_templates_pkey primary key (organization_id, id),
    constraint ticket_templates_default_category_check check (
        default_category in ('technical', 'billing', 'delivery', 'complaint', 'feature_request', 'hr', 'vehicle',
        'accommodation', 'finance', 'operations', 'it', 'other')
    ),
    constraint ticket_templates_default_priority_check check (default_priority in ('low', 'medium', 'high', 'urgent')),
    constraint ticket_templates_default_department_check check (
        default_department in ('support', 'operations', 'fleet', 'hr', 'finance', 'accommodation', 'it')
    ),
    constraint ticket_templates_default_custom_fields_check check (
        jsonb_typeof(default_custom_fields) in ('object', 'array')
    ),
    constraint ticket_templates_sla_hours_check check (sla_hours between 1 and 8760)
);
create unique index ticket_templates_name_key on support.ticket_templates (organization_id, name)
    where deleted_at is null;
select platform.tenant_table('support.ticket_templates');

create table support.canned_responses (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    title text not null,
    shortcut text,
    content text not null,
    category text not null,
    is_active boolean not null,
    is_public boolean not null,
    usage_count bigint not null,
    constraint canned_responses_pkey primary key (organization_id, id),
    constraint canned_responses_usage_count_check check (usage_count between 0 and 999999999)
);
create unique index canned_responses_shortcut_key on support.canned_responses (organization_id, shortcut)
    where deleted_at is null;
create index canned_responses_category_idx on support.canned_responses (organization_id, category);
select platform.tenant_table('support.canned_responses');
