import type { Run } from "./shapes";

/** The states of a run, in the order in which it goes through them. */
export const STATES = ["draft", "calculated", "reviewed", "approved", "paid", "locked"] as const;
export type State = (typeof STATES)[number];

/** What leads from each state to the one after it. */
const NEXT = {
  draft: "calculate",
  calculated: "review",
  reviewed: "approve",
  approved: "pay",
  paid: "lock",
  locked: undefined,
} as const;

export type Step = NonNullable<(typeof NEXT)[State]>;

/** A large run is calculated by and by; until it is done it pays nobody, as a draft does. */
export function isCalculating(run: Pick<Run, "status">): boolean {
  return run.status === "calculating";
}

export function stateOfRun(run: Pick<Run, "status">): State {
  return STATES.find((state) => state === run.status) ?? "draft";
}

export function nextStep(run: Pick<Run, "status">): Step | undefined {
  if (isCalculating(run)) return undefined;
  return NEXT[stateOfRun(run)];
}

/** Who brought the run into a state, and when, as far as it says so. */
export function reached(run: Run, state: State): { by: string | undefined; at: string | undefined; isDay: boolean } {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  switch (state) {
    case "draft":
      return { by: undefined, at: text(run.created_at), isDay: false };
    case "calculated":
      return { by: text(run.calculated_by_title), at: text(run.calculated_at), isDay: false };
    case "reviewed":
      return { by: text(run.reviewed_by_title), at: text(run.reviewed_at), isDay: false };
    case "approved":
      return { by: text(run.approved_by_title), at: text(run.approved_at), isDay: false };
    case "paid":
      return { by: undefined, at: text(run.paid_on), isDay: true };
    case "locked":
      return { by: undefined, at: text(run.locked_at), isDay: false };
  }
}

/** Why the next step is not the reader's to take; nothing when it is. */
export type Hindrance = "own_calculation" | "no_right";

export function hindrance(run: Run, step: Step, mayAct: boolean, reader: string): Hindrance | undefined {
  if (!mayAct) return "no_right";
  if (step === "approve" && run.calculated_by === reader) return "own_calculation";
  return undefined;
}

const LAST_DAY = 24;

/** The newest month whose period is over: it ends on the 24th. */
export function monthDue(today: string): { year: number; month: number } {
  const [year = 0, month = 1, day = 1] = today.split("-").map(Number);
  const index = year * 12 + month - 1 - (day <= LAST_DAY ? 1 : 0);
  return { year: Math.floor(index / 12), month: (index % 12) + 1 };
}

/** "2026-05" for what formats months. */
export function monthOf({ year, month }: { year: number; month: number }): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}
