-- What a penalty is about, where operations has a record of it.

alter table hr.penalties
    add column incident_id uuid,
    add column sla_tracking_id uuid,
    add column delivery_id uuid,
    add constraint penalties_incident_id_fkey foreign key (organization_id, incident_id)
        references operations.incidents (organization_id, id),
    add constraint penalties_sla_tracking_id_fkey foreign key (organization_id, sla_tracking_id)
        references operations.sla_tracking (organization_id, id),
    add constraint penalties_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id);
create index penalties_incident_id_idx on hr.penalties (organization_id, incident_id);
create index penalties_sla_tracking_id_idx on hr.penalties (organization_id, sla_tracking_id);
create index penalties_delivery_id_idx on hr.penalties (organization_id, delivery_id);
select platform.tenant_table('hr.penalties');
