import {
  Banknote,
  Blocks,
  CalendarDays,
  CalendarRange,
  ChartColumn,
  ChartLine,
  ClipboardCheck,
  Hourglass,
  type LucideIcon,
  ReceiptText,
  Scale,
  ShieldCheck,
} from "lucide-react";
import type { Description } from "@/api/model";
import { resourceKey } from "@/lib/account";
import type { GroupName } from "./places";

/** A page made by hand that stands in a module beside the drawn ones. */
export interface OwnPage {
  module: string;
  group: GroupName;
  to: string;
  label:
    | "nav.fuel_waiting"
    | "nav.fuel_costs"
    | "nav.plugins"
    | "nav.reports"
    | "nav.approvals"
    | "nav.payroll"
    | "nav.pay_rules"
    | "nav.my_pay"
    | "nav.leave_calendar"
    | "nav.attendance_board"
    | "nav.roster";
  icon: LucideIcon;
  /** Stands before the drawn ones of its group: most people need no other. */
  first?: boolean;
  shows: (sees: (key: string) => boolean, can: (permission: string) => boolean) => boolean;
}

/** Pages made by hand, and where they stand. */
const OWN_PAGES: readonly OwnPage[] = [
  {
    module: "fleet",
    group: "fuel",
    to: "/fleet/fuel-waiting",
    label: "nav.fuel_waiting",
    icon: Hourglass,
    shows: (sees) => sees("fleet.fuel_transactions"),
  },
  {
    module: "fleet",
    group: "fuel",
    to: "/fleet/fuel-costs",
    label: "nav.fuel_costs",
    icon: ChartColumn,
    shows: (_, can) => can("fuel_costs.read"),
  },
  {
    module: "hr",
    group: "time",
    to: "/hr/attendance-board",
    label: "nav.attendance_board",
    icon: ClipboardCheck,
    first: true,
    shows: (sees) => sees("hr.attendance"),
  },
  {
    module: "hr",
    group: "time",
    to: "/hr/roster",
    label: "nav.roster",
    icon: CalendarRange,
    first: true,
    shows: (sees) => sees("hr.roster_entries"),
  },
  {
    module: "hr",
    group: "time",
    to: "/hr/leave-calendar",
    label: "nav.leave_calendar",
    icon: CalendarDays,
    first: true,
    shows: (sees) => sees("hr.leaves"),
  },
  {
    module: "hr",
    group: "pay",
    to: "/hr/payroll",
    label: "nav.payroll",
    icon: Banknote,
    first: true,
    shows: (sees) => sees("hr.payroll_runs"),
  },
  {
    module: "hr",
    group: "pay",
    to: "/hr/pay-rules",
    label: "nav.pay_rules",
    icon: Scale,
    shows: (sees, can) => sees("hr.payroll_runs") && can("pay_figures.read"),
  },
  {
    // Who sees runs finds payslips in them.
    module: "hr",
    group: "pay",
    to: "/hr/my-pay",
    label: "nav.my_pay",
    icon: ReceiptText,
    first: true,
    shows: (sees) => sees("hr.salaries") && !sees("hr.payroll_runs"),
  },
  {
    module: "workflow",
    group: "work",
    to: "/workflow/approvals",
    label: "nav.approvals",
    icon: ShieldCheck,
    shows: (sees) => sees("workflow.approval_requests") || sees("workflow.workflow_instances"),
  },
  {
    module: "analytics",
    group: "reports",
    to: "/analytics/live",
    label: "nav.reports",
    icon: ChartLine,
    shows: (_, can) =>
      ["overview", "operations", "fleet", "hr", "financial"].some((area) => can(`${area}_reports.read`)),
  },
  {
    module: "integrations",
    group: "connections",
    to: "/integrations/plugins",
    label: "nav.plugins",
    icon: Blocks,
    shows: (_, can) => can("plugins.read"),
  },
];

/** Drawn resources that such a page replaces. */
export const REPLACED = new Set([
  "hr.payroll_refusals",
  "hr.payroll_sheets",
  ...[
    "installations",
    "runs",
    "plugin_keys",
    "plugin_versions",
    "plugin_handlers",
    "plugin_endpoints",
    "plugin_tasks",
    "plugin_calls",
    "plugin_usage_days",
  ].map((name) => `integrations.${name}`),
]);

/** The pages made by hand that this caller may open. */
export function ownPages(description: Description, can: (permission: string) => boolean): OwnPage[] {
  const listed = new Set(
    description.modules.flatMap((module) =>
      module.resources.filter((resource) => resource.verbs.includes("list")).map(resourceKey),
    ),
  );
  return OWN_PAGES.filter((page) => page.shows((key) => listed.has(key), can));
}
