import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Field, Resource } from "@/api/model";
import { titleOf } from "@/lib/resource-api";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { ResourceForm } from "../form/resource-form";
import { kindOf } from "./registry";

function tickets(...fields: Field[]): Resource {
  return {
    module: "support",
    name: "tickets",
    path: "/api/v1/support/tickets",
    title: ["subject"],
    verbs: ["list", "read", "create"],
    fields: fields.map((field) => ({ writable: true, ...field })),
    actions: [],
  };
}

async function formOf(resource: Resource) {
  const sent = vi.fn();
  server.use(
    http.post("*/api/v1/support/tickets", async ({ request }) => {
      sent(await request.json());
      return HttpResponse.json({ id: "t1", version: 1, created_at: "", updated_at: "" }, { status: 201 });
    }),
  );
  await signIn({ email: "owner@example.sa", password: "x" });
  const onSaved = vi.fn();
  await renderPage(<ResourceForm resource={resource} onSaved={onSaved} onCancel={vi.fn()} />);
  return { sent, onSaved, user: userEvent.setup() };
}

describe("a field that names a colleague", () => {
  it("offers the company's members by name, oneself first, and sends the id", async () => {
    const searched = vi.fn();
    server.use(
      http.get("*/api/v1/members/options", ({ request }) => {
        searched(new URL(request.url).searchParams.get("search"));
        const data = [
          { id: "u2", title: "Ali Hassan" },
          { id: "u1", title: "Sara Al-Harbi" },
        ];
        return HttpResponse.json({ data });
      }),
    );
    const { sent, user } = await formOf(tickets({ name: "assigned_to", kind: "member" }));
    await user.click(screen.getByRole("combobox", { name: "Assigned to" }));
    const options = await screen.findAllByRole("option");
    expect(options.map((option) => option.textContent)).toEqual(["Sara Al-Harbi (me)", "Ali Hassan"]);
    await user.click(options[1] as HTMLElement);
    expect(screen.getByRole("combobox", { name: "Assigned to" })).toHaveTextContent("Ali Hassan");
    await user.click(screen.getByRole("button", { name: "Create" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ assigned_to: "u2" }));
  });

  it("shows the name that came with the row", async () => {
    const { Cell } = kindOf("member");
    const field: Field = { name: "approved_by", kind: "member" };
    const row = { id: "1", version: 1, created_at: "", updated_at: "", approved_by_title: "Ali Hassan" };
    await renderPage(<Cell field={field} resource={tickets()} value="u2" row={row} />);
    expect(screen.getByText("Ali Hassan")).toBeInTheDocument();
  });
});

describe("a time of day", () => {
  it("is sent as hours and minutes and shown left to right", async () => {
    const { sent, user } = await formOf(tickets({ name: "opens_at", kind: "time" }));
    await user.type(screen.getByLabelText("Opens at"), "08:30");
    await user.click(screen.getByRole("button", { name: "Create" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ opens_at: "08:30" }));
  });

  it("that is none is refused before the server is asked", () => {
    expect(kindOf("time").check?.("25:00")).toBe("not_a_time");
    expect(kindOf("time").check?.("")).toBeUndefined();
  });
});

describe("structured data", () => {
  it("is entered line by line with the kind of each value", async () => {
    const { sent, user } = await formOf(tickets({ name: "conditions", kind: "json" }));
    await user.click(screen.getByRole("button", { name: "Add a line" }));
    await user.type(screen.getByLabelText("Name"), "max_km");
    await user.selectOptions(screen.getByLabelText("Kind of value"), "number");
    await user.type(screen.getByLabelText("Value"), "١٢");
    await user.click(screen.getByRole("button", { name: "Create" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ conditions: { max_km: 12 } }));
  });

  it("typed as text is not sent before it can be read", async () => {
    const { sent, user } = await formOf(tickets({ name: "conditions", kind: "json" }));
    await user.click(screen.getByRole("button", { name: "Edit as text" }));
    await user.type(screen.getByLabelText("Conditions"), "[[1,");
    expect(screen.getByText("Not readable yet: look at line 1.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Create" }));
    expect(await screen.findByText(/not valid structured data/)).toBeInTheDocument();
    expect(sent).not.toHaveBeenCalled();
    await user.type(screen.getByLabelText("Conditions"), "2]");
    await user.click(screen.getByRole("button", { name: "Create" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ conditions: [1, 2] }));
  });

  it("is read as names beside values", async () => {
    const { Cell } = kindOf("json");
    const value = { working_days: ["sunday", "monday"], open: true, steps: [{ name: "Check", minutes: 5 }] };
    await renderPage(<Cell field={{ name: "x", kind: "json" }} resource={tickets()} value={value} full />);
    expect(screen.getByText("Working days")).toBeInTheDocument();
    expect(screen.getByText("Yes")).toBeInTheDocument();
    expect(screen.getByRole("columnheader", { name: "Minutes" })).toBeInTheDocument();
  });
});

it("leaves a number for people to the server and shows it as a name", async () => {
  const number: Field = {
    name: "ticket_number",
    kind: "text",
    required: true,
    unique: true,
    read_only: true,
    writable: false,
  };
  const resource = tickets(number, { name: "subject", kind: "text" });
  await formOf(resource);
  expect(screen.queryByLabelText(/Ticket number/)).not.toBeInTheDocument();
  const row = {
    id: "1",
    version: 1,
    created_at: "",
    updated_at: "",
    ticket_number: "TKT-20261122-0001",
    subject: "Tyre",
  };
  expect(titleOf(resource, row)).toBe("TKT-20261122-0001 · Tyre");
});
