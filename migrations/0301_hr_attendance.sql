-- Attendance: one row for each courier and day. Hours are not stored: they are the difference of two times.

create table hr.attendance (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    courier_id uuid not null,
    day date not null,
    status text not null,
    shift_starts_at text,
    check_in text,
    check_out text,
    break_minutes bigint not null,
    overtime_minutes bigint not null,
    check_in_place text,
    check_in_lat numeric(18, 7),
    check_in_lon numeric(18, 7),
    check_out_place text,
    check_out_lat numeric(18, 7),
    check_out_lon numeric(18, 7),
    leave_id uuid,
    notes text,
    constraint attendance_pkey primary key (organization_id, id),
    constraint attendance_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint attendance_status_check check (
        status in ('present', 'late', 'half_day', 'absent', 'on_leave', 'holiday')
    ),
    constraint attendance_break_minutes_check check (break_minutes between 0 and 720),
    constraint attendance_overtime_minutes_check check (overtime_minutes between 0 and 960),
    constraint attendance_leave_id_fkey foreign key (organization_id, leave_id)
        references hr.leaves (organization_id, id),
    constraint attendance_check_out_check check (check_out is null or check_in is not null)
);
create unique index attendance_day_key on hr.attendance (organization_id, courier_id, day)
    where deleted_at is null;
create index attendance_day_idx on hr.attendance (organization_id, day, status);
create index attendance_courier_id_idx on hr.attendance (organization_id, courier_id);
create index attendance_leave_id_idx on hr.attendance (organization_id, leave_id);
select platform.tenant_table('hr.attendance');
