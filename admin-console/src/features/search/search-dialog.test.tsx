import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Truck } from "lucide-react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { problem, server } from "../../../test/server";
import { fitting, grade } from "./entries";
import { SearchDialog } from "./search-dialog";

const pages = [
  { to: "/", label: "Dashboard", icon: Truck, under: undefined },
  { to: "/fleet/vehicles", label: "Vehicles", icon: Truck, under: "Fleet" },
];

let asked: string[] = [];

beforeEach(async () => {
  asked = [];
  await signIn({ email: "owner@example.sa", password: "x" });
  server.use(
    http.get("*/api/v1/search", ({ request }) => {
      const q = new URL(request.url).searchParams.get("q") ?? "";
      asked.push(q);
      const data = [
        { resource: "fleet.couriers", id: "c1", title: "Vehbi Aslan" },
        { resource: "fleet.vehicles", id: "v1", title: "VEH 1234" },
        { resource: "secret.things", id: "s1", title: "not described, not shown" },
      ];
      return HttpResponse.json({ data: q.startsWith("veh") ? data : [] });
    }),
  );
});

async function open() {
  const onClose = vi.fn();
  const router = await renderPage(<SearchDialog pages={pages} onClose={onClose} />);
  return { onClose, router, user: userEvent.setup(), box: await screen.findByRole("combobox") };
}

describe("the search over everything", () => {
  it("finds pages, things to do and rows, grouped by what they are", async () => {
    const { user, box } = await open();
    await user.type(box, "veh");
    const rows = await screen.findByRole("group", { name: "Couriers" });
    expect(within(rows).getByRole("option", { name: "Vehbi Aslan" })).toBeInTheDocument();
    expect(within(screen.getByRole("group", { name: "Pages" })).getByText("Vehicles")).toBeInTheDocument();
    const tasks = within(screen.getByRole("group", { name: "Things to do" }));
    expect(tasks.getByRole("option", { name: "New Vehicle" })).toBeInTheDocument();
    // Couriers may be read but not made.
    expect(tasks.queryByText("New Courier")).not.toBeInTheDocument();
    expect(screen.queryByText(/not described/)).not.toBeInTheDocument();
    expect(asked).toEqual(["veh"]);
  });

  it("is walked by the arrow keys, opens by Enter and remembers where one went", async () => {
    const { user, box, onClose, router } = await open();
    await user.type(box, "veh");
    await screen.findByRole("option", { name: "VEH 1234" });
    expect(screen.getByRole("option", { selected: true })).toHaveTextContent("Vehicles");
    await user.keyboard("{ArrowUp}");
    expect(screen.getByRole("option", { selected: true })).toHaveTextContent("All Couriers with “veh”");
    await user.keyboard("{ArrowUp}{Enter}");
    expect(onClose).toHaveBeenCalled();
    await waitFor(() => expect(router.state.location.pathname).toBe("/fleet/couriers/c1"));
    const kept = Object.entries(localStorage).find(([name]) => name === "barq.search.recent.o1.u1");
    expect(kept?.[1]).toContain("Vehbi Aslan");
  });

  it("says what to do when nothing is found, and what failed when something did", async () => {
    const { user, box } = await open();
    await user.type(box, "zz");
    expect(await screen.findByText(/Nothing found for “zz”/)).toBeInTheDocument();
    server.use(http.get("*/api/v1/search", () => problem(429, { code: "rate_limited", title: "Too many requests." })));
    await user.type(box, "y");
    expect(await screen.findByRole("alert")).toHaveTextContent("Too many requests.");
  });

  it("does not ask the server for a single letter", async () => {
    const { user, box } = await open();
    await user.type(box, "v");
    await screen.findByRole("group", { name: "Pages" });
    await new Promise((done) => setTimeout(done, 250));
    expect(asked).toEqual([]);
  });
});

describe("what fits", () => {
  it("begins with it, then has a word that does, then holds all its words", () => {
    const labels = ["Old fuel logs", "Logs of fuel", "Fuel logs", "Vehicles"];
    expect(fitting(labels, "fuel", (label) => label, 9)).toEqual(["Fuel logs", "Old fuel logs", "Logs of fuel"]);
    expect(grade("Logs of fuel", "fuel logs")).toBe(2);
  });

  it("does not mind how an Arabic word is spelled", () => {
    expect(grade("الإجازات", "الاجازات")).toBe(0);
    expect(grade("مركبة", "مركبه")).toBe(0);
  });
});
