import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { renderPage } from "../../../test/render";
import { problem, server } from "../../../test/server";
import type { Role } from "./access-api";
import { type Entry, type Part, placesOf } from "./permissions";
import { RoleForm } from "./role-form";

const entry = (name: string, label: string, more: Partial<Entry> = {}): Entry => ({
  name,
  label,
  kind: "verb",
  fields: [],
  is_scoped: false,
  grantable: "all",
  ...more,
});

const parts: Part[] = [
  {
    module: "fleet",
    label: "Fleet",
    groups: [
      {
        name: "couriers",
        label: "Couriers",
        permissions: [
          entry("couriers.read", "See", { is_scoped: true, grantable: "team" }),
          entry("couriers.update", "Change", { is_scoped: true }),
          entry("couriers.delete", "Delete", { is_scoped: true, grantable: null }),
        ],
      },
      {
        name: "vehicles",
        label: "Vehicles",
        permissions: [
          entry("vehicles.read", "See vehicles"),
          entry("vehicles.retire", "Retire", { kind: "action", grantable: null }),
        ],
      },
    ],
  },
];
const places = placesOf(parts);

const role: Role = {
  id: "r1",
  name: "Leads",
  description: null,
  is_built_in: false,
  members: 2,
  permissions: [
    { name: "couriers.read", scope: "own" },
    { name: "gone.read", scope: "all" },
  ],
  version: 7,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

async function openAll(user: ReturnType<typeof userEvent.setup>) {
  await user.click(screen.getByRole("button", { name: /^Fleet/ }));
  await user.click(screen.getByRole("button", { name: /^Couriers/ }));
  await user.click(screen.getByRole("button", { name: /^Vehicles/ }));
}

it("shows what is above the caller with the reason, and lets nobody choose it", async () => {
  const user = userEvent.setup();
  await renderPage(<RoleForm role={role} parts={parts} places={places} shown />);
  await openAll(user);
  const see = within(screen.getByRole("group", { name: "See" }));
  expect(see.getByRole("radio", { name: "Own" })).toBeChecked();
  expect(see.getByRole("radio", { name: "Team" })).toBeEnabled();
  expect(see.getByRole("radio", { name: "All" })).toBeDisabled();
  expect(screen.getByRole("group", { name: "See" })).toHaveAccessibleDescription("You have this for: Team");
  for (const choice of within(screen.getByRole("group", { name: "Delete" })).getAllByRole("radio")) {
    expect(choice).toBeDisabled();
  }
  const retire = screen.getByRole("checkbox", { name: /^Retire/ });
  expect(retire).toBeDisabled();
  expect(retire).toHaveAccessibleDescription("You do not have this yourself");
});

it("shows what changes before it is saved, sends the whole role, and says what the server refuses", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/roles/r1/change", async ({ request }) => {
      sent.push(await request.json());
      if (sent.length === 1) {
        return problem(422, { errors: [{ field: "name", code: "taken", message: "There is one of that name." }] });
      }
      return HttpResponse.json({ ...role, name: "Leaders", version: 8 });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<RoleForm role={role} parts={parts} places={places} shown />);
  expect(screen.queryByRole("button", { name: "Review and save" })).not.toBeInTheDocument();
  await openAll(user);
  // By the keyboard alone: arrows walk through the scopes.
  within(screen.getByRole("group", { name: "See" }))
    .getByRole("radio", { name: "Own" })
    .focus();
  await user.keyboard("{ArrowRight}");
  await user.click(screen.getByRole("checkbox", { name: "See vehicles" }));
  await user.clear(screen.getByLabelText(/^Name/));
  await user.type(screen.getByLabelText(/^Name/), "Leaders");
  expect(screen.getByText("New: 1 · Wider: 1")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("It acts on the next request of 2 members.")).toBeInTheDocument();
  expect(dialog.getByText("Renamed: Leads → Leaders")).toBeInTheDocument();
  const changes = dialog.getAllByRole("listitem").map((item) => item.textContent);
  expect(changes).toContain("WiderSeeOwnTeam");
  expect(changes).toContain("NewSee vehicles");
  await user.click(dialog.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("There is one of that name.")).toBeInTheDocument();
  expect(screen.getByLabelText(/^Name/)).toHaveAccessibleDescription("There is one of that name.");
  await user.click(screen.getByRole("button", { name: "Review and save" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Save" }));
  // What this installation does not know is not sent: the server would refuse it.
  await waitFor(() =>
    expect(sent[1]).toEqual({
      name: "Leaders",
      description: "",
      permissions: [
        { name: "couriers.read", scope: "team" },
        { name: "vehicles.read", scope: "all" },
      ],
      version: 7,
    }),
  );
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

it("offers seeing where something reaches further than it", async () => {
  const user = userEvent.setup();
  await renderPage(<RoleForm role={role} parts={parts} places={places} shown />);
  await openAll(user);
  await user.click(within(screen.getByRole("group", { name: "Change" })).getByRole("radio", { name: "Team" }));
  expect(screen.getByText("Reaches further than seeing does, which has no effect: Change.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Allow seeing too" }));
  expect(within(screen.getByRole("group", { name: "See" })).getByRole("radio", { name: "Team" })).toBeChecked();
  expect(screen.queryByText(/Reaches further/)).not.toBeInTheDocument();
});
