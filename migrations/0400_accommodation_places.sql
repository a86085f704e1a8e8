-- Where couriers live: buildings, their rooms and beds. How full they are is counted from the beds and never repeated here.

create schema if not exists accommodation;
comment on schema accommodation is 'Buildings, rooms, beds and who lives there.';

create table accommodation.buildings (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    address text not null,
    city text,
    district text,
    status text not null,
    monthly_rent bigint,
    contract_starts_on date,
    contract_ends_on date,
    landlord_name text,
    landlord_phone text,
    supervisor_name text,
    supervisor_phone text,
    supervised_by uuid,
    facilities text,
    notes text,
    constraint buildings_pkey primary key (organization_id, id),
    constraint buildings_status_check check (status in ('active', 'renovation', 'closed')),
    constraint buildings_monthly_rent_check check (monthly_rent >= 0),
    constraint buildings_contract_ends_on_check check (contract_ends_on >= contract_starts_on),
    constraint buildings_supervised_by_fkey foreign key (organization_id, supervised_by)
        references platform.members (organization_id, user_id)
);
create unique index buildings_name_key on accommodation.buildings (organization_id, name) where deleted_at is null;
create index buildings_supervised_by_idx on accommodation.buildings (organization_id, supervised_by);
select platform.tenant_table('accommodation.buildings');

create table accommodation.rooms (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    building_id uuid not null,
    room_number text not null,
    floor bigint,
    room_type text,
    capacity bigint not null,
    status text not null,
    amenities text,
    notes text,
    constraint rooms_pkey primary key (organization_id, id),
    constraint rooms_building_id_fkey foreign key (organization_id, building_id)
        references accommodation.buildings (organization_id, id),
    constraint rooms_floor_check check (floor between -5 and 200),
    constraint rooms_room_type_check check (room_type in ('single', 'double', 'triple', 'quad', 'dorm')),
    constraint rooms_capacity_check check (capacity between 1 and 100),
    constraint rooms_status_check check (status in ('available', 'occupied', 'maintenance'))
);
create unique index rooms_room_number_key on accommodation.rooms (organization_id, building_id, room_number)
    where deleted_at is null;
create index rooms_building_id_idx on accommodation.rooms (organization_id, building_id);
select platform.tenant_table('accommodation.rooms');

create table accommodation.beds (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    room_id uuid not null,
    bed_number text not null,
    bed_type text,
    status text not null,
    reserved_courier_id uuid,
    reserved_until date,
    notes text,
    constraint beds_pkey primary key (organization_id, id),
    constraint beds_room_id_fkey foreign key (organization_id, room_id)
        references accommodation.rooms (organization_id, id),
    constraint beds_bed_type_check check (bed_type in ('single', 'bunk_lower', 'bunk_upper', 'double')),
    constraint beds_status_check check (status in ('available', 'reserved', 'occupied', 'maintenance')),
    constraint beds_reserved_courier_id_fkey foreign key (organization_id, reserved_courier_id)
        references fleet.couriers (organization_id, id)
);
create unique index beds_bed_number_key on accommodation.beds (organization_id, room_id, bed_number) where deleted_at is null;
create index beds_status_idx on accommodation.beds (organization_id, status);
create index beds_room_id_idx on accommodation.beds (organization_id, room_id);
create index beds_reserved_courier_id_idx on accommodation.beds (organization_id, reserved_courier_id);
select platform.tenant_table('accommodation.beds');
