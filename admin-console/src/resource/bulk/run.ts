import type { Action, Field, Resource, Row } from "@/api/model";
import { api } from "@/lib/api";
import { randomKey } from "@/lib/id";
import { limiter } from "@/lib/limit";
import { Problem } from "@/lib/problem";

/** What is to be done with each of many rows. */
export type Work =
  | { kind: "delete" }
  | { kind: "edit"; field: Field; value: unknown }
  | { kind: "action"; action: Action; inputs: object };

export interface Outcome {
  row: Row;
  state: "waiting" | "done" | "failed";
  error?: unknown;
}

/** The most operations that the server takes in one body. */
export const BATCH = 100;
const AT_ONCE = 4;

interface Run {
  resource: Resource;
  rows: Row[];
  work: Work;
  signal: AbortSignal;
  tell: (outcome: Outcome) => void;
}

/**
 * Does one thing with many rows and tells each row's outcome. Changes and deletions go to the server in batches, which
 * it does wholly or not at all; a batch that it refuses is tried row by row, so that one bad row keeps no good one back.
 * Actions are always run row by row.
 */
export async function runBulk({ resource, rows, work, signal, tell }: Run): Promise<void> {
  const run = limiter(AT_ONCE);
  const single = (row: Row) =>
    run(async () => {
      try {
        await one(resource, row, work, signal);
        tell({ row, state: "done" });
      } catch (error) {
        if (!signal.aborted) tell({ row, state: "failed", error });
      }
    }, signal).catch(() => undefined); // stopped before it began

  if (work.kind === "action" || !resource.verbs.includes("bulk")) {
    await Promise.all(rows.map(single));
    return;
  }
  for (let start = 0; start < rows.length && !signal.aborted; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    try {
      const operations = batch.map((row) => operation(row, work));
      await api.post(`${resource.path}/bulk`, {
        body: { operations },
        headers: { "Idempotency-Key": randomKey() },
        signal,
      });
      for (const row of batch) tell({ row, state: "done" });
    } catch (error) {
      if (signal.aborted) return;
      if (refused(error)) await Promise.all(batch.map(single));
      else for (const row of batch) tell({ row, state: "failed", error });
    }
  }
}

/** The server understood and said no, as against not being there at all. */
function refused(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function operation(row: Row, work: Exclude<Work, { kind: "action" }>) {
  const of = { id: row.id, version: row.version };
  return work.kind === "delete"
    ? { op: "delete", ...of }
    : { op: "update", ...of, data: { [work.field.name]: work.value } };
}

async function one(resource: Resource, row: Row, work: Work, signal: AbortSignal): Promise<void> {
  const path = `${resource.path}/${row.id}`;
  const headers = { "If-Match": `"${row.version}"` };
  if (work.kind === "delete") await api.delete(path, { headers, signal });
  else if (work.kind === "edit") await api.patch(path, { body: { [work.field.name]: work.value }, headers, signal });
  else {
    const body = work.inputs;
    await api.post(`${path}/${work.action.name}`, { body, headers: { "Idempotency-Key": randomKey() }, signal });
  }
}
