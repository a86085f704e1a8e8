import type { Resource, Row } from "@/api/model";
import { api } from "@/lib/api";
import { rowsChanged } from "@/lib/resource-api";

/** Where a field's value comes from: columns of the file (joined), or the same value for every row. */
export interface Source {
  columns?: string[];
  join?: string;
  constant?: string;
  /** What the file says → what it means, for fields with fixed choices. */
  values?: Record<string, string>;
}

export type Mapping = Record<string, Source>;

export interface Upload {
  id: string;
  file_name: string;
  rows: number;
  columns: { name: string; samples: string[] }[];
  mapping: Mapping;
  /** Codes of what was noticed while reading: a title above the header, a second sheet. */
  notes?: string[];
}

export interface RowError {
  row?: number;
  field: string;
  code: string;
  message: string;
  value?: unknown;
}

export interface CheckResult {
  rows: number;
  ready: number;
  bad: number;
  repeated: number;
  existing: number;
  errors: RowError[];
  unmatched?: Record<string, string[]>;
  preview?: Record<string, unknown>[];
}

export interface Outcome {
  created: number;
  bad: number;
  repeated: number;
  existing: number;
}

export const MOST_BYTES = 20 * 1024 * 1024;

export function uploadFile(resource: Resource, file: File, encoding: string): Promise<Upload> {
  return api.post<Upload>(`${resource.path}/imports`, { query: { file_name: file.name, encoding }, raw: file });
}

export function checkImport(resource: Resource, id: string, mapping: Mapping): Promise<CheckResult> {
  return api.post<CheckResult>(`${resource.path}/imports/${id}/check`, { body: { mapping } });
}

export async function commitImport(resource: Resource, id: string): Promise<Outcome> {
  const outcome = await api.post<Outcome>(`${resource.path}/imports/${id}/commit`, { body: {} });
  await rowsChanged();
  return outcome;
}

/** A preview row is the record as it would be made, alone or beside its row number. */
export function previewValues(row: Record<string, unknown>): Row {
  return (typeof row.values === "object" && row.values !== null ? row.values : row) as Row;
}
