-- Text messages on their way out, and batches of payments for a bank.

create table integrations.sms_messages (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    recipient_phone text not null,
    body text not null,
    sender_name text,
    kind text not null,
    status text not null,
    installation_id uuid,
    provider_ref text,
    segments bigint,
    cost bigint,
    status_reason text,
    state_name text,
    source text,
    expires_at timestamptz,
    sent_at timestamptz,
    delivered_at timestamptz,
    reported_at timestamptz,
    constraint sms_messages_pkey primary key (organization_id, id),
    constraint sms_messages_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint sms_messages_kind_check check (kind in ('one_time_password', 'transactional', 'marketing', 'other')),
    constraint sms_messages_status_check check (
        status in (
            'queued', 'accepted', 'sent', 'delivered', 'undelivered', 'rejected', 'expired', 'cancelled'
        )
    ),
    constraint sms_messages_segments_check check (segments >= 0),
    constraint sms_messages_cost_check check (cost >= 0)
);
-- What another module asked for is asked for once.
create unique index sms_messages_source_key on integrations.sms_messages (organization_id, source) where deleted_at is null;
create index sms_messages_provider_ref_idx on integrations.sms_messages (organization_id, provider_ref);
create index sms_messages_installation_id_idx on integrations.sms_messages (organization_id, installation_id);
create index sms_messages_status_idx on integrations.sms_messages (organization_id, status, id);
select platform.tenant_table('integrations.sms_messages');

create table integrations.payout_batches (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    batch_number text not null,
    status text not null,
    purpose text not null,
    value_day date not null,
    installation_id uuid,
    payer_holder text not null,
    payer_iban text not null,
    payer_bank_code text,
    establishment_number text,
    total_amount bigint,
    payouts bigint,
    provider_ref text,
    problem_code text,
    problem_detail text,
    prepared_at timestamptz,
    submitted_at timestamptz,
    notes text,
    constraint payout_batches_pkey primary key (organization_id, id),
    constraint payout_batches_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id),
    constraint payout_batches_status_check check (
        status in (
            'draft', 'requested', 'prepared', 'submitted', 'settled', 'failed', 'cancelled'
        )
    ),
    constraint payout_batches_purpose_check check (
        purpose in (
            'salary', 'bonus', 'loan', 'settlement', 'refund', 'other'
        )
    ),
    constraint payout_batches_total_amount_check check (total_amount >= 0),
    constraint payout_batches_payouts_check check (payouts >= 0)
);
create unique index payout_batches_batch_number_key on integrations.payout_batches (organization_id, batch_number) where deleted_at is null;
create index payout_batches_installation_id_idx on integrations.payout_batches (organization_id, installation_id);
create index payout_batches_status_idx on integrations.payout_batches (organization_id, status);
select platform.tenant_table('integrations.payout_batches');

create table integrations.payouts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    batch_id uuid not null,
    holder text not null,
    iban text not null,
    bank_code text,
    identity_number text,
    amount bigint not null,
    basic_amount bigint,
    housing_amount bigint,
    other_amount bigint,
    deductions_amount bigint,
    memo text,
    status text not null,
    provider_ref text,
    state_name text,
    settled_on date,
    fee bigint,
    status_reason text,
    constraint payouts_pkey primary key (organization_id, id),
    constraint payouts_batch_id_fkey foreign key (organization_id, batch_id)
        references integrations.payout_batches (organization_id, id),
    constraint payouts_status_check check (
        status in (
            'pending', 'accepted', 'in_transit', 'paid', 'returned', 'rejected', 'cancelled', 'other'
        )
    ),
    constraint payouts_amount_check check (amount > 0),
    constraint payouts_basic_amount_check check (basic_amount >= 0),
    constraint payouts_housing_amount_check check (housing_amount >= 0),
    constraint payouts_other_amount_check check (other_amount >= 0),
    constraint payouts_deductions_amount_check check (deductions_amount >= 0),
    constraint payouts_fee_check check (fee >= 0)
);
create index payouts_batch_id_idx on integrations.payouts (organization_id, batch_id, id);
create index payouts_provider_ref_idx on integrations.payouts (organization_id, provider_ref);
select platform.tenant_table('integrations.payouts');

create table integrations.payout_files (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    batch_id uuid not null,
    name text not null,
    file_id uuid,
    constraint payout_files_pkey primary key (organization_id, id),
    constraint payout_files_batch_id_fkey foreign key (organization_id, batch_id)
        references integrations.payout_batches (organization_id, id),
    constraint payout_files_file_id_fkey foreign key (organization_id, file_id)
        references platform.files (organization_id, id)
);
create index payout_files_batch_id_idx on integrations.payout_files (organization_id, batch_id);
create index payout_files_file_id_idx on integrations.payout_files (organization_id, file_id);
select platform.tenant_table('integrations.payout_files');
