-- Mileage only rises, so a slip of the pen would stay for ever: a correction says when it was made and why.

alter table fleet.vehicles
    add column mileage_corrected_at timestamptz,
    add column mileage_correction_reason text;
select platform.tenant_table('fleet.vehicles');
