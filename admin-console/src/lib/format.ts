import { type CalendarName, type Language, usePreferences } from "./preferences";
import { createStore, useStore } from "./store";

/**
 * Numbers and dates as the reader writes them. Digits stay 0–9 in Arabic too: plates, card numbers and amounts are
 * compared with papers and files that use them.
 */
export interface Format {
  number(value: number | string, fractionDigits?: number): string;
  /** At most so many digits after the point, none for nothing. */
  upTo(value: number | string, fractionDigits: number): string;
  percent(share: number): string;
  date(iso: string): string;
  instant(iso: string): string;
  /** "2026-01" → "January 2026"; billing months are Gregorian in both calendars. */
  month(month: string, style?: "long" | "short"): string;
  ago(iso: string): string;
  bytes(size: number): string;
  list(items: string[]): string;
  currency(code: string): string;
  compare(a: string, b: string): number;
}

const cache = new Map<string, Format>();

export function formatFor(language: Language, calendar: CalendarName, timeZone: string): Format {
  const key = `${language} ${calendar} ${timeZone}`;
  let format = cache.get(key);
  if (!format) {
    format = build(language, calendar, timeZone);
    cache.set(key, format);
  }
  return format;
}

function build(language: Language, calendar: CalendarName, timeZone: string): Format {
  const region = language === "ar" ? "ar-SA" : "en-GB";
  const locale = `${region}-u-nu-latn`;
  const dated = `${region}-u-ca-${calendar}-nu-latn`;
  const gregorian = `${region}-u-ca-gregory-nu-latn`;
  const day = { day: "numeric", month: "short", year: "numeric" } as const;
  const dateOnly = new Intl.DateTimeFormat(dated, { ...day, timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(dated, {
    ...day,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  });
  const monthLong = new Intl.DateTimeFormat(gregorian, { month: "long", year: "numeric", timeZone: "UTC" });
  const monthShort = new Intl.DateTimeFormat(gregorian, { month: "short", year: "2-digit", timeZone: "UTC" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const collator = new Intl.Collator(locale, { numeric: true });
  const listing = new Intl.ListFormat(locale, { type: "conjunction" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const numbers = new Map<string, Intl.NumberFormat>();
  const numberFormat = (least: number, most: number) => {
    const key = `${least} ${most}`;
    let format = numbers.get(key);
    if (!format) {
      format = new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most });
      numbers.set(key, format);
    }
    return format;
  };
  // A decimal arrives as text so that nothing is rounded on the way; Intl takes the text as it is.
  const exact = (value: number | string) => value as unknown as number;
  const monthDate = (month: string) => new Date(`${month}-01T00:00:00Z`);
  return {
    number: (value, digits = 0) => numberFormat(digits, digits).format(exact(value)),
    upTo: (value, digits) => numberFormat(0, digits).format(exact(value)),
    percent: (share) => percent.format(share),
    date: (iso) => safely(iso, () => dateOnly.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`))),
    instant: (iso) => safely(iso, () => moment.format(new Date(iso))),
    month: (month, style = "long") =>
      safely(month, () => (style === "long" ? monthLong : monthShort).format(monthDate(month))),
    ago: (iso) => safely(iso, () => ago(relative, new Date(iso).getTime() - Date.now())),
    bytes: (size) => {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
      const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(size, 1)) / 10));
      return new Intl.NumberFormat(locale, {
        style: "unit",
        unit: units[step] ?? "byte",
        // "12 byte" is no English; the larger units are known by their letters.
        unitDisplay: step ? "short" : "long",
        maximumFractionDigits: step ? 1 : 0,
      }).format(size / 1024 ** step);
    },
    list: (items) => listing.format(items),
    currency: (code) => {
      const display = language === "ar" ? "symbol" : "code";
      const parts = new Intl.NumberFormat(locale, { style: "currency", currency: code, currencyDisplay: display });
      const part = parts.formatToParts(1).find((piece) => piece.type === "currency");
      return part?.value.replace(/[\u200e\u200f]/g, "") ?? code;
    },
    compare: (a, b) => collator.compare(a, b),
  };
}

/** A value the server should not have sent is shown as it came rather than taking the page down. */
function safely(raw: string, work: () => string): string {
  try {
    return work();
  } catch {
    return raw;
  }
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

function ago(relative: Intl.RelativeTimeFormat, differenceMs: number): string {
  for (const [unit, sizeMs] of STEPS) {
    if (Math.abs(differenceMs) >= sizeMs) return relative.format(Math.round(differenceMs / sizeMs), unit);
  }
  return relative.format(Math.round(differenceMs / 1000), "second");
}

const zone = createStore("Asia/Riyadh");

/** Business dates belong to the organization's zone, wherever the reader sits. */
export function setTimeZone(timeZone: string) {
  if (timeZone !== zone.get()) zone.set(timeZone);
}

export function timeZone(): string {
  return zone.get();
}

export function useFormat(): Format {
  const { language, calendar } = usePreferences();
  return formatFor(language, calendar, useStore(zone));
}

/** Today in the organization's zone, as the server writes dates. */
export function today(offsetDays = 0): string {
  const moment = new Date(Date.now() + offsetDays * 86_400_000);
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone.get() }).format(moment);
}

export function thisMonth(offsetMonths = 0): string {
  return addMonths(today().slice(0, 7), offsetMonths);
}

export function addMonths(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const index = year * 12 + number - 1 + count;
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

const EASTERN = /[\u0660-\u0669\u06f0-\u06f9]/g;

/** Arabic keyboards type ٠–٩ and the decimal sign ٫; the server is sent 0–9 and a point. */
export function latinDigits(text: string): string {
  return text.replace(EASTERN, (digit) => String(digit.charCodeAt(0) & 0xf)).replace(/٫/g, ".");
}
