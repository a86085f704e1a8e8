-- Who is paid by the month has a target row without a target.

alter table hr.courier_targets alter column period_target drop not null;
alter table hr.courier_targets drop constraint courier_targets_category_check;
alter table hr.courier_targets add constraint courier_targets_category_check check (
    category in (
        'motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce', 'salaried', 'ajeer'
    )
);
alter table hr.courier_targets drop constraint courier_targets_period_target_check;
alter table hr.courier_targets add constraint courier_targets_period_target_check check (
    case when category = 'salaried' then period_target is null else period_target is not null and period_target > 0 end
);
alter table hr.salaries drop constraint salaries_category_check;
alter table hr.salaries add constraint salaries_category_check check (
    category in (
        'motorcycle', 'food_trial', 'food_inhouse_new', 'food_inhouse_old', 'ecommerce_wh', 'ecommerce', 'salaried'
    )
);
