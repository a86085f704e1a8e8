-- Members who are no people, and the keys that programs call with.

-- A service account is a member like any other, so that rows can name it as the one who did something; it has no password
-- and no sign-in, and comes in with a key alone.
alter table platform.members add column kind text not null default 'person';
alter table platform.members add constraint members_kind_check check (kind in ('person', 'service'));
alter table platform.members add constraint members_service_check check (kind = 'person' or membership <> 'owner');
select platform.tenant_table('platform.members');

create table platform.api_keys (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    -- Whose key it is: a service account, or the person himself.
    user_id uuid not null,
    -- The person who was shown the secret. A key is good for no more than he may do now, and not at all once he has left.
    issued_to uuid not null,
    -- HMAC-SHA256 of the secret with a key of the installation that is not in the database.
    secret_hash bytea not null,
    -- Names of permissions.
    scopes text[] not null,
    requests_per_minute bigint not null,
    expires_at timestamptz not null,
    -- Written at most once a minute.
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid,
    -- The key that took its place.
    replaced_by uuid,
    constraint api_keys_pkey primary key (organization_id, id),
    constraint api_keys_user_id_fkey foreign key (organization_id, user_id)
        references platform.members (organization_id, user_id),
    constraint api_keys_issued_to_fkey foreign key (organization_id, issued_to)
        references platform.members (organization_id, user_id),
    constraint api_keys_replaced_by_fkey foreign key (organization_id, replaced_by)
        references platform.api_keys (organization_id, id),
    constraint api_keys_name_check check (char_length(name) between 1 and 100),
    constraint api_keys_secret_hash_check check (length(secret_hash) = 32),
    constraint api_keys_scopes_check check (cardinality(scopes) between 1 and 500),
    constraint api_keys_requests_per_minute_check check (requests_per_minute between 1 and 60000)
);
create index api_keys_user_id_idx on platform.api_keys (organization_id, user_id);
create index api_keys_issued_to_idx on platform.api_keys (organization_id, issued_to);
create index api_keys_replaced_by_idx on platform.api_keys (organization_id, replaced_by);
select platform.tenant_table('platform.api_keys');
-- A key that was revoked is still named in histories.
revoke delete on platform.api_keys from barq_app;

-- Signing keys say themselves from when on they sign: an operator may replace them before their time.
alter table identity.signing_keys
    add column signs_from timestamptz not null default (now() + interval '24 hours');
update identity.signing_keys set signs_from = created_at + interval '24 hours';
