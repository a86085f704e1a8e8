import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { RunTable } from "./run-table";
import type { PayRow } from "./table-rows";

const COUNT = 2_000;
const HEIGHT_PX = 600;

const rows: PayRow[] = Array.from({ length: COUNT }, (_, index) => ({
  id: `s${index}`,
  courierId: `c${index}`,
  name: `Courier ${String(index).padStart(4, "0")}`,
  category: index % 2 ? "motorcycle" : "ecommerce",
  status: index === 7 ? "held" : "calculated",
  orders: 400,
  gross: "2000.00",
  net: `${1000 + index}.00`,
  before: "1500.00",
  change: `${index - 500}.00`,
  percent: null,
  carried: "0.00",
  outlier: index === 1234 ? "fell" : null,
  because: [],
}));

// jsdom lays nothing out: the frame gets the height that a screen would give it.
const heights = ["offsetHeight", "clientHeight"] as const;
const before = heights.map((name) => Object.getOwnPropertyDescriptor(HTMLElement.prototype, name));
beforeAll(() => {
  for (const name of heights) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => HEIGHT_PX });
  }
});
afterAll(() => {
  heights.forEach((name, index) => {
    const was = before[index];
    if (was) Object.defineProperty(HTMLElement.prototype, name, was);
  });
});

async function shown() {
  await signIn({ email: "noura@fleet.example", password: "password" });
  const router = await renderPage(<RunTable rows={rows} />);
  return { router, grid: await screen.findByRole("grid") };
}

it("draws only the rows in sight of two thousand, what stands out first", async () => {
  const { grid } = await shown();
  const drawn = within(grid).getAllByRole("row");
  expect(drawn.length).toBeGreaterThan(10);
  expect(drawn.length).toBeLessThan(60);
  expect(grid).toHaveAttribute("aria-rowcount", String(COUNT));
  expect(drawn[0]).toHaveTextContent("Courier 1234");
  expect(drawn[0]).toHaveTextContent("Far less than last month");
});

it("is walked by keys: letters search, Enter opens the payslip", async () => {
  const { router, grid } = await shown();
  const user = userEvent.setup();
  grid.focus();
  const active = () => grid.getAttribute("aria-activedescendant")?.match(/-(\d+)$/)?.[1];
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(active()).toBe("2");
  await user.keyboard("{End}");
  expect(active()).toBe(String(COUNT - 1));
  await user.keyboard("{Home}");
  expect(active()).toBe("0");
  await user.keyboard("0042");
  expect(screen.getByRole("searchbox")).toHaveFocus();
  expect(screen.getByRole("searchbox")).toHaveValue("0042");
  expect(grid).toHaveAttribute("aria-rowcount", "1");
  await user.keyboard("{Enter}");
  expect(router.state.location.pathname).toBe("/hr/payslips/s42");
});

it("sorts by net, and the other way round on a second press", async () => {
  const { grid } = await shown();
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Net" }));
  expect(within(grid).getAllByRole("row")[0]).toHaveTextContent("Courier 1999");
  await user.click(screen.getByRole("button", { name: "Net" }));
  expect(within(grid).getAllByRole("row")[0]).toHaveTextContent("Courier 0000");
});
