/**
 * Figures that a module's own operations answer, shown at the top of its page where the caller may read them. An
 * operation that this server does not have, or that the caller may not ask, is left out without a word.
 */
export interface FigureSource {
  /** The operation, below the API's base. */
  path: string;
  permission: string;
  /** The answer's plain values, by a path of keys, and what each is called in the catalogue (`figure.<label>`). */
  figures: readonly Figure[];
}

export interface Figure {
  at: string;
  label: FigureLabel;
  /** How the value is written. A share is 0 to 1, a percentage 0 to 100. */
  as?: "number" | "money" | "percent" | "share";
  /** What a number counts, as the catalogue's `unit` names it. */
  unit?: "days" | "hours" | "minutes" | "km" | "l";
  /** The list that the figure counts. */
  to?: string;
  search?: Record<string, string>;
  /** More than none is something to look into. */
  urgent?: boolean;
}

export type FigureLabel =
  | "fleet_health"
  | "good_papers"
  | "couriers_without_vehicle"
  | "vehicles_without_courier"
  | "in_workshop"
  | "fuel_doubtful"
  | "fuel_unmatched"
  | "active_loans"
  | "outstanding_loans"
  | "monthly_deduction"
  | "repaid_share"
  | "deliveries_waiting"
  | "deliveries_under_way"
  | "delivered_today"
  | "failed_today"
  | "sla_at_risk"
  | "sla_breached"
  | "cash_with_couriers"
  | "cash_with_supervisors"
  | "occupancy"
  | "residents"
  | "contracts_ending"
  | "unpaid_amount"
  | "workflows_open"
  | "workflows_waiting"
  | "workflows_overdue"
  | "deadlines_kept"
  | "tickets_unassigned"
  | "tickets_overdue"
  | "tickets_opened"
  | "tickets_resolved"
  | "contact_requests";

export const FIGURES: Record<string, readonly FigureSource[]> = {
  fleet: [
    {
      path: "/fleet/health",
      permission: "fleet_overview.read",
      figures: [
        { at: "score", label: "fleet_health" },
        { at: "shares.good_papers_percent", label: "good_papers", as: "percent" },
        {
          at: "vehicles.workshop",
          label: "in_workshop",
          to: "/fleet/vehicles",
          search: { "status.in": "maintenance,repair" },
        },
      ],
    },
    {
      path: "/fleet/overview",
      permission: "fleet_overview.read",
      figures: [
        {
          at: "couriers_without_vehicle",
          label: "couriers_without_vehicle",
          to: "/fleet/couriers",
          search: { "status.in": "active" },
          urgent: true,
        },
        {
          at: "vehicles_without_courier",
          label: "vehicles_without_courier",
          to: "/fleet/vehicle_assignments",
          search: { "status.in": "active" },
          urgent: true,
        },
        { at: "fuel_transactions.doubtful", label: "fuel_doubtful", to: "/fleet/fuel-waiting", urgent: true },
        { at: "fuel_transactions.unmatched", label: "fuel_unmatched", to: "/fleet/fuel-waiting", urgent: true },
      ],
    },
  ],
  hr: [
    {
      path: "/hr/loan_statistics",
      permission: "pay_figures.read",
      figures: [
        { at: "active_loans", label: "active_loans", to: "/hr/loans", search: { "status.in": "active" } },
        { at: "outstanding", label: "outstanding_loans", as: "money" },
        { at: "monthly_deduction", label: "monthly_deduction", as: "money" },
        { at: "repaid_percent", label: "repaid_share", as: "percent" },
      ],
    },
  ],
  operations: [
    {
      path: "/operations/overview",
      permission: "operations_figures.read",
      figures: [
        {
          at: "deliveries.pending",
          label: "deliveries_waiting",
          to: "/operations/deliveries",
          search: { "status.in": "pending" },
        },
        {
          at: "deliveries.in_transit",
          label: "deliveries_under_way",
          to: "/operations/deliveries",
          search: { "status.in": "in_transit" },
        },
        { at: "deliveries.delivered", label: "delivered_today" },
        { at: "deliveries.failed", label: "failed_today", urgent: true },
        {
          at: "sla.at_risk",
          label: "sla_at_risk",
          to: "/operations/sla_tracking",
          search: { "status.in": "at_risk" },
          urgent: true,
        },
        {
          at: "sla.breached",
          label: "sla_breached",
          to: "/operations/sla_tracking",
          search: { "status.in": "breached" },
          urgent: true,
        },
        {
          at: "cash.pending",
          label: "cash_with_couriers",
          as: "money",
          to: "/operations/cod_transactions",
          search: { "status.in": "pending" },
        },
        {
          at: "cash.collected",
          label: "cash_with_supervisors",
          as: "money",
          to: "/operations/cod_transactions",
          search: { "status.in": "collected" },
        },
      ],
    },
  ],
  accommodation: [
    {
      path: "/accommodation/overview",
      permission: "occupancy.read",
      figures: [
        { at: "occupancy_percent", label: "occupancy", as: "percent", to: "/accommodation/beds" },
        { at: "residents", label: "residents", to: "/accommodation/allocations" },
        {
          at: "contracts_ending.within_30_days",
          label: "contracts_ending",
          to: "/accommodation/housing_contracts",
          urgent: true,
        },
        { at: "unpaid_amount", label: "unpaid_amount", as: "money", to: "/accommodation/utility_bills" },
      ],
    },
  ],
  workflow: [
    {
      path: "/workflow/analytics",
      permission: "workflow_analytics.read",
      figures: [
        { at: "open", label: "workflows_open", to: "/workflow/workflow_instances" },
        {
          at: "pending_approval",
          label: "workflows_waiting",
          to: "/workflow/approval_requests",
          search: { "status.in": "pending" },
        },
        { at: "overdue", label: "workflows_overdue", urgent: true },
        { at: "deadline_compliance_percent", label: "deadlines_kept", as: "percent" },
      ],
    },
  ],
  support: [
    {
      path: "/support/overview",
      permission: "support_overview.read",
      figures: [
        {
          at: "unassigned",
          label: "tickets_unassigned",
          to: "/support/tickets",
          search: { "assigned_to.null": "true", "status.in": "open,in_progress,pending" },
          urgent: true,
        },
        { at: "overdue", label: "tickets_overdue", to: "/support/tickets", urgent: true },
        { at: "opened_today", label: "tickets_opened", to: "/support/tickets", search: { sort: "-created_at" } },
        { at: "resolved_today", label: "tickets_resolved", to: "/support/tickets" },
        { at: "contact_requests", label: "contact_requests", urgent: true },
      ],
    },
  ],
};

/** The value at "fuel_transactions.doubtful"; nothing where a part of the way is missing. */
export function valueAt(answer: unknown, path: string): string | number | undefined {
  let value = answer;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}
