-- Shifts, and who is planned for which on which day. A planned day keeps the times that held when it was planned.

create table hr.work_shifts (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    starts_at text not null,
    ends_at text not null,
    break_minutes bigint not null,
    work_place_id uuid,
    colour text,
    is_active boolean not null,
    notes text,
    constraint work_shifts_pkey primary key (organization_id, id),
    constraint work_shifts_work_place_id_fkey foreign key (organization_id, work_place_id)
        references hr.work_places (organization_id, id),
    constraint work_shifts_colour_check check (colour in ('blue', 'green', 'amber', 'red', 'violet', 'grey')),
    constraint work_shifts_break_minutes_check check (break_minutes between 0 and 240)
);
create unique index work_shifts_name_key on hr.work_shifts (organization_id, name) where deleted_at is null;
create index work_shifts_name_idx on hr.work_shifts (organization_id, name, id);
create index work_shifts_work_place_id_idx on hr.work_shifts (organization_id, work_place_id);
select platform.tenant_table('hr.work_shifts');

create table hr.roster_entries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    day date not null,
    shift_id uuid not null,
    starts_at text,
    ends_at text,
    break_minutes bigint,
    work_place_id uuid,
    notes text,
    constraint roster_entries_pkey primary key (organization_id, id),
    constraint roster_entries_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint roster_entries_shift_id_fkey foreign key (organization_id, shift_id)
        references hr.work_shifts (organization_id, id),
    constraint roster_entries_work_place_id_fkey foreign key (organization_id, work_place_id)
        references hr.work_places (organization_id, id),
    constraint roster_entries_break_minutes_check check (break_minutes between 0 and 240)
);
create index roster_entries_day_idx on hr.roster_entries (organization_id, day, id);
create index roster_entries_courier_id_idx on hr.roster_entries (organization_id, courier_id, day);
create index roster_entries_shift_id_idx on hr.roster_entries (organization_id, shift_id);
create index roster_entries_work_place_id_idx on hr.roster_entries (organization_id, work_place_id);
select platform.tenant_table('hr.roster_entries');
