import { endOfMonth, startOfMonth } from "@internationalized/date";
import { toIso, toReader } from "@/lib/calendar";
import type { CalendarName } from "@/lib/preferences";

export interface MonthSpan {
  from: string;
  to: string;
  /** A day of the month before, and one of the month after. */
  previous: string;
  next: string;
}

/** The month of the reader's calendar in which a day lies. */
export function monthSpan(day: string, calendar: CalendarName): MonthSpan {
  const date = toReader(day, calendar);
  if (!date) return { from: day, to: day, previous: day, next: day };
  const [first, last] = [startOfMonth(date), endOfMonth(date)];
  return {
    from: toIso(first),
    to: toIso(last),
    previous: toIso(first.subtract({ days: 1 })),
    next: toIso(last.add({ days: 1 })),
  };
}

const DAY_MS = 86_400_000;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** The days from the first to the last, both included. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = [];
  for (let moment = at(from); moment <= at(to); moment += DAY_MS)
    days.push(new Date(moment).toISOString().slice(0, 10));
  return days;
}

export function addDays(day: string, count: number): string {
  return new Date(at(day) + count * DAY_MS).toISOString().slice(0, 10);
}

export interface Bar {
  /** Columns from 1, the last one included. */
  first: number;
  last: number;
  /** It begins before the first day that is shown, or ends after the last. */
  cutStart: boolean;
  cutEnd: boolean;
}

/** Where something that lasts stands among the days from `from` to `to`; nothing where it lies outside. */
export function barOf(starts: string, ends: string, from: string, to: string): Bar | undefined {
  if (ends < from || starts > to || ends < starts) return undefined;
  const column = (day: string) => Math.round((at(day) - at(from)) / DAY_MS) + 1;
  return {
    first: column(starts < from ? from : starts),
    last: column(ends > to ? to : ends),
    cutStart: starts < from,
    cutEnd: ends > to,
  };
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** The week in which a day lies, by the organization's first day of the week. */
export function weekOf(day: string, start: string): { from: string; to: string } {
  const first = Math.max(0, WEEKDAYS.indexOf(start as "sun"));
  const weekday = new Date(at(day)).getUTCDay();
  const from = addDays(day, -((weekday - first + 7) % 7));
  return { from, to: addDays(from, 6) };
}

/** An end that is not later than the beginning is on the next day. */
export function crossesMidnight(starts: string | null, ends: string | null): boolean {
  return starts !== null && ends !== null && ends <= starts;
}
