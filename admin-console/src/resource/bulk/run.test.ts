import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Action, Row } from "@/api/model";
import { problem, server, vehicles } from "../../../test/server";
import { BATCH, type Outcome, runBulk, type Work } from "./run";

const rows: Row[] = Array.from({ length: BATCH + 20 }, (_, index) => ({
  id: `v${index}`,
  version: index + 1,
  created_at: "",
  updated_at: "",
}));

let calls: string[] = [];
beforeEach(() => {
  calls = [];
});

async function outcomesOf(some: Row[], work: Work, stop = new AbortController()) {
  const outcomes = new Map<string, Outcome>();
  await runBulk({
    resource: vehicles,
    rows: some,
    work,
    signal: stop.signal,
    tell: (outcome) => outcomes.set(outcome.row.id, outcome),
  });
  const ids = (state: Outcome["state"]) =>
    [...outcomes.values()].filter((one) => one.state === state).map((one) => one.row.id);
  return { done: ids("done"), failed: ids("failed") };
}

describe("work on many rows", () => {
  it("goes to the server in batches that name each row's version", async () => {
    const bodies: { operations: object[] }[] = [];
    server.use(
      http.post("*/api/v1/fleet/vehicles/bulk", async ({ request }) => {
        bodies.push((await request.json()) as { operations: object[] });
        return HttpResponse.json({ data: [] });
      }),
    );
    const field = { name: "year", kind: "integer" as const };
    const { done } = await outcomesOf(rows, { kind: "edit", field, value: 2024 });
    expect(done).toHaveLength(rows.length);
    expect(bodies.map((body) => body.operations.length)).toEqual([BATCH, 20]);
    expect(bodies[0]?.operations[1]).toEqual({ op: "update", id: "v1", version: 2, data: { year: 2024 } });
  });

  it("tries a refused batch row by row, so that one bad row keeps no good one back", async () => {
    server.use(
      http.post("*/api/v1/fleet/vehicles/bulk", () => problem(409, { code: "in_use" })),
      http.delete("*/api/v1/fleet/vehicles/:id", ({ params, request }) => {
        calls.push(`${params.id} ${request.headers.get("if-match")}`);
        return params.id === "v1" ? problem(409, { code: "in_use" }) : new HttpResponse(null, { status: 204 });
      }),
    );
    const { done, failed } = await outcomesOf(rows.slice(0, 3), { kind: "delete" });
    expect(done.sort()).toEqual(["v0", "v2"]);
    expect(failed).toEqual(["v1"]);
    expect(calls.sort()).toEqual(['v0 "1"', 'v1 "2"', 'v2 "3"']);
  });

  it("does not send a batch again row by row when the server is not well", async () => {
    server.use(http.post("*/api/v1/fleet/vehicles/bulk", () => problem(503, { code: "unavailable" })));
    const { failed } = await outcomesOf(rows.slice(0, 3), { kind: "delete" });
    expect(failed).toEqual(["v0", "v1", "v2"]);
  });

  it("runs an action once for each row and stops when it is told to", async () => {
    const stop = new AbortController();
    server.use(
      http.post("*/api/v1/fleet/vehicles/:id/retire", ({ params }) => {
        calls.push(String(params.id));
        if (calls.length === 8) stop.abort();
        return HttpResponse.json({ id: params.id });
      }),
    );
    const action: Action = { name: "retire" };
    const { done } = await outcomesOf(rows.slice(0, 60), { kind: "action", action, inputs: {} }, stop);
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls.length).toBeLessThan(20);
    expect(done.length).toBeLessThanOrEqual(calls.length);
  });
});
