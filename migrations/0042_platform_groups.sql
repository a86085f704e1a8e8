-- Groups of companies: which organization belongs to which, and who of the parent may look into a child.

create table identity.organization_links (
    child_id uuid not null,
    parent_id uuid not null,
    linked_at timestamptz not null,
    -- A copy for the parent's list; the truth is platform.parent_views of the child.
    view_ends_at timestamptz,
    constraint organization_links_pkey primary key (child_id),
    constraint organization_links_child_id_fkey foreign key (child_id) references identity.organizations (id),
    constraint organization_links_parent_id_fkey foreign key (parent_id) references identity.organizations (id),
    constraint organization_links_parent_id_check check (parent_id <> child_id)
);
create index organization_links_parent_id_idx on identity.organization_links (parent_id, child_id);
comment on table identity.organization_links is
    'scope: global: a group spans organizations, of which none can read the others';

-- A parent gives a code to the child, whose owner enters it: both have said yes.
create table identity.organization_codes (
    -- SHA-256 of 32 random bytes, which are shown once.
    code_hash bytea not null,
    organization_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint organization_codes_pkey primary key (code_hash),
    constraint organization_codes_organization_id_fkey foreign key (organization_id) references identity.organizations (id),
    constraint organization_codes_code_hash_check check (octet_length(code_hash) = 32)
);
create index organization_codes_organization_id_idx on identity.organization_codes (organization_id);
comment on table identity.organization_codes is 'scope: global: found by a hash before the child knows the parent';

grant select, insert, update, delete on identity.organization_links, identity.organization_codes to barq_auth;

-- What a child lets its parent see, and for how long.
create table platform.parent_views (
    organization_id uuid not null,
    id uuid not null,
    parent_id uuid not null,
    parent_name text not null,
    granted_by uuid not null,
    granted_by_name text not null,
    created_at timestamptz not null,
    ends_at timestamptz not null,
    revoked_at timestamptz,
    constraint parent_views_pkey primary key (organization_id, id),
    constraint parent_views_granted_by_fkey foreign key (organization_id, granted_by)
        references platform.members (organization_id, user_id),
    constraint parent_views_ends_at_check check (ends_at > created_at and ends_at <= created_at + interval '366 days')
);
create unique index parent_views_open_key on platform.parent_views (organization_id) where revoked_at is null;
create index parent_views_granted_by_idx on platform.parent_views (organization_id, granted_by);
select platform.tenant_table('platform.parent_views');
revoke delete on platform.parent_views from barq_app;

-- Somebody of the parent who looks in: reads what a viewer reads, and writes nothing.
alter table platform.members add column visits_from uuid;
alter table platform.members drop constraint members_membership_check;
alter table platform.members add constraint members_membership_check
    check (membership in ('owner', 'admin', 'manager', 'viewer', 'visitor'));
alter table platform.members add constraint members_visits_from_check check (membership <> 'visitor' or visits_from is not null);
select platform.tenant_table('platform.members');
