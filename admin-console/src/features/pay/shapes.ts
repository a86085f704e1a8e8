import type { Row } from "@/api/model";

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
export interface Because {
  kind: string;
  now: string;
  before: string;
  change: string;
}

export interface ComparedRow {
  salary_id?: string | null;
  courier_id: string;
  courier_name: string;
  category: string;
  net_now: string | null;
  net_before: string | null;
  change: string;
  change_percent: string | null;
  outlier: string | null;
  because: Because[];
}

export interface Comparison {
  totals: Totals;
  rows: ComparedRow[];
  next: string | null;
}

export interface Totals {
  now: string;
  before: string;
  change: string;
  couriers_now: number;
  couriers_before: number;
}

/** What would come of other numbers: each courier as the run is now, and as it would be. */
export interface WhatIfRow extends ComparedRow {
  lines: { kind: string; amount: string }[];
  refused: { code: string; field: string | null; found: string | null } | null;
}

export interface WhatIf {
  totals: Totals;
  rows: WhatIfRow[];
  next: string | null;
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

export interface StepInput {
  name: string;
  label: string;
  value: string;
}

export interface ExplainedStep {
  label: string;
  /** In words, and with its numbers in place of the words. */
  formula: string;
  numbers: string;
  inputs: StepInput[];
  result: string;
}

export interface UsedRule {
  id: string;
  label: string;
  value: string;
  unit: string;
  article: string;
  source: string;
  from: string;
  to: string | null;
}

export interface ExplainedLine {
  id: string;
  kind: string;
  label: string;
  amount: string;
  asked: string | null;
  carried: string | null;
  article: string | null;
  text: string;
  rounding: string;
  steps: ExplainedStep[];
  rules: UsedRule[];
}

export interface Explanation {
  gross: string;
  net: string;
  lines: ExplainedLine[];
}

/** A number of the law or of the company, on its days. */
export interface PayRule {
  id: string;
  title: string;
  value: string;
  unit: string;
  article: string;
  source: string;
  from: string;
  to: string | null;
  own: boolean;
  in_force: boolean;
}
