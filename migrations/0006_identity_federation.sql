-- Sign-in through OpenID providers, and the domains that organizations have proved to be theirs.

create table identity.providers (
    -- Short name, part of no address: google.
    id text not null,
    title text not null,
    issuer text not null,
    client_id text not null,
    -- Sealed with the installation's key; absent for a public client.
    client_secret bytea,
    -- What is asked for besides openid, email and profile; parted by blanks.
    scopes text not null default '',
    -- Serves many companies and tells in the claim hd which one vouches for the person, as Google does.
    is_shared boolean not null default false,
    is_enabled boolean not null default true,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint providers_pkey primary key (id),
    constraint providers_id_check check (id ~ '^[a-z][a-z0-9-]{0,39}$'),
    constraint providers_title_check check (char_length(title) between 1 and 100)
);
create unique index providers_issuer_key on identity.providers (issuer, client_id);
comment on table identity.providers is 'scope: global: where people of the installation may sign in, set by its operator';

-- Who somebody is at a provider. The address of mail is for people to read: nobody is ever found by it.
create table identity.federated_identities (
    id uuid not null,
    issuer text not null,
    subject text not null,
    user_id uuid not null,
    email text,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint federated_identities_pkey primary key (id),
    constraint federated_identities_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint federated_identities_subject_check check (char_length(subject) between 1 and 255)
);
create unique index federated_identities_subject_key on identity.federated_identities (issuer, subject);
create index federated_identities_user_id_idx on identity.federated_identities (user_id);
comment on table identity.federated_identities is 'scope: global: found by issuer and subject before anybody is signed in';

create table identity.domains (
    id uuid not null,
    organization_id uuid not null,
    domain text not null,
    -- What the TXT record has to say. Not secret: it stands in the DNS.
    token text not null,
    verified_at timestamptz,
    checked_at timestamptz,
    -- Where people of the domain come from; nobody joins by himself while there is none.
    provider_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint domains_pkey primary key (id),
    constraint domains_organization_id_fkey foreign key (organization_id) references identity.organizations (id),
    constraint domains_provider_id_fkey foreign key (provider_id) references identity.providers (id),
    constraint domains_domain_check check (domain = lower(domain) and char_length(domain) between 4 and 253)
);
create unique index domains_domain_key on identity.domains (organization_id, domain);
create unique index domains_verified_key on identity.domains (domain) where verified_at is not null;
create index domains_provider_id_idx on identity.domains (provider_id);
comment on table identity.domains is 'scope: global: which organization a newcomer belongs to, before one is chosen';

grant select, insert, update, delete
    on identity.providers, identity.federated_identities, identity.domains to barq_auth;
