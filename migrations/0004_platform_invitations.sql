-- Invitations to an organization, and what its settings lack.

create table platform.invitations (
    organization_id uuid not null,
    id uuid not null,
    email text not null,
    membership text not null,
    roles text[] not null default '{}',
    -- SHA-256 of 32 random bytes, which are in the last letter alone.
    token_hash bytea not null,
    state text not null default 'open',
    -- The language of its letters.
    locale text not null,
    letters bigint not null default 1,
    last_sent_at timestamptz not null,
    expires_at timestamptz not null,
    invited_by uuid not null,
    invited_by_name text not null,
    accepted_by uuid,
    -- When it was accepted or withdrawn.
    settled_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint invitations_pkey primary key (organization_id, id),
    constraint invitations_organization_id_fkey foreign key (organization_id)
        references platform.organizations (organization_id),
    constraint invitations_invited_by_fkey foreign key (organization_id, invited_by)
        references platform.members (organization_id, user_id),
    constraint invitations_accepted_by_fkey foreign key (organization_id, accepted_by)
        references platform.members (organization_id, user_id),
    constraint invitations_email_check check (email = lower(email) and char_length(email) between 3 and 254),
    constraint invitations_membership_check check (membership in ('owner', 'admin', 'manager', 'viewer')),
    constraint invitations_state_check check (state in ('open', 'accepted', 'withdrawn')),
    constraint invitations_settled_check check ((state = 'open') = (settled_at is null)),
    constraint invitations_accepted_check check ((state = 'accepted') = (accepted_by is not null)),
    constraint invitations_locale_check check (locale in ('en', 'ar')),
    constraint invitations_token_hash_check check (octet_length(token_hash) = 32),
    constraint invitations_letters_check check (letters >= 1)
);
create unique index invitations_email_key on platform.invitations (organization_id, email) where state = 'open';
create index invitations_invited_by_idx on platform.invitations (organization_id, invited_by);
create index invitations_accepted_by_idx on platform.invitations (organization_id, accepted_by);
select platform.tenant_table('platform.invitations');

alter table platform.organizations
    add column logo_file_id uuid,
    add constraint organizations_logo_file_id_fkey foreign key (organization_id, logo_file_id)
        references platform.files (organization_id, id);
create index organizations_logo_file_id_idx on platform.organizations (organization_id, logo_file_id);
select platform.tenant_table('platform.organizations');
revoke delete on platform.organizations from barq_app;
