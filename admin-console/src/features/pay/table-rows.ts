import { fold } from "@/lib/fold";
import { halalas } from "./halalas";
import type { Because, ComparedRow, Salary } from "./shapes";

/** A courier in the table of a run: this month beside the one before. */
export interface PayRow {
  id: string | undefined;
  courierId: string;
  name: string;
  category: string;
  status: string | undefined;
  orders: number | undefined;
  gross: string | undefined;
  net: string | undefined;
  before: string | null;
  change: string | null;
  percent: string | null;
  carried: string | undefined;
  outlier: string | null;
  because: Because[];
}

/** Salaries of a run with what the comparison says of each. Who was paid last month alone has no row here. */
export function payRows(salaries: Salary[], compared: ComparedRow[]): PayRow[] {
  const byCourier = new Map(compared.map((row) => [row.courier_id, row]));
  return salaries.map((salary) => {
    const row = byCourier.get(salary.courier_id);
    return {
      id: salary.id,
      courierId: salary.courier_id,
      name: salary.courier_title ?? row?.courier_name ?? "",
      category: salary.category,
      status: salary.status,
      orders: salary.total_orders,
      gross: salary.gross_salary,
      net: salary.net_salary,
      before: row?.net_before ?? null,
      change: row && row.net_before !== null ? row.change : null,
      percent: row?.change_percent ?? null,
      carried: salary.carried_forward,
      outlier: row?.outlier ?? null,
      because: row?.because ?? [],
    };
  });
}

export const SORTS = ["outlier", "net", "change", "name"] as const;
export type Sort = (typeof SORTS)[number];

const size = (amount: string | null | undefined) => Math.abs(halalas(amount));

/** Compares in the way that puts first what somebody should look at first. */
function comparing(sort: Sort, byName: (a: string, b: string) => number): (a: PayRow, b: PayRow) => number {
  const name = (a: PayRow, b: PayRow) => byName(a.name, b.name);
  switch (sort) {
    case "outlier":
      return (a, b) =>
        Number(b.outlier !== null) - Number(a.outlier !== null) || size(b.change) - size(a.change) || name(a, b);
    case "net":
      return (a, b) => halalas(b.net) - halalas(a.net) || name(a, b);
    case "change":
      return (a, b) => size(b.change) - size(a.change) || name(a, b);
    case "name":
      return name;
  }
}

export interface Wish {
  sort: Sort;
  /** The other way round. */
  reversed: boolean;
  search: string;
  category: string;
  onlyOutliers: boolean;
}

export function wished(rows: PayRow[], wish: Wish, byName: (a: string, b: string) => number): PayRow[] {
  const words = fold(wish.search).split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    if (wish.category && row.category !== wish.category) return false;
    if (wish.onlyOutliers && row.outlier === null) return false;
    const name = fold(row.name);
    return words.every((word) => name.includes(word));
  });
  const order = comparing(wish.sort, byName);
  return found.sort(wish.reversed ? (a, b) => order(b, a) : order);
}

/** Where a key leads from a row among so many; nothing when the key is not for moving. */
export function moved(key: string, at: number, count: number, page: number): number | undefined {
  const last = count - 1;
  if (last < 0) return undefined;
  switch (key) {
    case "ArrowDown":
      return Math.min(at + 1, last);
    case "ArrowUp":
      return Math.max(at - 1, 0);
    case "PageDown":
      return Math.min(at + page, last);
    case "PageUp":
      return Math.max(at - page, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

/** How the whole changed from last month to this one, by kind of line, the largest change first. */
export function reasonsOf(rows: { because: Because[] }[]): Because[] {
  const sums = new Map<string, { now: number; before: number }>();
  for (const { kind, now, before } of rows.flatMap((row) => row.because)) {
    const sum = sums.get(kind) ?? { now: 0, before: 0 };
    sums.set(kind, { now: sum.now + halalas(now), before: sum.before + halalas(before) });
  }
  return [...sums]
    .map(([kind, { now, before }]) => ({ kind, now, before, change: now - before }))
    .filter((one) => one.change !== 0)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .map((one) => ({
      kind: one.kind,
      now: (one.now / 100).toFixed(2),
      before: (one.before / 100).toFixed(2),
      change: (one.change / 100).toFixed(2),
    }));
}
