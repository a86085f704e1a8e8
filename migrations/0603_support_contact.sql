-- Other ways to reach support: chat, the contact form, opinions about the product.

create table support.chat_sessions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    chat_number text not null,
    customer uuid not null,
    agent uuid,
    status text not null,
    initial_message text,
    topic text,
    courier_id uuid,
    ticket_id uuid,
    started_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    transfer_count bigint not null,
    rating bigint,
    constraint chat_sessions_pkey primary key (organization_id, id),
    constraint chat_sessions_customer_fkey foreign key (organization_id, customer)
        references platform.members (organization_id, user_id),
    constraint chat_sessions_agent_fkey foreign key (organization_id, agent)
        references platform.members (organization_id, user_id),
    constraint chat_sessions_status_check check (status in ('waiting', 'active', 'transferred', 'ended')),
    constraint chat_sessions_topic_check check (
        topic in ('technical', 'billing', 'delivery', 'complaint', 'feature_request', 'hr', 'vehicle',
        'accommodation', 'finance', 'operations', 'it', 'other')
    ),
    constraint chat_sessions_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint chat_sessions_ticket_id_fkey foreign key (organization_id, ticket_id)
        references support.tickets (organization_id, id),
    constraint chat_sessions_ended_by_fkey foreign key (organization_id, ended_by)
        references platform.members (organization_id, user_id),
    constraint chat_sessions_transfer_count_check check (transfer_count between 0 and 9999),
    constraint chat_sessions_rating_check check (rating between 1 and 5)
);
create unique index chat_sessions_chat_number_key on support.chat_sessions (organization_id, chat_number)
    where deleted_at is null;
create index chat_sessions_status_idx on support.chat_sessions (organization_id, status);
create index chat_sessions_created_at_idx on support.chat_sessions (organization_id, created_at);
create index chat_sessions_customer_idx on support.chat_sessions (organization_id, customer);
create index chat_sessions_agent_idx on support.chat_sessions (organization_id, agent);
create index chat_sessions_courier_id_idx on support.chat_sessions (organization_id, courier_id);
create index chat_sessions_ticket_id_idx on support.chat_sessions (organization_id, ticket_id);
create index chat_sessions_ended_by_idx on support.chat_sessions (organization_id, ended_by);
select platform.tenant_table('support.chat_sessions');

create table support.chat_messages (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    chat_session_id uuid not null,
    author uuid,
    message text not null,
    is_agent boolean not null,
    is_system boolean not null,
    constraint chat_messages_pkey primary key (organization_id, id),
    constraint chat_messages_chat_session_id_fkey foreign key (organization_id, chat_session_id)
        references support.chat_sessions (organization_id, id),
    constraint chat_messages_author_fkey foreign key (organization_id, author)
        references platform.members (organization_id, user_id)
);
create index chat_messages_chat_session_id_idx on support.chat_messages (organization_id, chat_session_id);
create index chat_messages_author_idx on support.chat_messages (organization_id, author);
select platform.tenant_table('support.chat_messages');

create table support.contact_requests (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    request_number text not null,
    name text not null,
    email text,
    phone text,
    subject text not null,
    message text not null,
    department text not null,
    urgency text not null,
    status text not null,
    ticket_id uuid,
    promised_at timestamptz,
    sent_by uuid,
    answered_at timestamptz,
    constraint contact_requests_pkey primary key (organization_id, id),
    constraint contact_requests_department_check check (
        department in ('support', 'operations', 'fleet', 'hr', 'finance', 'accommodation', 'it')
    ),
    constraint contact_requests_urgency_check check (urgency in ('normal', 'medium', 'high', 'critical')),
    constraint contact_requests_status_check check (status in ('received', 'answered', 'closed', 'spam')),
    constraint contact_requests_ticket_id_fkey foreign key (organization_id, ticket_id)
        references support.tickets (organization_id, id),
    constraint contact_requests_sent_by_fkey foreign key (organization_id, sent_by)
        references platform.members (organization_id, user_id)
);
create unique index contact_requests_request_number_key on support.contact_requests (organization_id, request_number)
    where deleted_at is null;
create index contact_requests_ticket_id_idx on support.contact_requests (organization_id, ticket_id);
create index contact_requests_sent_by_idx on support.contact_requests (organization_id, sent_by);
select platform.tenant_table('support.contact_requests');

create table support.product_feedbacks (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    feedback_number text not null,
    subject text not null,
    message text not null,
    category text not null,
    rating bigint,
    status text not null,
    given_by uuid,
    response text,
    responded_by uuid,
    responded_at timestamptz,
    dismiss_reason text,
    constraint product_feedbacks_pkey primary key (organization_id, id),
    constraint product_feedbacks_category_check check (
        category in ('general', 'feature_request', 'bug_report', 'complaint', 'compliment', 'suggestion')
    ),
    constraint product_feedbacks_rating_check check (rating between 1 and 5),
    constraint product_feedbacks_status_check check (
        status in ('new', 'reviewed', 'in_progress', 'completed', 'dismissed')
    ),
    constraint product_feedbacks_given_by_fkey foreign key (organization_id, given_by)
        references platform.members (organization_id, user_id),
    constraint product_feedbacks_responded_by_fkey foreign key (organization_id, responded_by)
        references platform.members (organization_id, user_id)
);
create unique index product_feedbacks_feedback_number_key on support.product_feedbacks (organization_id, feedback_number)
    where deleted_at is null;
create index product_feedbacks_status_idx on support.product_feedbacks (organization_id, status);
create index product_feedbacks_given_by_idx on support.product_feedbacks (organization_id, given_by);
create index product_feedbacks_responded_by_idx on support.product_feedbacks (organization_id, responded_by);
select platform.tenant_table('support.product_feedbacks');
