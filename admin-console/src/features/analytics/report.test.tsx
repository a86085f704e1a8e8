import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import { formatFor } from "@/lib/format";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { ReportView } from "./report";
import { written } from "./report-words";

vi.mock("@/ui/chart", () => ({ Chart: ({ label }: { label: string }) => <p>{label}</p> }));

const figure = (name: string, unit: string, value: string | null) => ({
  name,
  label: name,
  unit,
  definition: `how ${name} is made`,
  value,
  previous: value === null ? null : "10",
  change_percent: value === null ? null : "-12.5",
});

beforeEach(async () => {
  await signIn({ email: "owner@example.sa", password: "x" });
  server.use(
    http.get("*/api/v1/analytics/report_types", () =>
      HttpResponse.json({ data: [{ name: "cost", area: "fleet", title: "Costs of the fleet", summary: "" }] }),
    ),
    http.get("*/api/v1/analytics/computed/cost", () =>
      HttpResponse.json({
        report: "cost",
        title: "Costs",
        currency: "SAR",
        period: { from: "2026-01-01", to: "2026-01-30", days: 30 },
        compared_with: { from: "2025-12-02", to: "2025-12-31", days: 30 },
        figures: [
          figure("spent", "money", "8750.00"),
          figure("per_km", "money", null),
          { ...figure("trips", "count", "12"), previous: "0", change_percent: "100" },
        ],
        sections: [
          { name: "vehicle_type", resource: null, total_rows: 1, rows: [row("car", null)] },
          { name: "vehicle", resource: "fleet.vehicles", total_rows: 900, rows: [row("v1", "ABD 1234")] },
        ],
      }),
    ),
  );
});

const row = (key: string, title: string | null) => ({ key, title, values: { spent: "8750.00", per_km: null } });

it("shows figures with what they were before, and what cannot be known as not known", async () => {
  await renderPage(<ReportView name="cost" />);
  expect(await screen.findByRole("heading", { name: "Costs of the fleet" })).toBeInTheDocument();
  const [spent] = screen.getAllByTitle("how spent is made");
  expect(spent).toHaveTextContent("8,750.00 SAR");
  expect(spent).toHaveTextContent("-12.5%");
  expect(screen.getAllByTitle("how per_km is made")[0]).toHaveTextContent("not known");
  const [trips] = screen.getAllByTitle("how trips is made");
  expect(trips).toHaveTextContent("before: 0");
  expect(trips).not.toHaveTextContent("100%");
});

it("names rows by the words of the field they are of, and leads to the records they stand for", async () => {
  const user = userEvent.setup();
  await renderPage(<ReportView name="cost" />);
  const table = await screen.findByRole("table", { name: "Kind of vehicle" });
  expect(within(table).getByText("Car")).toBeInTheDocument();
  await user.click(screen.getByRole("tab", { name: "Vehicle" }));
  expect(await screen.findByRole("link", { name: "ABD 1234" })).toHaveAttribute("href", "/fleet/vehicles/v1");
  expect(screen.getByText("The first 1 of 900 are shown.")).toBeInTheDocument();
});

it("asks for other days and another comparison by the address", async () => {
  const user = userEvent.setup();
  const router = await renderPage(<ReportView name="cost" />);
  await user.selectOptions(await screen.findByLabelText("Compared with"), "year");
  await waitFor(() => expect(router.state.location.search).toMatchObject({ compare: "year" }));
});

it("writes each unit as people read it", () => {
  const format = formatFor("en", "gregory", "Asia/Riyadh");
  expect(written("81.256", "percent", format, "SAR")).toBe("81.3%");
  expect(written("1200.5", "money", format, "SAR")).toBe("1,200.50 SAR");
  expect(written("41.7", "min", format, "SAR")).toBe("42");
  expect(written(null, "count", format, "SAR")).toBeUndefined();
});
