import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import type { Page, Row } from "@/api/model";
import { api } from "@/lib/api";
import { randomKey } from "@/lib/id";
import { rowsChanged } from "@/lib/resource-api";
import type { Told } from "./shapes";

type Checks = Answer<"/api/v1/hr/payroll_runs/{id}/wage_file_check", "get">;

/** What the bank would refuse, found before it does. */
export type Finding = Told<Checks["findings"][number]>;
export type WageCheck = Omit<Told<Checks>, "findings"> & { findings: Finding[] };

export interface WageFile extends Row {
  reference: string;
  sha256: string;
  workers: number;
  total: string;
}

export interface PayingAccount extends Row {
  name: string;
  is_default: boolean;
}

export const ACCOUNTS = "hr.paying_accounts";
export const WAGE_FILES = "hr.wage_files";

export interface WageChoice {
  paying_account_id?: string;
  value_date?: string;
}

export const wageCheckQuery = (runId: string, choice: WageChoice) =>
  queryOptions({
    queryKey: ["rows", WAGE_FILES, "check", runId, choice],
    queryFn: ({ signal }) =>
      api.get<WageCheck>(`/hr/payroll_runs/${runId}/wage_file_check`, { query: { ...choice }, signal }),
  });

export const accountsQuery = queryOptions({
  queryKey: ["rows", ACCOUNTS, "all"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<PayingAccount>>("/hr/paying_accounts", { query: { limit: 100 }, signal })).data,
});

export const wageFilesQuery = (runId: string) =>
  queryOptions({
    queryKey: ["rows", WAGE_FILES, "run", runId],
    queryFn: async ({ signal }) =>
      (await api.get<Page<WageFile>>("/hr/wage_files", { query: { run_id: runId, limit: 20 }, signal })).data,
  });

export async function makeWageFile(runId: string, choice: WageChoice): Promise<WageFile> {
  const file = await api.post<WageFile>(`/hr/payroll_runs/${runId}/wage_file`, {
    body: choice,
    headers: { "Idempotency-Key": randomKey() },
  });
  await rowsChanged();
  return file;
}
