import type { Refusal, Run } from "./shapes";

export interface Place {
  resource: string;
  to: string;
  search: Record<string, string>;
  edits: boolean;
}

/** Where what a refusal asks for is entered: the courier himself, the month's targets and work, or the numbers of the law. */
export function placeToMend(
  { code, courier_id, field }: Pick<Refusal, "code" | "courier_id" | "field">,
  run: Run,
): Place | undefined {
  const month = { year: String(run.year), month: String(run.month) };
  const of: Record<string, string> = courier_id ? { courier_id } : {};
  const list = (name: string, search: Record<string, string>): Place => ({
    resource: `hr.${name}`,
    to: `/hr/${name}`,
    search,
    edits: false,
  });
  const couriers = courier_id
    ? { resource: "fleet.couriers", to: `/fleet/couriers/${courier_id}/edit`, search: {}, edits: true }
    : undefined;
  switch (code) {
    case "no_joining_date":
    case "joins_later":
    case "left_before":
    case "no_nationality":
    case "no_basic_salary":
      return couriers;
    case "no_target":
    case "unknown_category":
      return list("courier_targets", { ...month, ...of });
    case "no_work":
    case "taken":
    case "bad_row":
      return list("payroll_inputs", { ...month, ...of });
    case "formula_incomplete":
      return list("payroll_parameters", {});
    case "rule_gap":
    case "no_gosi_rate":
      return { resource: "hr.gosi_rates", to: "/hr/pay-rules", search: {}, edits: false };
    default:
      // A figure that is no good stands where it was entered: the target by itself, the rest with the month's work.
      return field === "target" || field === "category"
        ? list("courier_targets", { ...month, ...of })
        : list("payroll_inputs", { ...month, ...of });
  }
}
