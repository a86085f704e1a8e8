import type { BoardRow } from "./time-api";

export type BoardState = "in" | "left" | "missing" | "absent" | "expected" | "on_leave" | "holiday";

/** The moment at which the board is looked at, on the organization's clock. */
export interface Moment {
  today: string;
  /** "08:30" */
  time: string;
}

/** Where somebody is. Without a row of the day: missing once the shift has begun, expected before it. */
export function stateOf(row: BoardRow, on: string, now: Moment): BoardState {
  switch (row.status) {
    case "absent":
    case "on_leave":
    case "holiday":
      return row.status;
    case null: {
      if (!row.shift) return "expected";
      const begun = on < now.today || (on === now.today && row.shift.starts_at.slice(0, 5) <= now.time);
      return begun ? "missing" : "expected";
    }
    default:
      return row.check_out ? "left" : "in";
  }
}

export const isLate = (row: BoardRow) => row.status === "late";
/** Something about the place that somebody has not looked at yet. */
export const isFlagged = (row: BoardRow) => row.location_review === "waiting";

/** What one looks for on the board; somebody late and flagged is found under both. */
export const FILTERS = ["in", "left", "late", "missing", "expected", "away", "flagged"] as const;
export type BoardFilter = (typeof FILTERS)[number] | "all";

export interface Placed {
  row: BoardRow;
  state: BoardState;
}

export function placed(rows: BoardRow[], on: string, now: Moment): Placed[] {
  return rows.map((row) => ({ row, state: stateOf(row, on, now) }));
}

function fits({ row, state }: Placed, filter: BoardFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "in":
    case "left":
    case "expected":
      return state === filter;
    case "missing":
      return state === "missing" || state === "absent";
    case "late":
      return isLate(row);
    case "away":
      return state === "on_leave" || state === "holiday";
    case "flagged":
      return isFlagged(row);
  }
}

/** What somebody has to act on stands first. */
function pressing({ row, state }: Placed): number {
  if (isFlagged(row)) return 0;
  if (state === "missing" || state === "absent") return 1;
  if (isLate(row)) return 2;
  return state === "on_leave" || state === "holiday" ? 4 : 3;
}

export function filtered(people: Placed[], filter: BoardFilter): Placed[] {
  return people.filter((one) => fits(one, filter)).sort((a, b) => pressing(a) - pressing(b));
}

export function countsOf(people: Placed[]): Record<(typeof FILTERS)[number], number> {
  const count = (filter: BoardFilter) => people.filter((one) => fits(one, filter)).length;
  return {
    in: count("in"),
    left: count("left"),
    late: count("late"),
    missing: count("missing"),
    expected: count("expected"),
    away: count("away"),
    flagged: count("flagged"),
  };
}

/** Minutes from the shift's beginning to the check-in, for who came after it. */
export function lateBy(row: BoardRow): number | undefined {
  if (!isLate(row) || !row.check_in || !row.shift) return undefined;
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  // A shift that begins before midnight may be checked into after it.
  return (minutes(row.check_in) - minutes(row.shift.starts_at) + 1440) % 1440;
}
