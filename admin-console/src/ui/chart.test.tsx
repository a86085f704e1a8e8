import { act, render, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Chart, type ChartColors } from "./chart";

const drawn: { ink: unknown }[] = [];

vi.mock("./echarts", () => ({
  init: () => ({ setOption: (option: { ink: unknown }) => drawn.push(option), on() {}, resize() {}, dispose() {} }),
}));

beforeEach(() => {
  drawn.length = 0;
  // jsdom has no canvas to ask what a colour comes to.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  document.documentElement.style.setProperty("--ink", "black");
  document.documentElement.dataset.theme = "light";
});

afterEach(() => {
  document.documentElement.removeAttribute("style");
  delete document.documentElement.dataset.theme;
});

it("is drawn again in the page's colours when the theme changes, whoever changed it", async () => {
  const option = (colors: ChartColors) => ({ ink: colors.ink });
  render(<Chart label="Cost by month" option={option} />);
  await waitFor(() => expect(drawn.map((one) => one.ink)).toEqual(["black"]));
  act(() => {
    document.documentElement.style.setProperty("--ink", "white");
    document.documentElement.dataset.theme = "dark";
  });
  await waitFor(() => expect(drawn.map((one) => one.ink)).toEqual(["black", "white"]));
});
