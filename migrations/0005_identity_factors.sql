-- What a person shows besides a password: codes from an app, passkeys, recovery codes; and tickets, which carry what was begun in
-- one request to the next.

create table identity.totp (
    user_id uuid not null,
    -- Sealed with the installation's key.
    secret bytea not null,
    created_at timestamptz not null,
    -- Until a first code was shown it asks nobody for anything.
    confirmed_at timestamptz,
    -- The step of the last code that was taken: it and all before it are spent.
    last_step bigint not null default 0,
    constraint totp_pkey primary key (user_id),
    constraint totp_user_id_fkey foreign key (user_id) references identity.users (id)
);
comment on table identity.totp is 'scope: global: a second factor belongs to the person, not to an organization';

create table identity.passkeys (
    id uuid not null,
    user_id uuid not null,
    credential_id bytea not null,
    name text not null,
    -- The public key with its counter and flags. Nothing in it is secret.
    passkey jsonb not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint passkeys_pkey primary key (id),
    constraint passkeys_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint passkeys_name_check check (char_length(name) between 1 and 100),
    constraint passkeys_passkey_check check (jsonb_typeof(passkey) = 'object')
);
create unique index passkeys_credential_id_key on identity.passkeys (credential_id);
create index passkeys_user_id_idx on identity.passkeys (user_id, created_at);
comment on table identity.passkeys is 'scope: global: found by the credential before anybody is signed in';

create table identity.recovery_codes (
    user_id uuid not null,
    -- SHA-256 of 80 random bits.
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    constraint recovery_codes_pkey primary key (user_id, code_hash),
    constraint recovery_codes_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint recovery_codes_code_hash_check check (octet_length(code_hash) = 32)
);
comment on table identity.recovery_codes is 'scope: global: the way in of a person who has lost the second factor';

-- How often codes of a person were tried, over all tickets, sessions and addresses.
create table identity.factor_tries (
    user_id uuid not null,
    -- The last five.
    recent timestamptz[] not null,
    failures bigint not null,
    blocked_until timestamptz not null,
    constraint factor_tries_pkey primary key (user_id),
    constraint factor_tries_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint factor_tries_recent_check check (cardinality(recent) between 1 and 5)
);
comment on table identity.factor_tries is 'scope: global: slows down guessing of codes';

-- One row is one thing that was begun and can be ended once: a sign-in that waits for its second factor, a passkey ceremony, a
-- visit to an OpenID provider.
create table identity.tickets (
    -- SHA-256 of 32 random bytes, which the caller alone has.
    ticket_hash bytea not null,
    purpose text not null,
    -- Nobody yet, before a passkey or a provider has said who it is.
    user_id uuid,
    -- The session that began it, for what only a signed-in person begins.
    session_id uuid,
    -- What the end needs to know: sealed with the installation's key, bound to ticket and purpose.
    sealed bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint tickets_pkey primary key (ticket_hash),
    constraint tickets_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint tickets_purpose_check check (purpose ~ '^[a-z][a-z_]{0,39}$'),
    constraint tickets_ticket_hash_check check (octet_length(ticket_hash) = 32)
);
create index tickets_user_id_idx on identity.tickets (user_id);
create index tickets_expires_at_idx on identity.tickets (expires_at);
comment on table identity.tickets is 'scope: global: opened by a hash before anybody is signed in';

-- When and how the person behind a session last proved to be there: a refreshed or switched session has proved nothing.
alter table identity.sessions add column proved_at timestamptz;
alter table identity.sessions add column proved_by text;
alter table identity.sessions add constraint sessions_proved_by_check
    check (proved_by in ('password', 'provider', 'totp', 'passkey', 'recovery_code'));
alter table identity.sessions add constraint sessions_proved_at_check check ((proved_at is null) = (proved_by is null));

grant select, insert, update, delete
    on identity.totp, identity.passkeys, identity.recovery_codes, identity.factor_tries, identity.tickets to barq_auth;
