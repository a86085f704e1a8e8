import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { renderPage } from "../../../test/render";
import { problem, server, session } from "../../../test/server";
import { InviteDialog } from "./invite-dialog";
import { MemberSheet } from "./member-sheet";

const member = (user_id: string, full_name: string, membership: string, roles: string[] = []) => ({
  user_id,
  full_name,
  email: `${user_id}@example.sa`,
  membership,
  roles,
  status: "active",
  created_at: "2026-01-01T00:00:00Z",
});

const dispatcher = {
  id: "dispatcher",
  name: "Dispatcher",
  description: null,
  is_built_in: true,
  members: 1,
  permissions: [],
};

beforeEach(() => {
  server.use(
    http.get("*/api/v1/auth/me", () =>
      HttpResponse.json({
        ...session,
        organization: {
          ...session.organization,
          currency: "SAR",
          time_zone: "Asia/Riyadh",
          locale: "en",
          calendar: "",
        },
        permissions: ["members.read", "members.create", "members.update", "members.remove", "roles.read"],
        scopes: {},
      }),
    ),
    http.get("*/api/v1/tenancy/members", () =>
      HttpResponse.json({
        data: [member("u1", "Sara Al-Harbi", "owner"), member("u2", "Ali Hassan", "viewer", ["dispatcher"])],
        next: null,
      }),
    ),
    http.get("*/api/v1/tenancy/invitations", () => HttpResponse.json({ data: [], next: null })),
    http.get("*/api/v1/roles", () => HttpResponse.json({ data: [dispatcher] })),
    http.get("*/api/v1/permissions", () => HttpResponse.json({ data: [] })),
  );
});

it("says why the last owner cannot go before it is tried", async () => {
  await renderPage(<MemberSheet id="u1" onClose={() => undefined} />);
  expect(await screen.findByText("This is the only owner")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Leave the organization" })).toBeDisabled();
  expect(screen.getByText("You cannot change your own role. Another administrator can.")).toBeInTheDocument();
});

it("warns that a viewer without roles sees everything, and shows the refusal of the server", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/v1/tenancy/members/u2/roles", async ({ request }) => {
      sent.push(await request.json());
      return problem(409, { code: "above_own", title: "You cannot give more than you may do yourself." });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<MemberSheet id="u2" onClose={() => undefined} />);
  await user.click(await screen.findByRole("checkbox", { name: "Dispatcher" }));
  expect(screen.getByText(/A viewer without job roles sees everything/)).toBeInTheDocument();
  await user.selectOptions(screen.getByLabelText("Membership"), "manager");
  expect(screen.queryByText(/A viewer without job roles/)).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Save role" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("You cannot give more than you may do yourself.");
  expect(sent).toEqual([{ membership: "manager", roles: [] }]);
});

it("invites several, keeps what was refused with the reason, and does not send the others again", async () => {
  const sent: string[] = [];
  let done = 0;
  server.use(
    http.post("*/api/v1/tenancy/invitations", async ({ request }) => {
      const { email } = (await request.json()) as { email: string };
      sent.push(email);
      return email === "sara@example.sa"
        ? problem(422, { errors: [{ field: "email", code: "taken", message: "Is already used." }] })
        : HttpResponse.json({ id: email, email }, { status: 201 });
    }),
  );
  const user = userEvent.setup();
  await renderPage(
    <InviteDialog
      onClose={() => undefined}
      onDone={() => {
        done += 1;
      }}
    />,
  );
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText(/E-mail addresses/), "Ali <ali@example.sa>, sara@example.sa noura@example");
  expect(dialog.getByText("Not an address: noura@example")).toBeInTheDocument();
  expect(dialog.getByRole("button", { name: "Send 2 invitations" })).toBeDisabled();
  await user.type(dialog.getByLabelText(/E-mail addresses/), ".sa");
  await user.click(dialog.getByRole("button", { name: "Send 3 invitations" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent(
    "sara@example.sa: belongs to a member, or is invited already",
  );
  expect(dialog.getByText("2 invitations sent")).toBeInTheDocument();
  expect(dialog.getByLabelText(/E-mail addresses/)).toHaveValue("sara@example.sa");
  expect(sent).toEqual(["ali@example.sa", "sara@example.sa", "noura@example.sa"]);
  await user.clear(dialog.getByLabelText(/E-mail addresses/));
  await user.type(dialog.getByLabelText(/E-mail addresses/), "omar@example.sa");
  await user.click(dialog.getByRole("button", { name: "Send invitation" }));
  await waitFor(() => expect(done).toBe(1));
  expect(sent.at(-1)).toBe("omar@example.sa");
});
