-- Versions of plugins that an organization knows, whom it believes, and which version an installation runs.

-- Publishers of private plugins that the organization itself believes.
create table integrations.plugin_keys (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    publisher text not null,
    public_key text not null,
    status text not null,
    revoked_at timestamptz,
    notes text,
    constraint plugin_keys_pkey primary key (organization_id, id),
    constraint plugin_keys_status_check check (status in ('trusted', 'revoked'))
);
select platform.tenant_table('integrations.plugin_keys');

create table integrations.plugin_versions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    plugin text not null,
    plugin_version text not null,
    status text not null,
    source text not null,
    publisher text,
    trust text not null,
    key_id text,
    component_digest text not null,
    size_bytes bigint not null,
    manifest jsonb not null,
    readme text,
    refused_code text,
    refused_detail text,
    added_by text,
    checked_at timestamptz,
    constraint plugin_versions_pkey primary key (organization_id, id),
    constraint plugin_versions_status_check check (status in ('checking', 'ready', 'refused', 'withdrawn')),
    constraint plugin_versions_source_check check (source in ('registry', 'upload')),
    constraint plugin_versions_trust_check check (trust in ('operator', 'organization', 'unsigned')),
    constraint plugin_versions_component_digest_check check (component_digest ~ '^[0-9a-f]{64}$'),
    constraint plugin_versions_size_bytes_check check (size_bytes >= 0),
    constraint plugin_versions_manifest_check check (jsonb_typeof(manifest) = 'object')
);
-- A version is one thing: whoever changes a plugin gives it another number.
create unique index plugin_versions_plugin_version_key on integrations.plugin_versions (organization_id, plugin, plugin_version)
    where deleted_at is null;
select platform.tenant_table('integrations.plugin_versions');

-- The components of these versions: an installation keeps what it runs, whatever becomes of the place it came from.
create table integrations.plugin_components (
    organization_id uuid not null,
    id uuid not null,
    created_at timestamptz not null,
    digest text not null,
    bytes bytea not null,
    constraint plugin_components_pkey primary key (organization_id, id),
    constraint plugin_components_digest_check check (digest ~ '^[0-9a-f]{64}$'),
    constraint plugin_components_bytes_check check (octet_length(bytes) between 1 and 4194304)
);
create unique index plugin_components_digest_key on integrations.plugin_components (organization_id, digest);
select platform.tenant_table('integrations.plugin_components');

alter table integrations.installations
    -- What it runs, what it ran before, and the update that waits for somebody's word.
    add column version_id uuid,
    add column previous_version_id uuid,
    add column waiting_version_id uuid,
    -- What the waiting update asks for beyond what is granted: {"hosts": […], "effects": […], …}.
    add column waiting_asks jsonb,
    add column updates_itself boolean not null default true,
    -- Whether orders that it brings become deliveries.
    add column makes_deliveries boolean not null default false,
    add column removed_at timestamptz,
    add constraint installations_version_id_fkey foreign key (organization_id, version_id)
        references integrations.plugin_versions (organization_id, id),
    add constraint installations_previous_version_id_fkey foreign key (organization_id, previous_version_id)
        references integrations.plugin_versions (organization_id, id),
    add constraint installations_waiting_version_id_fkey foreign key (organization_id, waiting_version_id)
        references integrations.plugin_versions (organization_id, id),
    add constraint installations_waiting_asks_check check (jsonb_typeof(waiting_asks) = 'object'),
    drop constraint installations_status_check,
    add constraint installations_status_check check (
        status in ('needs_settings', 'active', 'needs_attention', 'suspended', 'disabled', 'removed')
    );
create index installations_version_id_idx on integrations.installations (organization_id, version_id);
create index installations_previous_version_id_idx
    on integrations.installations (organization_id, previous_version_id);
create index installations_waiting_version_id_idx
    on integrations.installations (organization_id, waiting_version_id);
select platform.tenant_table('integrations.installations');
