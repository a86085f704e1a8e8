import { useTranslation } from "react-i18next";
import { useDescription } from "@/lib/account";
import { type Format, useFormat } from "@/lib/format";
import { readable, useLabels } from "@/lib/labels";
import type { FigureValue, Section, SectionRow } from "./report-api";

type Unit = FigureValue["unit"];

const DIGITS: Record<string, number> = { count: 0, money: 2, percent: 1, number: 2, h: 1, min: 0, days: 1, km: 1 };

/** A value with what it is counted in; nothing where it cannot be known. */
export function written(value: string | null, unit: Unit, format: Format, currency: string): string | undefined {
  if (value === null) return undefined;
  const number = unit === "money" ? format.number(value, 2) : format.upTo(value, DIGITS[unit] ?? 2);
  if (unit === "percent") return `${number}%`;
  if (unit === "money") return `${number} ${format.currency(currency)}`;
  return number;
}

/** Units that stand behind the number in words of their own. */
export const SPOKEN_UNITS = new Set(["h", "min", "days", "years", "km"]);

/** Sections along time are lines, all others are compared side by side. */
export const ALONG_TIME = new Set(["day", "month", "hour", "weekday"]);

/** What a section takes a figure apart by. */
export function useSectionWords(): (section: Section) => string {
  const { t } = useTranslation();
  return ({ name }) => t(`section.${name}` as "section.day", { defaultValue: readable(name) });
}

/** 4 January 1970 was a Sunday, the first of the server's weekdays. */
const SUNDAY = Date.UTC(1970, 0, 4);

/** What a row of a section is called: a day, a month, the title it brings, or the word of a choice somewhere. */
export function useRowWords(area: string): (section: Section, row: SectionRow) => string {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const description = useDescription();
  const modules = area === "financial" ? ["hr", "fleet", "operations"] : [area, "fleet", "operations", "hr"];
  const fields = modules.flatMap((name) =>
    (description.modules.find((module) => module.name === name)?.resources ?? []).flatMap((resource) =>
      resource.fields.map((field) => ({ resource, field })),
    ),
  );
  return (section, { key, title }) => {
    if (title) return title;
    if (key === "") return t("report.unsaid");
    if (section.name === "day") return format.date(key);
    if (section.name === "month") return format.month(key.slice(0, 7));
    if (section.name === "hour") return `${key}:00`;
    if (section.name === "weekday") {
      const day = new Date(SUNDAY + Number(key) * 86_400_000);
      return new Intl.DateTimeFormat(i18n.language, { weekday: "long", timeZone: "UTC" }).format(day);
    }
    const named = fields.find(({ field }) => field.name === section.name && field.values?.includes(key));
    return named ? labels.choice(named.resource, named.field.name, key) : readable(key);
  };
}
