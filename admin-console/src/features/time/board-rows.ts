import type { BoardRow } from "./time-api";

/** What one looks for on the board; somebody late and flagged is found under both. */
export const FILTERS = ["in", "left", "late", "missing", "expected", "away", "flagged"] as const;
export type BoardFilter = (typeof FILTERS)[number] | "all";

const AWAY = new Set(["on_leave", "holiday"]);

function fits(row: BoardRow, filter: BoardFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "in":
    case "left":
    case "expected":
      return row.state === filter;
    case "missing":
      return row.state === "missing" || row.state === "absent";
    case "late":
      return row.is_late;
    case "away":
      return AWAY.has(row.state);
    case "flagged":
      return row.flags.length > 0;
  }
}

/** What somebody has to act on stands first. */
function pressing(row: BoardRow): number {
  if (row.flags.length > 0) return 0;
  if (row.state === "missing" || row.state === "absent") return 1;
  if (row.is_late) return 2;
  return AWAY.has(row.state) ? 4 : 3;
}

export function filtered(rows: BoardRow[], filter: BoardFilter): BoardRow[] {
  return rows.filter((row) => fits(row, filter)).sort((a, b) => pressing(a) - pressing(b));
}

export function countsOf(rows: BoardRow[]): Record<(typeof FILTERS)[number], number> {
  const count = (filter: BoardFilter) => rows.filter((row) => fits(row, filter)).length;
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
