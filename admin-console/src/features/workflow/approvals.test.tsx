import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { renderPage } from "../../../test/render";
import { problem, server } from "../../../test/server";
import { MyApprovals } from "./approvals";

const waiting = {
  id: "r1",
  workflow_instance_id: "w1",
  instance_number: "WF-1",
  subject: "Leave of Ali",
  template: "Leave approval",
  step: "Manager",
  priority: "high",
  is_delegated: false,
  requested_by_name: "Ali Hassan",
  asked_at: "2026-01-01T00:00:00Z",
  expires_at: "2026-01-02T00:00:00Z",
  is_overdue: true,
};

it("decides with a comment, shows a refusal in place, and leaves what was decided", async () => {
  let open = [waiting];
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/v1/workflow/my_approvals", () => HttpResponse.json({ data: open })),
    http.post("*/api/v1/workflow/approval_requests/r1/decide", async ({ request }) => {
      sent.push(await request.json());
      if (sent.length === 1) return problem(409, { code: "own_request", title: "Nobody decides their own request." });
      open = [];
      return HttpResponse.json({ id: "r1", status: "rejected" });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<MyApprovals />);
  expect(await screen.findByText("Leave of Ali")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Reject" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText("Comment"), "Too short notice");
  await user.click(dialog.getByRole("button", { name: "Reject" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("Nobody decides their own request.");
  await user.click(dialog.getByRole("button", { name: "Reject" }));
  expect(await screen.findByText("Nothing waits for your decision")).toBeInTheDocument();
  expect(sent[1]).toEqual({ decision: "rejected", comments: "Too short notice" });
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});
