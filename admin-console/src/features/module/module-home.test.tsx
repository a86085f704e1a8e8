import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Resource } from "@/api/model";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { problem, server } from "../../../test/server";
import { mattersOf } from "./attention";
import { valueAt } from "./figures";
import { ModuleHome } from "./module-home";

const choice = (name: string, values: string[]) => ({ name, kind: "choice" as const, values, read_only: true });

const tickets: Resource = {
  module: "support",
  name: "tickets",
  path: "/api/v1/support/tickets",
  title: ["subject"],
  verbs: ["list", "read", "create"],
  fields: [
    { name: "subject", kind: "text", search: true, list: true },
    choice("status", ["open", "pending", "closed", "failed"]),
    { name: "expires_on", kind: "date" },
  ],
  actions: [{ name: "close", when: { field: "status", values: ["open", "pending"] } }],
};

const day = (offset: number) => `day${offset}`;

describe("what may need attention", () => {
  it("follows from the states that wait and the days that come due, among rows that are not over", () => {
    const matters = mattersOf(tickets, day);
    expect(matters.map(({ kind, filter }) => [kind, filter])).toEqual([
      ["state", { status: "pending" }],
      ["overdue", { "status.in": "open,pending,failed", "expires_on.lt": "day0" }],
      ["soon", { "status.in": "open,pending,failed", "expires_on.gte": "day0", "expires_on.lte": "day30" }],
    ]);
  });

  it("takes a state that went wrong only where something can still be done", () => {
    const retried = { ...tickets, actions: [{ name: "retry", when: { field: "status", values: ["failed"] } }] };
    expect(mattersOf(retried, day).some(({ value }) => value === "failed")).toBe(true);
  });

  it("is not the end of a period that was planned, nor of a warranty", () => {
    const fields = ["ends_on", "warranty_expires_on"].map((name) => ({ name, kind: "date" as const }));
    expect(mattersOf({ ...tickets, fields }, day)).toEqual([]);
  });
});

it("finds a figure deep in an answer, and nothing where there is none", () => {
  expect(valueAt({ fuel: { doubtful: 3 } }, "fuel.doubtful")).toBe(3);
  expect(valueAt({ fuel: null }, "fuel.doubtful")).toBeUndefined();
});

describe("the page of a module", () => {
  const counts: Record<string, number> = { "": 5, "status=open": 2, "status=pending": 3 };

  beforeEach(async () => {
    await signIn({ email: "owner@example.sa", password: "x" });
    server.use(
      http.get("*/api/v1/description", () =>
        HttpResponse.json({ modules: [{ name: "support", resources: [tickets] }] }),
      ),
      http.get("*/api/v1/support/tickets", ({ request }) => {
        const query = new URL(request.url).searchParams;
        if (query.get("total") === "true") {
          const filters = [...query].filter(([name]) => name !== "total" && name !== "limit");
          const key = filters.map((pair) => pair.join("=")).join("&");
          return HttpResponse.json({ data: [], next: null, total: counts[key] ?? 0 });
        }
        const row = { id: "t1", version: 1, created_at: "2026-01-01T00:00:00Z", updated_at: "", status: "open" };
        return HttpResponse.json({ data: [{ ...row, subject: "Flat tyre" }], next: null });
      }),
    );
  });

  it("counts each state and leads to its rows, names what waits, and shows the newest", async () => {
    await renderPage(<ModuleHome name="support" />);
    expect(await screen.findByRole("link", { name: "Pending: 3" })).toHaveAttribute(
      "href",
      "/support/tickets?status.in=pending",
    );
    expect(screen.getByRole("img", { name: /Open: 2.*Pending: 3/ })).toBeInTheDocument();
    expect(screen.getByText("5 records")).toBeInTheDocument();
    expect(await screen.findByRole("link", { name: /Status: Pending/ })).toHaveTextContent("3");
    expect(await screen.findByRole("link", { name: /Flat tyre/ })).toHaveAttribute("href", "/support/tickets/t1");
    expect(screen.getAllByRole("link", { name: "New Tickets" })[0]).toHaveAttribute("href", "/support/tickets/new");
  });

  it("says what to do where nothing is there yet", async () => {
    server.use(http.get("*/api/v1/support/tickets", () => HttpResponse.json({ data: [], next: null, total: 0 })));
    await renderPage(<ModuleHome name="support" />);
    expect(await screen.findByText("Nothing is waiting")).toBeInTheDocument();
    const newest = (await screen.findByText("No Tickets yet")).closest("div") as HTMLElement;
    expect(within(newest).getByRole("link", { name: "New Tickets" })).toBeInTheDocument();
  });

  it("says what failed and tries again", async () => {
    server.use(http.get("*/api/v1/support/tickets", () => problem(403, { title: "Not allowed." }), { once: false }));
    await renderPage(<ModuleHome name="support" />);
    expect((await screen.findAllByRole("alert"))[0]).toHaveTextContent("Not allowed.");
    server.use(http.get("*/api/v1/support/tickets", () => HttpResponse.json({ data: [], next: null, total: 0 })));
    await userEvent.setup().click((await screen.findAllByRole("button", { name: "Try again" }))[0] as HTMLElement);
    expect(await screen.findByText("Nothing is waiting")).toBeInTheDocument();
  });

  it("tells a module that is not there from one that is empty", async () => {
    await renderPage(<ModuleHome name="workflow" />);
    expect(screen.getByRole("heading", { name: "Nothing of Workflow is yours to see" })).toBeInTheDocument();
  });
});
