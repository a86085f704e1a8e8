import { useMemo } from "react";
import { toReader } from "@/lib/calendar";
import { usePreferences } from "@/lib/preferences";

/** Names of months and days in the calendar that the reader chose. */
export function useCalendarWords() {
  const { language, calendar } = usePreferences();
  return useMemo(() => {
    const region = language === "ar" ? "ar-SA" : "en-GB";
    const dated = `${region}-u-ca-${calendar}-nu-latn`;
    const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(dated, { ...options, timeZone: "UTC" });
    const [month, weekday, letter] = [
      of({ month: "long", year: "numeric" }),
      of({ weekday: "short" }),
      of({ weekday: "narrow" }),
    ];
    const date = (day: string) => new Date(`${day}T00:00:00Z`);
    return {
      month: (day: string) => month.format(date(day)),
      weekday: (day: string) => weekday.format(date(day)),
      letter: (day: string) => letter.format(date(day)),
      dayOfMonth: (day: string) => String(toReader(day, calendar)?.day ?? day.slice(8)),
    };
  }, [language, calendar]);
}
