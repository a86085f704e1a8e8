-- Who sleeps where, from when to when, and moves between beds.

-- At most one open stay for a bed and one for a courier, whatever two requests at once try.
create table accommodation.allocations (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    bed_id uuid not null,
    status text not null,
    started_on date not null,
    ended_on date,
    monthly_deduction bigint not null,
    allocation_reason text,
    termination_reason text,
    moved_to_bed_id uuid,
    notes text,
    constraint allocations_pkey primary key (organization_id, id),
    constraint allocations_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint allocations_bed_id_fkey foreign key (organization_id, bed_id)
        references accommodation.beds (organization_id, id),
    constraint allocations_status_check check (status in ('active', 'ended')),
    constraint allocations_ended_on_check check (ended_on >= started_on and (status = 'active') = (ended_on is null)),
    constraint allocations_monthly_deduction_check check (monthly_deduction >= 0),
    constraint allocations_moved_to_bed_id_fkey foreign key (organization_id, moved_to_bed_id)
        references accommodation.beds (organization_id, id)
);
create unique index allocations_bed_id_key on accommodation.allocations (organization_id, bed_id)
    where status = 'active' and deleted_at is null;
create unique index allocations_courier_id_key on accommodation.allocations (organization_id, courier_id)
    where status = 'active' and deleted_at is null;
create index allocations_bed_id_idx on accommodation.allocations (organization_id, bed_id, started_on);
create index allocations_courier_id_idx on accommodation.allocations (organization_id, courier_id, started_on);
create index allocations_started_on_idx on accommodation.allocations (organization_id, started_on, id);
create index allocations_moved_to_bed_id_idx on accommodation.allocations (organization_id, moved_to_bed_id);
select platform.tenant_table('accommodation.allocations');

create table accommodation.bed_transfers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    from_bed_id uuid not null,
    to_bed_id uuid not null,
    from_allocation_id uuid not null,
    to_allocation_id uuid not null,
    transferred_on date not null,
    reason text,
    constraint bed_transfers_pkey primary key (organization_id, id),
    constraint bed_transfers_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint bed_transfers_from_bed_id_fkey foreign key (organization_id, from_bed_id)
        references accommodation.beds (organization_id, id),
    constraint bed_transfers_to_bed_id_fkey foreign key (organization_id, to_bed_id)
        references accommodation.beds (organization_id, id),
    constraint bed_transfers_from_allocation_id_fkey foreign key (organization_id, from_allocation_id)
        references accommodation.allocations (organization_id, id),
    constraint bed_transfers_to_allocation_id_fkey foreign key (organization_id, to_allocation_id)
        references accommodation.allocations (organization_id, id)
);
create index bed_transfers_transferred_on_idx on accommodation.bed_transfers (organization_id, transferred_on, id);
create index bed_transfers_courier_id_idx on accommodation.bed_transfers (organization_id, courier_id);
create index bed_transfers_from_bed_id_idx on accommodation.bed_transfers (organization_id, from_bed_id);
create index bed_transfers_to_bed_id_idx on accommodation.bed_transfers (organization_id, to_bed_id);
create index bed_transfers_from_allocation_id_idx on accommodation.bed_transfers (organization_id, from_allocation_id);
create index bed_transfers_to_allocation_id_idx on accommodation.bed_transfers (organization_id, to_allocation_id);
select platform.tenant_table('accommodation.bed_transfers');

-- The reader's own rights and row-level security apply.
create view accommodation.allocation_facts with (security_invoker = true) as
select a.organization_id, a.id, a.courier_id, a.bed_id, b.room_id, r.building_id, a.status, a.started_on, a.ended_on,
    a.monthly_deduction, a.deleted_at
from accommodation.allocations a
join accommodation.beds b on b.organization_id = a.organization_id and b.id = a.bed_id
join accommodation.rooms r on r.organization_id = b.organization_id and r.id = b.room_id;
comment on view accommodation.allocation_facts is
    'Who sleeps where and when, for other modules; the deduction is of a whole month, in minor units.';
grant select on accommodation.allocation_facts to barq_app;
