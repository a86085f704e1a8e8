-- The ledger of annual leave: what was earned, taken, given back, carried over and corrected. Entries are only ever added.

create table hr.leave_entries (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    leave_type text not null,
    kind text not null,
    leave_year bigint not null,
    day date not null,
    days numeric(18, 3) not null,
    earned_from date,
    earned_until date,
    leave_id uuid,
    article text,
    reason text,
    constraint leave_entries_pkey primary key (organization_id, id),
    constraint leave_entries_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint leave_entries_leave_id_fkey foreign key (organization_id, leave_id)
        references hr.leaves (organization_id, id),
    constraint leave_entries_leave_type_check check (leave_type in ('annual')),
    constraint leave_entries_kind_check check (kind in ('earned', 'taken', 'returned', 'carried', 'corrected', 'paid_out')),
    constraint leave_entries_leave_year_check check (leave_year between 1950 and 2200),
    constraint leave_entries_earned_until_check check (earned_until >= earned_from)
);
-- A day is earned once, whoever counts it at the same time.
create unique index leave_entries_earned_from_key on hr.leave_entries (organization_id, courier_id, leave_type, earned_from)
    where kind = 'earned' and deleted_at is null;
create index leave_entries_courier_id_idx on hr.leave_entries (organization_id, courier_id, leave_year);
create index leave_entries_earned_until_idx on hr.leave_entries (organization_id, courier_id, earned_until);
create index leave_entries_day_idx on hr.leave_entries (organization_id, day, id);
create index leave_entries_leave_id_idx on hr.leave_entries (organization_id, leave_id);
select platform.tenant_table('hr.leave_entries');
