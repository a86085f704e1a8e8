-- Modules that an organization has switched off, or on again. A module without a row is on. Data of a module that is off stays.

create table platform.module_switches (
    organization_id uuid not null,
    module text not null,
    is_enabled boolean not null,
    changed_by uuid,
    changed_by_name text not null,
    changed_at timestamptz not null,
    constraint module_switches_pkey primary key (organization_id, module),
    constraint module_switches_organization_id_fkey foreign key (organization_id)
        references platform.organizations (organization_id),
    constraint module_switches_changed_by_fkey foreign key (organization_id, changed_by)
        references platform.members (organization_id, user_id),
    constraint module_switches_module_check check (module ~ '^[a-z][a-z0-9_]*$')
);
select platform.tenant_table('platform.module_switches');
