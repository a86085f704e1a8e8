import type { Description, Resource } from "@/api/model";

/** A sub-heading of a module in the menu and on its page. Its words are in the catalogue under `place.<name>`. */
interface GroupPlace {
  name: GroupName;
  /** The resources it shows, in this order. */
  resources: readonly string[];
  /** Takes in what is not named anywhere, by its name. */
  also?: RegExp;
}

export type GroupName =
  | "register"
  | "upkeep"
  | "fuel"
  | "papers"
  | "tracking"
  | "time"
  | "pay"
  | "loans"
  | "finance"
  | "deliveries"
  | "dispatch"
  | "cash"
  | "quality"
  | "incidents"
  | "rules"
  | "housing"
  | "stays"
  | "repairs"
  | "costs"
  | "work"
  | "approvals"
  | "design"
  | "automation"
  | "records"
  | "tickets"
  | "chat"
  | "knowledge"
  | "reports"
  | "figures"
  | "people"
  | "security"
  | "system"
  | "messages"
  | "connections"
  | "more";

interface ModulePlace {
  name: string;
  groups: readonly GroupPlace[];
  /** What the module is mainly about: first on its page, first to be searched. */
  main: readonly string[];
}

/**
 * Where everything stands: the order of the modules, and in each which resources belong together. A module or resource
 * that is not named here is still shown: by its name in a group that takes it, else under "more".
 */
