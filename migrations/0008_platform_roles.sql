-- Roles of an organization's own, who has them, and the access that it gives the operator's support for a while.

create table platform.roles (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    name text not null,
    description text,
    constraint roles_pkey primary key (organization_id, id),
    constraint roles_organization_id_fkey foreign key (organization_id)
        references platform.organizations (organization_id),
    constraint roles_name_check check (char_length(name) between 1 and 100),
    constraint roles_description_check check (char_length(description) between 1 and 500)
);
create unique index roles_name_key on platform.roles (organization_id, name);
select platform.tenant_table('platform.roles');

create table platform.role_permissions (
    organization_id uuid not null,
    role_id uuid not null,
    -- By name: a permission that a build no longer has means nothing.
    permission text not null,
    scope text not null,
    constraint role_permissions_pkey primary key (organization_id, role_id, permission),
    constraint role_permissions_role_id_fkey foreign key (organization_id, role_id)
        references platform.roles (organization_id, id),
    constraint role_permissions_permission_check check (char_length(permission) between 1 and 200),
    constraint role_permissions_scope_check check (scope in ('own', 'team', 'all'))
);
select platform.tenant_table('platform.role_permissions');

-- A role of the organization's own is linked by its id, which is also its name in rules.
alter table platform.member_roles add column role_id uuid;
alter table platform.member_roles drop constraint member_roles_role_check;
alter table platform.member_roles add constraint member_roles_role_check check (
    case when role_id is null then role ~ '^[a-z][a-z0-9_]{0,62}$' else role = role_id::text end
);
alter table platform.member_roles add constraint member_roles_role_id_fkey foreign key (organization_id, role_id)
    references platform.roles (organization_id, id);
create index member_roles_role_id_idx on platform.member_roles (organization_id, role_id);
select platform.tenant_table('platform.member_roles');

-- Support may come in as the member who let it in, until then and no longer.
create table platform.support_grants (
    organization_id uuid not null,
    id uuid not null,
    granted_by uuid not null,
    reason text not null,
    created_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz,
    ended_by uuid,
    constraint support_grants_pkey primary key (organization_id, id),
    constraint support_grants_granted_by_fkey foreign key (organization_id, granted_by)
        references platform.members (organization_id, user_id),
    constraint support_grants_reason_check check (char_length(reason) between 5 and 500),
    constraint support_grants_ends_at_check check (
        ends_at > created_at and ends_at <= created_at + interval '60 minutes'
    )
);
create index support_grants_granted_by_idx on platform.support_grants (organization_id, granted_by, id);
select platform.tenant_table('platform.support_grants');

-- Who of the operator may use what organizations grant. Written by whoever runs the installation, never through the API.
create table identity.staff (
    user_id uuid not null,
    added_at timestamptz not null,
    constraint staff_pkey primary key (user_id),
    constraint staff_user_id_fkey foreign key (user_id) references identity.users (id)
);
comment on table identity.staff is 'scope: global: people of the operator, who belong to no customer';
grant select, insert, delete on identity.staff to barq_auth;
