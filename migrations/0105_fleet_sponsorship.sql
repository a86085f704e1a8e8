-- A courier whose sponsorship is being transferred belongs to no other word.

alter table fleet.couriers
    drop constraint couriers_sponsorship_status_check,
    add constraint couriers_sponsorship_status_check check (
        sponsorship_status in ('inhouse', 'ajeer', 'trial', 'freelancer', 'transfer_in_progress')
    );