export const MODULES: readonly ModulePlace[] = [
  {
    name: "fleet",
    main: ["couriers", "vehicles", "vehicle_maintenance", "documents"],
    groups: [
      { name: "register", resources: ["couriers", "vehicles", "vehicle_assignments", "shifts"] },
      {
        name: "upkeep",
        resources: ["vehicle_maintenance", "vehicle_inspections", "accident_logs", "accidents"],
        also: /maintenance|inspection|accident|service|part|tyre/,
      },
      { name: "fuel", resources: ["fuel_logs", "fuel_transactions"], also: /fuel/ },
      { name: "papers", resources: ["documents", "expiry_warnings"], also: /document|paper|licen|insurance|expir/ },
      {
        name: "tracking",
        resources: ["vehicle_logs", "courier_positions"],
        also: /log|position|trip|geofence|gps|track/,
      },
    ],
  },
  {
    name: "hr",
    main: ["leaves", "leave_requests", "attendance", "payroll_runs", "salaries", "loans", "expenses"],
    groups: [
      {
        name: "time",
        resources: ["attendance", "leaves", "leave_requests", "leave_entitlements", "public_holidays", "work_shifts"],
        also: /attendance|leave|holiday|shift/,
      },
      {
        name: "pay",
        resources: [
          "payroll_runs",
          "salaries",
          "salary_lines",
          "bonuses",
          "penalties",
          "courier_targets",
          "payroll_parameters",
        ],
        also: /pay(?!ment)|salar|bonus|penalt|target|gosi|end_of_service|eos|settlement/,
      },
      { name: "loans", resources: ["loans", "loan_payments", "loan_installments", "assets"], also: /loan|asset/ },
      {
        name: "finance",
        resources: ["expenses", "budgets", "tax_returns"],
        also: /expense|budget|tax|vat|invoice|ledger|account|financ|cost|revenue/,
      },
    ],
  },
  {
    name: "operations",
    main: ["deliveries", "dispatch_assignments", "incidents", "cod_transactions", "routes"],
    groups: [
      {
        name: "deliveries",
        resources: [
          "deliveries",
          "delivery_events",
          "delivery_proofs",
          "routes",
          "route_stops",
          "zones",
          "zone_couriers",
        ],
        also: /^deliver|^route|^order|platform_order/,
      },
      {
        name: "dispatch",
        resources: ["dispatch_assignments", "priority_queue_entries", "shifts", "handovers", "dispatch_rules"],
        also: /dispatch|queue|shift|handover/,
      },
      {
        name: "cash",
        resources: ["cod_transactions", "cod_deposits", "cod_ledger"],
        also: /cod|cash|deposit|ledger/,
      },
      {
        name: "quality",
        resources: [
          "sla_tracking",
          "quality_inspections",
          "quality_metrics",
          "customer_feedbacks",
          "feedback_templates",
        ],
        also: /quality|feedback|sla_tracking|performance/,
      },
      { name: "incidents", resources: ["incidents"], also: /incident/ },
      {
        name: "rules",
        resources: [
          "sla_definitions",
          "sla_thresholds",
          "zone_defaults",
          "notification_settings",
          "operations_settings",
          "operations_documents",
        ],
        also: /sla|setting|default|rule|document|threshold/,
      },
    ],
  },
  {
    name: "accommodation",
    main: ["allocations", "beds", "buildings", "housing_maintenance"],
    groups: [
      { name: "housing", resources: ["buildings", "rooms", "beds"] },
      { name: "stays", resources: ["allocations", "bed_transfers"], also: /allocation|transfer|stay/ },
      {
        name: "repairs",
        resources: ["housing_maintenance", "housing_inventory"],
        also: /maintenance|inventory|inspection/,
      },
      { name: "costs", resources: ["housing_contracts", "utility_bills"], also: /contract|bill|utilit|rent/ },
    ],
  },
  {
    name: "workflow",
    main: ["workflow_instances", "approval_requests", "workflow_templates"],
    groups: [
      {
        name: "work",
        resources: [
          "workflow_instances",
          "workflow_tasks",
          "workflow_comments",
          "workflow_attachments",
          "workflow_notifications",
        ],
        also: /comment|attachment|notifications$/,
      },
      {
        name: "approvals",
        resources: ["approval_requests", "approval_chains", "approval_chain_approvers", "approval_delegations"],
        also: /approv|delegat/,
      },
      { name: "design", resources: ["workflow_templates", "workflow_notification_templates"], also: /template|step$/ },
      {
        name: "automation",
        resources: ["workflow_automations", "workflow_triggers", "automation_execution_logs", "trigger_executions"],
        also: /automation|trigger|preference/,
      },
      {
        name: "records",
        resources: [
          "workflow_slas",
          "workflow_sla_instances",
          "sla_events",
          "workflow_history",
          "workflow_step_history",
        ],
        also: /sla|history|event|log/,
      },
      { name: "figures", resources: ["workflow_metrics"], also: /metric|snapshot/ },
    ],
  },
  {
    name: "support",
    main: ["tickets", "chat_sessions", "kb_articles", "product_feedbacks"],
    groups: [
      {
        name: "tickets",
        resources: [
          "tickets",
          "ticket_replies",
          "ticket_attachments",
          "contact_requests",
          "ticket_templates",
          "canned_responses",
        ],
        also: /ticket|canned|contact/,
      },
      { name: "chat", resources: ["chat_sessions", "chat_messages", "product_feedbacks"], also: /chat|feedback/ },
      {
        name: "knowledge",
        resources: ["kb_articles", "kb_categories", "faqs", "support_documents"],
        also: /kb|faq|article|document/,
      },
    ],
  },
  {
    name: "analytics",
    main: ["kpis", "reports", "performance_data"],
    groups: [
      {
        name: "reports",
        resources: ["reports", "report_schedules", "report_templates", "dashboards", "export_jobs"],
        also: /report|dashboard|export/,
      },
      {
        name: "figures",
        resources: ["kpis", "kpi_targets", "performance_data", "metric_snapshots", "forecasts"],
        also: /kpi|metric|snapshot|forecast|performance/,
      },
    ],
  },
  {
    name: "admin",
    main: ["notifications", "api_keys", "backups", "subscriptions"],
    groups: [
      {
        name: "people",
        resources: ["users", "members", "roles", "role_assignments", "invitations"],
        also: /user(?!_pref)|member|role|permission|invit/,
      },
      {
        name: "messages",
        resources: ["announcements", "notifications", "email_templates"],
        also: /announcement|notification|email|message/,
      },
      { name: "security", resources: ["api_keys", "audit_logs"], also: /key|audit|session|token|login/ },
      {
        name: "connections",
        resources: ["connections", "webhooks", "webhook_deliveries"],
        also: /webhook|connection|integration/,
      },
      {
        name: "system",
        resources: ["subscriptions", "system_settings", "user_preferences", "backups"],
        also: /setting|subscription|backup|organization|plan|preference/,
      },
    ],
  },
  {
    name: "integrations",
    main: ["platform_orders", "gps_devices", "sms_messages", "payout_batches"],
    groups: [
      { name: "connections", resources: ["installations", "runs"], also: /installation|plugin|run/ },
      { name: "deliveries", resources: ["platform_orders", "platform_order_events"], also: /order/ },
      { name: "messages", resources: ["sms_messages"], also: /message/ },
      { name: "pay", resources: ["payout_batches", "payouts", "payout_files"], also: /payout/ },
      {
        name: "tracking",
        resources: ["gps_devices", "geofences", "placemarks"],
        also: /gps|geofence|placemark|position/,
      },
    ],
  },
];

