import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/api";
import type { Language } from "@/lib/preferences";

/** Reports describe themselves: which figures they have, in what unit, and by what they are taken apart. */
export interface ReportType {
  name: string;
  area: string;
  title: string;
  summary: string;
}

export interface FigureValue {
  name: string;
  label: string;
  unit: string;
  definition: string;
  value: string | null;
  previous: string | null;
  change_percent: string | null;
}

export interface SectionRow {
  key: string;
  title: string | null;
  values: Record<string, string | null>;
}

export interface Section {
  name: string;
  /** Where the keys are ids: the resource they are of. */
  resource: string | null;
  total_rows: number;
  rows: SectionRow[];
}

export interface Report {
  report: string;
  title: string;
  currency: string;
  period: { from: string; to: string; days: number };
  compared_with: { from: string; to: string } | null;
  figures: FigureValue[];
  sections: Section[];
}

export interface ReportRange {
  from: string | undefined;
  to: string | undefined;
  compare: string | undefined;
}

export const AREAS = ["overview", "operations", "fleet", "hr", "financial"] as const;

/** The words in the answers are in the reader's language, so the language is a part of what is asked. */
export const reportTypesQuery = (language: Language) =>
  queryOptions({
    queryKey: ["figures", "report_types", language],
    staleTime: 5 * 60_000,
    queryFn: async ({ signal }) => (await api.get<{ data: ReportType[] }>("/analytics/report_types", { signal })).data,
  });

export const reportQuery = (name: string, range: ReportRange, language: Language) =>
  queryOptions({
    queryKey: ["figures", "report", name, range, language],
    queryFn: ({ signal }) =>
      api.get<Report>(`/analytics/computed/${encodeURIComponent(name)}`, { query: { ...range, limit: 200 }, signal }),
    placeholderData: keepPreviousData,
  });
