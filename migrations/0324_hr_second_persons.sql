-- Who granted a bonus, so that another approves it; when a fault was discovered, charged and investigated, so that no penalty is
-- later than the law allows.

alter table hr.bonuses
    add column granted_by uuid,
    add constraint bonuses_granted_by_fkey foreign key (organization_id, granted_by)
        references platform.members (organization_id, user_id);
create index bonuses_granted_by_idx on hr.bonuses (organization_id, granted_by);
select platform.tenant_table('hr.bonuses');

alter table hr.penalties
    add column discovered_on date,
    add column charged_on date,
    add column investigated_on date,
    add column proposed_by uuid,
    add constraint penalties_proposed_by_fkey foreign key (organization_id, proposed_by)
        references platform.members (organization_id, user_id),
    add constraint penalties_discovered_on_check check (discovered_on >= incident_on);
create index penalties_proposed_by_idx on hr.penalties (organization_id, proposed_by);
select platform.tenant_table('hr.penalties');
