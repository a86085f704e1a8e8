import type { Language } from "@/lib/preferences";

/** The server takes these and refuses others; amounts are kept in hundredths of all of them. */
export const CURRENCIES = [
  "AED",
  "CHF",
  "EGP",
  "EUR",
  "GBP",
  "INR",
  "MAD",
  "PHP",
  "PKR",
  "QAR",
  "SAR",
  "SYP",
  "TRY",
  "USD",
] as const;
export const CALENDARS = ["gregorian", "umalqura"] as const;
export const WEEK_STARTS = ["saturday", "sunday", "monday"] as const;

/** Those that this browser knows, the ones near by first. */
export const TIME_ZONES = zones();

function zones(): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  const near = [
    "Asia/Riyadh",
    "Asia/Dubai",
    "Asia/Qatar",
    "Asia/Kuwait",
    "Asia/Bahrain",
    "Asia/Muscat",
    "Africa/Cairo",
  ];
  return [...new Set([...near.filter((zone) => all.includes(zone)), ...all, "UTC"])];
}

/** "GMT+3": where a zone stands today. */
export function offsetOf(zone: string): string {
  try {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts();
    return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
  } catch {
    return zone;
  }
}

export function currencyName(code: string, language: Language): string {
  return new Intl.DisplayNames(language === "ar" ? "ar-SA" : "en-GB", { type: "currency" }).of(code) ?? code;
}
