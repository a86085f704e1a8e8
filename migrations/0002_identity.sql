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

create table identity.directory (
    user_id uuid not null,
    organization_id uuid not null,
    last_used_at timestamptz,
    constraint directory_pkey primary key (user_id, organization_id),
    constraint directory_user_id_fkey foreign key (user_id) references identity.users (id)
);
comment on table identity.directory is
    'scope: global: which organizations to offer at sign-in, before one is chosen; whether they are open is platform.members';

create table identity.sessions (
    id uuid not null,
    user_id uuid not null,
    organization_id uuid not null,
    -- Hashes of the refresh token in use and of the one before it: seeing the latter again means it was stolen.
    refresh_hash text not null,
    previous_hash text,
    rotated_at timestamptz,
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    user_agent text,
    ip text,
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id) references identity.users (id)
);
create unique index sessions_refresh_hash_key on identity.sessions (refresh_hash);
create index sessions_previous_hash_idx on identity.sessions (previous_hash) where previous_hash is not null;
create index sessions_user_id_idx on identity.sessions (user_id, organization_id);
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

create table identity.login_attempts (
    id uuid not null,
    -- A hash of the address typed, or of the network it came from.
    key text not null,
    at timestamptz not null,
    succeeded boolean not null default false,
    constraint login_attempts_pkey primary key (id)
);
create index login_attempts_key_idx on identity.login_attempts (key, at);
comment on table identity.login_attempts is 'scope: global: throttles guessing before anybody is signed in';

grant usage on schema identity to barq_auth;
grant select, insert, update, delete on all tables in schema identity to barq_auth;
