import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import type { Page } from "@/api/model";
import { api, type QueryValue, send } from "@/lib/api";
import { randomKey } from "@/lib/id";
import type { Language } from "@/lib/preferences";
import { rowsChanged } from "@/lib/resource-api";
import { isCalculating } from "./run-steps";
import type { Comparison, Explanation, PayRule, Refusal, Run, Salary, WhatIf, WhatIfAsked } from "./shapes";

export const RUNS = "hr.payroll_runs";
export const SALARIES = "hr.salaries";
export const REFUSALS = "hr.payroll_refusals";

const RUNS_PATH = "/hr/payroll_runs";
const SALARIES_PATH = "/hr/salaries";

/** The most that the server lists at once. */
const PAGE = 100;

/** All rows of a list, page after page: a run is looked at as a whole. */
async function everyRow<T>(path: string, query: Record<string, QueryValue>, signal: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, {
      query: { titles: true, limit: PAGE, ...query, after },
      signal,
    });
    rows.push(...page.data);
    after = page.next ?? undefined;
  } while (after);
  return rows;
}

export const runsQuery = queryOptions({
  queryKey: ["rows", RUNS, "board"],
  queryFn: async ({ signal }) =>
    (
      await api.get<Page<Run>>(RUNS_PATH, {
        query: { titles: true, limit: PAGE, sort: "-year,-month" },
        signal,
      })
    ).data,
});

/** While a run is calculated its figures move. */
const GLANCE_MS = 1_500;

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["rows", RUNS, "one", id],
    queryFn: ({ signal }) => api.get<Run>(`${RUNS_PATH}/${id}`, { query: { titles: true }, signal }),
    refetchInterval: ({ state }) => (state.data && isCalculating(state.data) ? GLANCE_MS : false),
  });

export const salariesQuery = (runId: string) =>
  queryOptions({
    queryKey: ["rows", SALARIES, "run", runId],
    queryFn: ({ signal }) => everyRow<Salary>(SALARIES_PATH, { run_id: runId }, signal),
  });

export const salaryQuery = (id: string) =>
  queryOptions({
    queryKey: ["rows", SALARIES, "one", id],
    queryFn: ({ signal }) => api.get<Salary>(`${SALARIES_PATH}/${id}`, { query: { titles: true }, signal }),
  });

/** One's own months, the newest first: the server lists nobody else's to a courier. */
export const ownSalariesQuery = queryOptions({
  queryKey: ["rows", SALARIES, "own"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<Salary>>(SALARIES_PATH, { query: { limit: 36, sort: "-year,-month" }, signal })).data,
});

export const refusalsQuery = (runId: string) =>
  queryOptions({
    queryKey: ["rows", REFUSALS, "run", runId],
    queryFn: ({ signal }) => everyRow<Refusal>("/hr/payroll_refusals", { run_id: runId }, signal),
  });

async function comparedPages(
  runId: string,
  enough: (page: Comparison) => boolean,
  signal: AbortSignal,
): Promise<Comparison> {
  let whole: Comparison | undefined;
  let after: string | undefined;
  for (;;) {
    const page: Comparison = await api.get<Comparison>(`${RUNS_PATH}/${runId}/comparison`, {
      query: { limit: PAGE, after },
      signal,
    });
    whole = whole ? { ...whole, rows: [...whole.rows, ...page.rows] } : page;
    after = page.next ?? undefined;
    if (!after || enough(page)) return whole;
  }
}

export const comparisonQuery = (runId: string) =>
  queryOptions({
    queryKey: ["rows", RUNS, "comparison", runId],
    queryFn: ({ signal }) => comparedPages(runId, () => false, signal),
  });

/** How many stand out. They come first, so what follows them is not asked for. */
export const outlierCountQuery = (runId: string) =>
  queryOptions({
    queryKey: ["rows", RUNS, "outliers", runId],
    queryFn: async ({ signal }) => {
      const { rows } = await comparedPages(runId, (page) => page.rows.some((row) => row.outlier === null), signal);
      return rows.filter((row) => row.outlier !== null).length;
    },
  });

export const explanationQuery = (salaryId: string, language: Language) =>
  queryOptions({
    queryKey: ["rows", SALARIES, "explanation", salaryId, language],
    queryFn: ({ signal }) =>
      api.get<Explanation>(`${SALARIES_PATH}/${salaryId}/explanation`, { query: { language }, signal }),
  });

export const rulesQuery = (on: string, language: Language) =>
  queryOptions({
    queryKey: ["figures", "pay_rules", on, language],
    queryFn: async ({ signal }) =>
      (await api.get<{ data: PayRule[] }>("/hr/pay_rules", { query: { on, language }, signal })).data,
  });

export type SheetAnswer = Answer<"/api/v1/hr/payroll_runs/{id}/sheet", "post">;

/** Takes a sheet as the work of a draft's month. The same sheet again is the same answer. */
export async function uploadSheet(runId: string, file: File): Promise<SheetAnswer> {
  const answer = await send("POST", `${RUNS_PATH}/${runId}/sheet`, {
    query: { file_name: file.name },
    raw: file,
    headers: { "Idempotency-Key": randomKey() },
  });
  const body = (await answer.json()) as SheetAnswer;
  await rowsChanged();
  return body;
}

/** Work from the company's own deliveries and fuel, for who has a target and no work on record. */
export async function collectWork({ year, month }: Pick<Run, "year" | "month">): Promise<{ couriers: number }> {
  const done = await api.post<{ couriers: number }>("/hr/payroll_inputs/collect", {
    body: { year, month },
    headers: { "Idempotency-Key": randomKey() },
  });
  await rowsChanged();
  return done;
}

/** What other numbers would come to; page after page, because the question is about everybody. Nothing is stored. */
export async function askWhatIf(runId: string, asked: WhatIfAsked): Promise<WhatIf> {
  let whole: WhatIf | undefined;
  let after: string | undefined;
  do {
    const page: WhatIf = await api.post<WhatIf>(`${RUNS_PATH}/${runId}/what_if`, {
      body: { ...asked, limit: PAGE, ...(after ? { after } : {}) },
      headers: { "Idempotency-Key": randomKey() },
    });
    whole = whole ? { ...whole, rows: [...whole.rows, ...page.rows] } : page;
    after = page.next ?? undefined;
  } while (after);
  return whole;
}
