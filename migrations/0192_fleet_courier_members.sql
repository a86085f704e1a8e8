-- Which member a courier is, and who leads him: what makes rows somebody's own, or those of his team.

alter table fleet.couriers add column member_id uuid;
alter table fleet.couriers add column supervised_by uuid;
alter table fleet.couriers add constraint couriers_member_id_fkey foreign key (organization_id, member_id)
    references platform.members (organization_id, user_id);
alter table fleet.couriers add constraint couriers_supervised_by_fkey foreign key (organization_id, supervised_by)
    references platform.members (organization_id, user_id);
create unique index couriers_member_id_key on fleet.couriers (organization_id, member_id) where deleted_at is null;
create index couriers_supervised_by_idx on fleet.couriers (organization_id, supervised_by);
select platform.tenant_table('fleet.couriers');
