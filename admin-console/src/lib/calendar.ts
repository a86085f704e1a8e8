import {
  type Calendar,
  CalendarDate,
  createCalendar,
  fromAbsolute,
  GregorianCalendar,
  getLocalTimeZone,
  parseDate,
  parseDateTime,
  toCalendar,
  toZoned,
} from "@internationalized/date";
import { latinDigits } from "./format";
import type { CalendarName } from "./preferences";

/** Dates travel as Gregorian ISO text; these turn them into the calendar that the reader chose, and back. */
export function calendarOf(name: CalendarName): Calendar {
  return createCalendar(name);
}

export function toReader(iso: string, name: CalendarName): CalendarDate | undefined {
  try {
    return toCalendar(parseDate(iso), calendarOf(name));
  } catch {
    return undefined;
  }
}

export function toIso(date: CalendarDate): string {
  return toCalendar(date, new GregorianCalendar()).toString();
}

export function asText(date: CalendarDate): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.year}-${two(date.month)}-${two(date.day)}`;
}

/** Reads "2026-05-01", "1447/11/14" or "14-11-1447" (day first) in the reader's calendar; nothing if it is no date. */
export function readDate(text: string, name: CalendarName): string | undefined {
  const parts = latinDigits(text.trim()).split(/[-/. ]+/);
  if (parts.length !== 3 || parts.some((part) => !/^\d{1,4}$/.test(part))) return undefined;
  const [first = 0, month = 0, last = 0] = parts.map(Number);
  const dayFirst = (parts[2]?.length ?? 0) === 4;
  const [year, day] = dayFirst ? [last, first] : [first, last];
  if (year < 1000) return undefined;
  // Which calendar a year belongs to is plain from its size: 1300–1600 is Hijri, 1700 onwards Gregorian.
  const calendar = calendarOf(year < 1700 ? "islamic-umalqura" : name === "gregory" ? name : "gregory");
  const date = new CalendarDate(calendar, year, month, day);
  // The constructor moves 31 February into March; only a date that stays as typed is one.
  return date.month === month && date.day === day && date.year === year ? toIso(date) : undefined;
}

/** "2026-05-01T08:00:00Z" → "2026-05-01T11:00" on the organization's clock, for an input. */
export function toLocalInput(iso: string, zone: string): string {
  const moment = fromAbsolute(new Date(iso).getTime(), zone || getLocalTimeZone());
  return moment.toString().slice(0, 16);
}

export function fromLocalInput(text: string, zone: string): string {
  return toZoned(parseDateTime(text), zone || getLocalTimeZone())
    .toDate()
    .toISOString();
}
