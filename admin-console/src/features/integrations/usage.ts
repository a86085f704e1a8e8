import type { UsageDay } from "./shapes";

export interface DayOfUse {
  day: string;
  good: number;
  failed: number;
}

export interface Usage {
  days: DayOfUse[];
  calls: number;
  failures: number;
  requests: number;
  guest_us: number;
}

/** The days from the first to the last, both included, as ISO dates. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

/** What was used on each day. A day that the server does not name is one without a call, which is known: nought. */
export function usageOf(rows: UsageDay[], first: string, last: string): Usage {
  const byDay = new Map(rows.map((row) => [row.used_on, row]));
  const sum = (figure: (row: UsageDay) => number) => rows.reduce((total, row) => total + figure(row), 0);
  return {
    days: daysBetween(first, last).map((day) => {
      const row = byDay.get(day);
      const failed = row?.failures ?? 0;
      return { day, good: (row?.calls ?? 0) - failed, failed };
    }),
    calls: sum((row) => row.calls),
    failures: sum((row) => row.failures),
    requests: sum((row) => row.http_calls),
    guest_us: sum((row) => row.guest_us),
  };
}
