-- A fuel transaction names the installation that brought it; integrations has its tables by now.

alter table fleet.fuel_transactions
    add constraint fuel_transactions_installation_id_fkey foreign key (organization_id, installation_id)
        references integrations.installations (organization_id, id);
