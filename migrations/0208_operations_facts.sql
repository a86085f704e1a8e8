-- What other modules may read of operations. The reader's own rights and row-level security apply.

create view operations.delivery_facts with (security_invoker = true) as
select d.organization_id, d.id, d.delivery_number, d.courier_id, d.zone_id, d.status, d.platform, d.service_level, d.priority,
    coalesce(d.ordered_at, d.created_at) as ordered_at, d.delivered_at, d.failed_at, d.failure_reason, d.created_at,
    d.cod_amount, d.delivery_fee, d.distance_km, d.attempt_count,
    case when d.delivered_at is not null
        then d.delivered_at <= coalesce(d.scheduled_delivery_at, (
            select min(t.target_at)
            from operations.sla_tracking t
            where t.organization_id = d.organization_id and t.delivery_id = d.id and t.deleted_at is null
        ))
    end as on_time,
    d.deleted_at
from operations.deliveries d;
comment on view operations.delivery_facts is
    'Deliveries, for other modules; amounts in minor units; on_time is unknown where nothing was promised.';
grant select on operations.delivery_facts to barq_app;

create view operations.dispatch_facts with (security_invoker = true) as
select organization_id, id, assignment_number, delivery_id, courier_id, zone_id, status, assigned_at, accepted_at, started_at,
    completed_at, actual_completion_time_minutes, on_time_score, rejection_count, is_reassignment, deleted_at
from operations.dispatch_assignments;
comment on view operations.dispatch_facts is 'Dispatch and how well it kept its estimates, for other modules.';
grant select on operations.dispatch_facts to barq_app;

create view operations.handover_facts with (security_invoker = true) as
select organization_id, id, handover_number, handover_type, status, from_courier_id, to_courier_id, vehicle_id,
    vehicle_mileage_km, completed_at, deleted_at
from operations.handovers;
comment on view operations.handover_facts is 'Handovers: fleet moves the vehicle when one is completed.';
grant select on operations.handover_facts to barq_app;

create view operations.cash_facts with (security_invoker = true) as
select organization_id, id, courier_id, delivery_id, status, amount, collected_on, deposited_on, deleted_at
from operations.cod_transactions;
comment on view operations.cash_facts is 'Cash on delivery, for pay and reports; amounts in minor units.';
grant select on operations.cash_facts to barq_app;

create view operations.incident_facts with (security_invoker = true) as
select organization_id, id, incident_number, incident_type, severity, status, courier_id, vehicle_id, incident_on, cost, deleted_at
from operations.incidents;
comment on view operations.incident_facts is 'Incidents, for other modules; cost in minor units.';
grant select on operations.incident_facts to barq_app;

create view operations.feedback_facts with (security_invoker = true) as
select organization_id, id, feedback_type, status, courier_id, delivery_id, overall_rating, sentiment, is_complaint,
    coalesce(submitted_at, created_at) as submitted_at, deleted_at
from operations.customer_feedbacks;
comment on view operations.feedback_facts is 'What customers say, for other modules.';
grant select on operations.feedback_facts to barq_app;
