-- People: who they are, how they prove it, which companies to offer them. A person belongs to no tenant, so these tables
-- have no row security; instead only barq_auth may touch them, and barq_auth may touch nothing else.

create schema identity;
comment on schema identity is 'People and their sessions; for barq_auth alone.';

create table identity.users (
    id uuid not null,
    email text not null,
    full_name text not null,
    status text not null default 'active',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_pkey primary key (id),
    constraint users_email_check check (email = lower(email) and char_length(email) between 3 and 254),
    constraint users_full_name_check check (char_length(full_name) between 1 and 200),
    constraint users_status_check check (status in ('active', 'locked', 'closed'))
);
create unique index users_email_key on identity.users (email);
comment on table identity.users is 'scope: global: one person may work for several organizations and signs in once';

create table identity.credentials (
    user_id uuid not null,
    -- argon2id, with its parameters and salt in the PHC form.
    password_hash text not null,
    changed_at timestamptz not null,
    constraint credentials_pkey primary key (user_id),
    constraint credentials_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint credentials_password_hash_check check (password_hash like '$argon2id$%')
);
comment on table identity.credentials is 'scope: global: a password belongs to the person, not to an organization';

create table identity.organizations (
    id uuid not null,
    -- A copy for choosing one at sign-in; the truth is platform.organizations.
    name text not null,
    created_at timestamptz not null,
    constraint organizations_pkey primary key (id),
    constraint organizations_name_check check (char_length(name) between 1 and 200)
);
comment on table identity.organizations is 'scope: global: names of organizations, shown to a person before one is chosen';

create table identity.directory (
    user_id uuid not null,
    organization_id uuid not null,
    offered_at timestamptz not null,
    last_used_at timestamptz,
    constraint directory_pkey primary key (user_id, organization_id),
    constraint directory_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint directory_organization_id_fkey foreign key (organization_id) references identity.organizations (id)
);
comment on table identity.directory is
    'scope: global: which organizations to offer at sign-in, before one is chosen; whether they are open is platform.members';

-- One row is one sign-in: a family of refresh tokens, of which one is good at a time.
create table identity.sessions (
    id uuid not null,
    user_id uuid not null,
    organization_id uuid not null,
    -- Hash of the part that all tokens of the family share: finds the session also for a token that is long spent.
    family_hash bytea not null,
    -- Hashes of the part that changes: the token in use, and the one before it, which is good for a few seconds more.
    refresh_hash bytea not null,
    previous_hash bytea,
    -- The token in use, readable only with the one before it: a repeated request gets the same answer.
    successor bytea,
    rotated_at timestamptz not null,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_because text,
    user_agent text,
    address text,
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint sessions_ended_because_check check (ended_because in ('signed_out', 'switched', 'reused', 'no_access')),
    constraint sessions_ended_at_check check (ended_because is null or ended_at is not null)
);
create unique index sessions_family_hash_key on identity.sessions (family_hash);
create index sessions_user_id_idx on identity.sessions (user_id, organization_id);
create index sessions_expires_at_idx on identity.sessions (expires_at);
comment on table identity.sessions is 'scope: global: found by the hash of a token before the organization is known';

create table identity.signing_keys (
    kid text not null,
    -- Sealed with the installation's key.
    private_key bytea not null,
    public_key bytea not null,
    created_at timestamptz not null,
    retires_at timestamptz not null,
    constraint signing_keys_pkey primary key (kid)
);
comment on table identity.signing_keys is 'scope: global: the keys that sign access tokens of the whole installation';

-- One row is one pair of account and address, or one address: how often it failed, and when it may try again.
create table identity.login_attempts (
    -- A hash, so that the table is no list of e-mail addresses.
    key text not null,
    failures bigint not null,
    last_at timestamptz not null,
    blocked_until timestamptz not null,
    constraint login_attempts_pkey primary key (key)
);
create index login_attempts_last_at_idx on identity.login_attempts (last_at);
comment on table identity.login_attempts is 'scope: global: slows down guessing before anybody is signed in';

grant usage on schema identity to barq_auth;
grant select, insert, update, delete on all tables in schema identity to barq_auth;
