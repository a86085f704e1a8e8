import type { Answer } from "@/api/answer";
import type { Row } from "@/api/model";

/** The document lets a field be missing where the server writes null. */
export type Told<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

type Compares = Answer<"/api/v1/hr/payroll_runs/{id}/comparison", "get">;
type Tries = Answer<"/api/v1/hr/payroll_runs/{id}/what_if", "post">;
type Explains = Answer<"/api/v1/hr/salaries/{id}/explanation", "get">;

/** A payroll run as the engine lists it: fields that the reader may not see are missing. */
export interface Run extends Row {
  run_number: string;
  year: number;
  month: number;
  status: string;
  calculated_by?: string | null;
  /** How far a calculation is: of so many couriers so many are done. */
  courier_count?: number | null;
  done_count?: number | null;
  paid_count?: number | null;
  refused_count?: number | null;
  gross_total?: string | null;
  deducted_total?: string | null;
  net_total?: string | null;
  employer_total?: string | null;
}

/** One courier's pay of a month. */
export interface Salary extends Row {
  run_id: string;
  courier_id: string;
  courier_title?: string;
  year: number;
  month: number;
  status: string;
  category: string;
  period_starts_on: string;
  period_ends_on: string;
  total_orders: number;
  period_target: string;
  final_target: string;
  days_since_joining: number;
  total_revenue?: string;
  gas_usage?: string;
  gross_salary?: string;
  net_salary?: string;
  gosi_employee?: string;
  gosi_employer?: string;
  loan_deduction?: string;
  penalty_deduction?: string;
  other_deductions?: string;
  carried_forward?: string;
}

/** What of a line came to more or less than the month before. */
export type Because = Compares["rows"][number]["because"][number];
export type ComparedRow = Told<Compares["rows"][number]>;
export type Comparison = Omit<Told<Compares>, "rows"> & { rows: ComparedRow[] };

/** What would come of other numbers: each courier as the run is now, and as it would be. */
export type WhatIfRow = Omit<Told<Tries["rows"][number]>, "refused"> & {
  refused: Told<NonNullable<Tries["rows"][number]["refused"]>> | null;
};
export type WhatIf = Omit<Told<Tries>, "rows"> & { rows: WhatIfRow[] };

/** One courier on both sides, of two months or of two ways to pay one. */
export type ChangedRow = Pick<
  ComparedRow,
  "courier_id" | "courier_name" | "net_now" | "net_before" | "change" | "change_percent" | "outlier" | "because"
>;
export interface Sides {
  totals: Compares["totals"];
  rows: ChangedRow[];
}

export interface InputChange {
  courier_id: string;
  period_target?: string;
  total_orders?: number;
  total_revenue?: string;
  gas_usage?: string;
}

export interface WhatIfAsked {
  courier_ids?: string[];
  changes: {
    categories?: Record<string, Record<string, string>>;
    inputs?: InputChange[];
    [option: string]: unknown;
  };
}

/** Somebody whom the run could not pay. */
export interface Refusal extends Row {
  run_id: string;
  courier_id: string | null;
  courier_title?: string;
  code: string;
  field: string | null;
  found: string | null;
}

export type ExplainedStep = Explains["lines"][number]["steps"][number];
export type UsedRule = Told<Explains["lines"][number]["rules"][number]>;
export type ExplainedLine = Omit<Told<Explains["lines"][number]>, "rules"> & { rules: UsedRule[] };
export type Explanation = Pick<Explains, "gross" | "net"> & { lines: ExplainedLine[] };

/** A number of the law or of the company, on its days. */
export type PayRule = Told<Answer<"/api/v1/hr/pay_rules", "get">["data"][number]>;