/** Fewer entries than this are read faster than their sub-headings. */
const GROUPED_FROM = 7;

export interface PlacedGroup {
  name: GroupName;
  resources: Resource[];
}

export interface PlacedModule {
  name: string;
  groups: PlacedGroup[];
}

function rank<T>(order: readonly T[], one: T): number {
  const at = order.indexOf(one);
  return at < 0 ? order.length : at;
}

/** Puts the resources of one module under its sub-headings. */
export function groupsOfModule(module: string, resources: Resource[]): PlacedGroup[] {
  const place = MODULES.find((one) => one.name === module);
  const groups = new Map<GroupName, Resource[]>();
  for (const resource of resources) {
    const group =
      place?.groups.find((one) => one.resources.includes(resource.name)) ??
      place?.groups.find((one) => one.also?.test(resource.name));
    const name = group?.name ?? "more";
    groups.set(name, [...(groups.get(name) ?? []), resource]);
  }
  const order: GroupName[] = [...(place?.groups.map((one) => one.name) ?? []), "more"];
  return [...groups]
    .sort(([a], [b]) => rank(order, a) - rank(order, b))
    .map(([name, members]) => {
      const named = place?.groups.find((one) => one.name === name)?.resources ?? [];
      return { name, resources: members.toSorted((a, b) => rank(named, a.name) - rank(named, b.name)) };
    });
}

/** Whether a module is long enough for sub-headings. */
export function isGrouped(groups: { resources: unknown[] }[]): boolean {
  return groups.length > 1 && groups.reduce((sum, group) => sum + group.resources.length, 0) >= GROUPED_FROM;
}

/** Everything the caller may list, by module and sub-heading, in the order in which it is shown. */
export function placesOf(description: Description): PlacedModule[] {
  const order = MODULES.map((module) => module.name);
  return description.modules
    .toSorted((a, b) => rank(order, a.name) - rank(order, b.name))
    .map((module) => ({
      name: module.name,
      groups: groupsOfModule(
        module.name,
        module.resources.filter((resource) => resource.verbs.includes("list")),
      ),
    }))
    .filter((module) => module.groups.length > 0);
}

/** The resources a module is mainly about, as far as they are there; without any, the first few. */
export function mainResources(module: PlacedModule, most: number): Resource[] {
  const all = module.groups.flatMap((group) => group.resources);
  const place = MODULES.find((one) => one.name === module.name);
  const named = (place?.main ?? []).flatMap((name) => all.find((resource) => resource.name === name) ?? []);
  const rest = all.filter((resource) => !named.includes(resource) && stateOf(resource) !== undefined);
  const found = [...named, ...rest].slice(0, most);
  return found.length > 0 ? found : all.slice(0, most);
}

/** The field that says where a row stands: its state. */
export function stateOf(resource: Resource) {
  const states = resource.fields.filter((field) => field.kind === "choice" && (field.values?.length ?? 0) > 1);
  return (
    states.find((field) => field.name === "status" || field.name === "state") ??
    states.find((field) => /_(status|state)$/.test(field.name) && field.read_only)
  );
}
