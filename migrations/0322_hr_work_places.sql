-- Places of work: who checks in stands in one of them. What a telephone says of itself is kept with the check-in.

create table hr.work_places (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    city text,
    latitude numeric(18, 7) not null,
    longitude numeric(18, 7) not null,
    radius_m bigint not null,
    accuracy_limit_m bigint not null,
    is_active boolean not null,
    notes text,
    constraint work_places_pkey primary key (organization_id, id),
    constraint work_places_latitude_check check (latitude between -90 and 90),
    constraint work_places_longitude_check check (longitude between -180 and 180),
    constraint work_places_radius_m_check check (radius_m between 10 and 20000),
    constraint work_places_accuracy_limit_m_check check (accuracy_limit_m between 5 and 1000)
);
create unique index work_places_name_key on hr.work_places (organization_id, name) where deleted_at is null;
create index work_places_name_idx on hr.work_places (organization_id, name, id);
select platform.tenant_table('hr.work_places');

alter table hr.attendance
    add column check_in_place_id uuid,
    add column check_in_distance_m bigint,
    add column check_in_accuracy_m bigint,
    add column check_out_place_id uuid,
    add column check_out_distance_m bigint,
    add column check_out_accuracy_m bigint,
    add column doubt text not null default 'none',
    add column location_review text not null default 'not_needed',
    add column reviewed_by uuid,
    add column reviewed_at timestamptz,
    add constraint attendance_check_in_place_id_fkey foreign key (organization_id, check_in_place_id)
        references hr.work_places (organization_id, id),
    add constraint attendance_check_out_place_id_fkey foreign key (organization_id, check_out_place_id)
        references hr.work_places (organization_id, id),
    add constraint attendance_reviewed_by_fkey foreign key (organization_id, reviewed_by)
        references platform.members (organization_id, user_id),
    add constraint attendance_doubt_check check (doubt in ('none', 'inaccurate', 'mock_location', 'late_report')),
    add constraint attendance_location_review_check check (
        location_review in ('not_needed', 'waiting', 'confirmed', 'dismissed')
    );
alter table hr.attendance alter column doubt drop default, alter column location_review drop default;
create index attendance_check_in_place_id_idx on hr.attendance (organization_id, check_in_place_id);
create index attendance_check_out_place_id_idx on hr.attendance (organization_id, check_out_place_id);
create index attendance_location_review_idx on hr.attendance (organization_id, location_review, day);
create index attendance_reviewed_by_idx on hr.attendance (organization_id, reviewed_by);
select platform.tenant_table('hr.attendance');

create view fleet.courier_people with (security_invoker = true) as
select organization_id, id as courier_id, member_id, deleted_at
from fleet.couriers
where member_id is not null;
comment on view fleet.courier_people is 'Which member a courier is, for other modules.';
grant select on fleet.courier_people to barq_app;
