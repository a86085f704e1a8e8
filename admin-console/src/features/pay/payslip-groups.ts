import { halalas, sumOf } from "./halalas";
import type { ExplainedLine } from "./shapes";

/** What the company pays beside the wage: it is on the payslip, and no part of its net. */
const BESIDE = new Set(["gosi_employer", "end_of_service_provision"]);
/** Deductions also where nothing of them was taken this month. */
const DEDUCTIONS = new Set(["gosi", "court", "loan", "damage", "penalty", "consented"]);

export interface PayslipGroups {
  earned: ExplainedLine[];
  deducted: ExplainedLine[];
  beside: ExplainedLine[];
  earnedSum: string;
  deductedSum: string;
  carriedSum: string;
}

/** Lines as a payslip shows them: what was earned, what is taken off, and what the company pays beside it. */
export function payslipGroups(lines: ExplainedLine[]): PayslipGroups {
  const beside = lines.filter((line) => BESIDE.has(line.kind));
  const deducted = lines.filter((line) => DEDUCTIONS.has(line.kind));
  const earned = lines.filter((line) => !BESIDE.has(line.kind) && !DEDUCTIONS.has(line.kind));
  return {
    earned,
    deducted,
    beside,
    earnedSum: sumOf(earned.map((line) => line.amount)),
    deductedSum: sumOf(deducted.map((line) => line.amount)),
    carriedSum: sumOf(deducted.map((line) => line.carried)),
  };
}

/** Whether less was taken than asked for: then a limit stopped it. */
export function wasStopped(line: ExplainedLine): boolean {
  return line.asked !== null && halalas(line.asked) > Math.abs(halalas(line.amount));
}
