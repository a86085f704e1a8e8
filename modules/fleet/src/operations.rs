//! What can be asked of the fleet besides its resources: figures, each made of rows that can be looked at.

use platform_core::{Operation, Permit};

use crate::{
    accident_costs, book_values, courier_figures, fuel_costs, health, live_positions, log_economics, overview,
    papers_due, rematch, unassigned, vehicle_history, vehicle_use,
};

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/fleet/fuel_costs",
            "fleet.fuel_costs.list",
            Permit::needs("fuel_costs.read"),
            |cx, input| Box::pin(fuel_costs::fuel_costs(cx, input)),
        )
        .summary("Litres, cost, distance and km per litre by vehicle and month"),
        Operation::get(
            "/fleet/fuel_costs/fills",
            "fleet.fuel_costs.fills",
            Permit::needs("fuel_costs.read"),
            |cx, input| Box::pin(fuel_costs::fuel_cost_fills(cx, input)),
        )
        .summary("The fills that a vehicle's figures of a month are made of"),
        Operation::get(
            "/fleet/overview",
            "fleet.overview.read",
            Permit::needs("fleet_overview.read"),
            |cx, input| Box::pin(overview::overview(cx, input)),
        )
        .summary("Couriers, vehicles, papers, open purchases and fuel at a glance"),
        Operation::post(
            "/fleet/fuel_transactions/match",
            "fleet.fuel_transactions.rematch",
            Permit::needs("fuel_transactions.match"),
            |cx, input| Box::pin(rematch::rematch(cx, input)),
        )
        .summary("Match unmatched and doubtful fuel transactions again"),
        Operation::get(
            "/fleet/health",
            "fleet.health.read",
            Permit::needs("fleet_overview.read"),
            |cx, input| Box::pin(health::health(cx, input)),
        )
        .summary("The fleet's health from 0 to 100, its shares, what vehicles do now, alerts and insights"),
        Operation::get(
            "/fleet/expiring_papers",
            "fleet.expiring_papers.list",
            Permit::needs("fleet_overview.read"),
            |cx, input| Box::pin(papers_due::expiring_papers(cx, input)),
        )
        .summary("Papers of couriers and vehicles that have expired or expire within some days"),
        Operation::get(
            "/fleet/service_due",
            "fleet.service_due.list",
            Permit::needs("vehicles.read"),
            |cx, input| Box::pin(papers_due::services_due(cx, input)),
        )
        .summary("Vehicles whose service is due by the day or by the mileage"),
        Operation::get(
            "/fleet/available_vehicles",
            "fleet.available_vehicles.list",
            Permit::needs("vehicles.read"),
            |cx, input| Box::pin(unassigned::vehicles(cx, input)),
        )
        .summary("Active vehicles that nobody drives"),
        Operation::get(
            "/fleet/couriers_without_vehicle",
            "fleet.couriers_without_vehicle.list",
            Permit::needs("couriers.read"),
            |cx, input| Box::pin(unassigned::couriers(cx, input)),
        )
        .summary("Active and new couriers who have no vehicle"),
        Operation::get(
            "/fleet/vehicle_history",
            "fleet.vehicle_history.read",
            Permit::needs("vehicle_history.read"),
            |cx, input| Box::pin(vehicle_history::vehicle_history(cx, input)),
        )
        .summary("A vehicle's maintenance, fuel, drivers and accidents with their totals"),
        Operation::get(
            "/fleet/vehicle_book_values",
            "fleet.vehicle_book_values.list",
            Permit::needs("vehicles.read_cost"),
            |cx, input| Box::pin(book_values::book_values(cx, input)),
        )
        .summary("Book values of the company's own vehicles"),
        Operation::get(
            "/fleet/accident_costs",
            "fleet.accident_costs.list",
            Permit::needs("accident_logs.read"),
            |cx, input| Box::pin(accident_costs::accident_costs(cx, input)),
        )
        .summary("What accidents cost: in total, out of pocket, and with the lost revenue"),
        Operation::get(
            "/fleet/courier_statistics",
            "fleet.courier_statistics.read",
            Permit::needs("couriers.read"),
            |cx, input| Box::pin(courier_figures::statistics(cx, input)),
        )
        .summary("Couriers by status, sponsorship, project and city, and their means"),
        Operation::get(
            "/fleet/courier_performance",
            "fleet.courier_performance.list",
            Permit::needs("courier_performance.read"),
            |cx, input| Box::pin(courier_figures::performance(cx, input)),
        )
        .summary("Couriers compared over a period: deliveries, hours, shifts and accidents"),
        Operation::get(
            "/fleet/vehicle_log_economics",
            "fleet.vehicle_log_economics.list",
            Permit::needs("vehicle_logs.read"),
            |cx, input| Box::pin(log_economics::log_economics(cx, input)),
        )
        .summary("Distance, fuel, takings and what they come to per kilometre and delivery, by vehicle"),
        Operation::get(
            "/fleet/inspection_compliance",
            "fleet.inspection_compliance.list",
            Permit::needs("vehicle_inspections.read"),
            |cx, input| Box::pin(vehicle_use::inspection_compliance(cx, input)),
        )
        .summary("Which vehicles have a fresh inspection that they did not fail"),
        Operation::get(
            "/fleet/utilisation",
            "fleet.utilisation.list",
            Permit::needs("fleet_overview.read"),
            |cx, input| Box::pin(vehicle_use::utilisation(cx, input)),
        )
        .summary("The share of days on which vehicles had a courier"),
        Operation::get(
            "/fleet/maintenance_costs",
            "fleet.maintenance_costs.list",
            Permit::needs("vehicle_maintenance.read_cost"),
            |cx, input| Box::pin(vehicle_use::maintenance_costs(cx, input)),
        )
        .summary("What maintenance came to by vehicle and kind, and how much of it is overdue"),
        Operation::get(
            "/fleet/live_positions",
            "fleet.live_positions.list",
            Permit::needs("courier_positions.read"),
            |cx, input| Box::pin(live_positions::live_positions(cx, input)),
        )
        .summary("The last position of each courier, and how many move, stand or are silent"),
    ]
}
