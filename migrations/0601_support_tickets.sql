-- Tickets and what is said about them.

create table support.tickets (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    ticket_number text not null,
    subject text not null,
    description text not null,
    category text not null,
    priority text not null,
    status text not null,
    department text,
    source text not null,
    requested_by uuid,
    assigned_to uuid,
    courier_id uuid,
    vehicle_id uuid,
    delivery_id uuid,
    tags text,
    custom_fields jsonb,
    template_id uuid,
    sla_hours bigint,
    sla_due_at timestamptz,
    sla_status text not null,
    sla_breached boolean not null,
    first_response_at timestamptz,
    escalation_level text not null,
    escalated_at timestamptz,
    escalated_by uuid,
    escalation_reason text,
    merged_into_id uuid,
    contact_name text,
    contact_email text,
    contact_phone text,
    resolution text,
    resolved_at timestamptz,
    resolved_by uuid,
    closed_at timestamptz,
    reopen_count bigint not null,
    satisfaction_rating bigint,
    satisfaction_comment text,
    notes text,
    constraint tickets_pkey primary key (organization_id, id),
    constraint tickets_category_check check (
        category in ('technical', 'billing', 'delivery', 'complaint', 'feature_request', 'hr', 'vehicle',
        'accommodation', 'finance', 'operations', 'it', 'other')
    ),
    constraint tickets_priority_check check (priority in ('low', 'medium', 'high', 'urgent')),
    constraint tickets_status_check check (status in ('open', 'in_progress', 'pending', 'resolved', 'closed')),
    constraint tickets_department_check check (
        department in ('support', 'operations', 'fleet', 'hr', 'finance', 'accommodation', 'it')
    ),
    constraint tickets_source_check check (source in ('web', 'contact_form', 'phone', 'email', 'chat', 'courier_app')),
    constraint tickets_requested_by_fkey foreign key (organization_id, requested_by)
        references platform.members (organization_id, user_id),
    constraint tickets_assigned_to_fkey foreign key (organization_id, assigned_to)
        references platform.members (organization_id, user_id),
    constraint tickets_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint tickets_vehicle_id_fkey foreign key (organization_id, vehicle_id)
        references fleet.vehicles (organization_id, id),
    constraint tickets_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint tickets_custom_fields_check check (jsonb_typeof(custom_fields) in ('object', 'array')),
    constraint tickets_template_id_fkey foreign key (organization_id, template_id)
        references support.ticket_templates (organization_id, id),
    constraint tickets_sla_hours_check check (sla_hours between 1 and 8760),
    constraint tickets_sla_status_check check (sla_status in ('none', 'on_track', 'at_risk', 'breached', 'met')),
    constraint tickets_escalation_level_check check (
        escalation_level in ('none', 'level_1', 'level_2', 'level_3', 'management')
    ),
    constraint tickets_escalated_by_fkey foreign key (organization_id, escalated_by)
        references platform.members (organization_id, user_id),
    constraint tickets_merged_into_id_fkey foreign key (organization_id, merged_into_id)
        references support.tickets (organization_id, id),
    constraint tickets_merged_into_id_check check (merged_into_id <> id),
    constraint tickets_resolved_by_fkey foreign key (organization_id, resolved_by)
        references platform.members (organization_id, user_id),
    constraint tickets_reopen_count_check check (reopen_count between 0 and 9999),
    constraint tickets_satisfaction_rating_check check (satisfaction_rating between 1 and 5)
);
create unique index tickets_ticket_number_key on support.tickets (organization_id, ticket_number)
    where deleted_at is null;
create index tickets_status_idx on support.tickets (organization_id, status, sla_due_at);
create index tickets_created_at_idx on support.tickets (organization_id, created_at);
create index tickets_resolved_at_idx on support.tickets (organization_id, resolved_at);
create index tickets_assigned_to_idx on support.tickets (organization_id, assigned_to, status);
create index tickets_requested_by_idx on support.tickets (organization_id, requested_by);
create index tickets_courier_id_idx on support.tickets (organization_id, courier_id);
create index tickets_vehicle_id_idx on support.tickets (organization_id, vehicle_id);
create index tickets_delivery_id_idx on support.tickets (organization_id, delivery_id);
create index tickets_template_id_idx on support.tickets (organization_id, template_id);
create index tickets_escalated_by_idx on support.tickets (organization_id, escalated_by);
create index tickets_merged_into_id_idx on support.tickets (organization_id, merged_into_id);
create index tickets_resolved_by_idx on support.tickets (organization_id, resolved_by);
select platform.tenant_table('support.tickets');

create table support.ticket_replies (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    ticket_id uuid not null,
    author uuid,
    message text not null,
    is_internal boolean not null,
    canned_response_id uuid,
    constraint ticket_replies_pkey primary key (organization_id, id),
    constraint ticket_replies_ticket_id_fkey foreign key (organization_id, ticket_id)
        references support.tickets (organization_id, id),
    constraint ticket_replies_author_fkey foreign key (organization_id, author)
        references platform.members (organization_id, user_id),
    constraint ticket_replies_canned_response_id_fkey foreign key (organization_id, canned_response_id)
        references support.canned_responses (organization_id, id)
);
create index ticket_replies_ticket_id_idx on support.ticket_replies (organization_id, ticket_id);
create index ticket_replies_author_idx on support.ticket_replies (organization_id, author);
create index ticket_replies_canned_response_id_idx on support.ticket_replies (organization_id, canned_response_id);
select platform.tenant_table('support.ticket_replies');

create table support.ticket_attachments (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    ticket_id uuid not null,
    reply_id uuid,
    file_id uuid,
    file_name text not null,
    media_type text not null,
    size_bytes bigint not null,
    uploaded_by uuid,
    constraint ticket_attachments_pkey primary key (organization_id, id),
    constraint ticket_attachments_ticket_id_fkey foreign key (organization_id, ticket_id)
        references support.tickets (organization_id, id),
    constraint ticket_attachments_reply_id_fkey foreign key (organization_id, reply_id)
        references support.ticket_replies (organization_id, id),
    constraint ticket_attachments_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id),
    constraint ticket_attachments_size_bytes_check check (size_bytes between 0 and 999999999999),
    constraint ticket_attachments_uploaded_by_fkey foreign key (organization_id, uploaded_by)
        references platform.members (organization_id, user_id)
);
create index ticket_attachments_ticket_id_idx on support.ticket_attachments (organization_id, ticket_id);
create index ticket_attachments_reply_id_idx on support.ticket_attachments (organization_id, reply_id);
create index ticket_attachments_file_id_idx on support.ticket_attachments (organization_id, file_id);
create index ticket_attachments_uploaded_by_idx on support.ticket_attachments (organization_id, uploaded_by);
select platform.tenant_table('support.ticket_attachments');

-- The reader's own rights and row-level security apply.
create view support.ticket_facts with (security_invoker = true) as
select organization_id, id, ticket_number, category, priority, status, department, courier_id, vehicle_id, delivery_id,
    requested_by, assigned_to, created_at, first_response_at, sla_due_at, sla_breached, sla_status, escalation_level,
    resolved_at, closed_at, merged_into_id, satisfaction_rating, deleted_at
from support.tickets;
comment on view support.ticket_facts is 'Tickets, for other modules.';
grant select on support.ticket_facts to barq_app;
