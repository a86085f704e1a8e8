import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { Replay } from "./replay";
import { call, entry, installation, version } from "./sample";
import { PluginSettings } from "./settings";
import { Tasks } from "./tasks";
import { Timeline } from "./timeline-card";
import { Upload } from "./upload";

const API = "*/api/v1/integrations";

it("tells a call step by step, with what the plugin wrote where it wrote it", async () => {
  server.use(
    http.get(`${API}/plugin_calls/c1/recording`, () =>
      HttpResponse.json({
        steps: [
          { after_us: 40, call: "log.write", asked: "", answered: "" },
          { after_us: 900, call: "http.send", asked: "GET https://fuel.example/v1", answered: "503, 12 bytes" },
        ],
        lines: [{ at: "2026-11-20T08:00:00Z", level: "info", message: "asking", fields: [["since", "1"]] }],
      }),
    ),
  );
  await renderPage(<Timeline call={call} />);
  const rows = await screen.findAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringContaining("asking"),
    expect.stringContaining("Answered 503"),
  ]);
  expect(rows[1]).toHaveTextContent("900 µs");
});

it("says calmly when a recording is no longer kept", async () => {
  const gone = { code: "plugin_recording_gone", detail: "Not kept any longer.", status: 409 };
  server.use(
    http.get(`${API}/plugin_calls/c1/recording`, () =>
      HttpResponse.json(gone, { status: 409, headers: { "content-type": "application/problem+json" } }),
    ),
  );
  await renderPage(<Timeline call={call} />);
  expect(await screen.findByText("Not kept any longer.")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

it("waits for a replay and says whether the same came out", async () => {
  let replayed = false;
  server.use(
    http.post(`${API}/plugin_calls/c1/replay`, () => {
      replayed = true;
      return HttpResponse.json({ id: "c1" }, { status: 202 });
    }),
    http.get(`${API}/plugin_calls/c1/recording`, () => HttpResponse.json({ steps: [], lines: [], incomplete: null })),
    http.get(`${API}/plugin_calls/c1`, () =>
      HttpResponse.json({ ...call, ...(replayed ? { replayed_at: "2026-11-20T09:00:00Z", replay_equal: true } : {}) }),
    ),
  );
  const user = userEvent.setup();
  await renderPage(<Replay call={call} />);
  await user.click(screen.getByRole("button", { name: "Replay this call" }));
  expect(await screen.findByText(/byte for byte/)).toBeInTheDocument();
});

it("offers failed work again and asks before it is let go", async () => {
  const discarded = vi.fn();
  const task = {
    ...call,
    id: "t1",
    status: "dead",
    origin: "webhook",
    subject: "order 7",
    attempts: 10,
    next_at: null,
    finished_at: "2026-11-20T08:00:00Z",
  };
  server.use(
    http.get(`${API}/plugin_tasks`, () => HttpResponse.json({ data: [task], next: null })),
    http.post(`${API}/plugin_tasks/t1/discard`, () => {
      discarded();
      return HttpResponse.json(task);
    }),
  );
  const user = userEvent.setup();
  await renderPage(<Tasks filter={{ status: "dead" }} />);
  expect(await screen.findByText("order 7")).toBeInTheDocument();
  expect(screen.getByText(/10 tries/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Discard" }));
  expect(discarded).not.toHaveBeenCalled();
  await user.click(screen.getAllByRole("button", { name: "Discard" }).at(-1) as HTMLElement);
  await waitFor(() => expect(discarded).toHaveBeenCalledOnce());
});

it("follows an upload until its check is over, and says who signed it", async () => {
  let asked = 0;
  server.use(
    http.post(`${API}/plugin_versions/upload`, () =>
      HttpResponse.json({ ...version, status: "checking" }, { status: 201 }),
    ),
    http.get(`${API}/plugin_versions/v1`, () => {
      asked += 1;
      return HttpResponse.json({ ...version, status: asked > 1 ? "ready" : "checking" });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<Upload onClose={() => undefined} onPublishers={() => undefined} />);
  await user.upload(screen.getByLabelText(/Choose a package/, { selector: "input" }), new File(["x"], "p.barq"));
  expect(await screen.findByText(/Najd Software/)).toBeInTheDocument();
  expect(await screen.findByText(/is ready/)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "See what it asks for" })).toHaveAttribute(
    "href",
    "/integrations/plugins/syarah-fuel",
  );
});

it("leads from an unknown publisher to where one is trusted", async () => {
  const detail = "Nobody here trusts this publisher.";
  server.use(
    http.post(`${API}/plugin_versions/upload`, () =>
      HttpResponse.json(
        { code: "invalid", errors: [{ field: "body", code: "package_publisher_unknown", message: detail }] },
        { status: 422, headers: { "content-type": "application/problem+json" } },
      ),
    ),
  );
  const led = vi.fn();
  const user = userEvent.setup();
  await renderPage(<Upload onClose={() => undefined} onPublishers={led} />);
  await user.upload(screen.getByLabelText(/Choose a package/, { selector: "input" }), new File(["x"], "p.barq"));
  expect(await screen.findByText(detail)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "To the trusted publishers" }));
  expect(led).toHaveBeenCalledOnce();
});

it("never shows a secret, and takes one away only when it is saved", async () => {
  const saved = vi.fn();
  server.use(
    http.post(`${API}/installations/i1/configure`, async ({ request }) => {
      saved(await request.json());
      return HttpResponse.json(installation);
    }),
  );
  const user = userEvent.setup();
  await renderPage(<PluginSettings entry={entry} installation={installation} />);
  const field = screen.getByLabelText(/API key/, { selector: "input" });
  expect(field).toHaveValue("");
  await user.click(screen.getByRole("button", { name: "Delete API key" }));
  expect(saved).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(saved).toHaveBeenCalledWith({ settings: {}, secrets: { api_key: null } }));
});
