import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import type { Resource } from "@/api/model";
import { sessionState, signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { description, server } from "../../../test/server";
import { NextStep } from "./next-step";
import { Payslip } from "./payslip";
import type { Explanation, Run } from "./shapes";

const resource = (name: string, actions: Resource["actions"] = []): Resource => ({
  module: "hr",
  name,
  path: `/api/v1/hr/${name}`,
  title: [],
  verbs: ["list", "read"],
  fields: [{ name: "status", kind: "choice", values: ["draft", "calculated", "reviewed", "approved", "paid"] }],
  ...(actions ? { actions } : {}),
});

const approve = { name: "approve", when: { field: "status", values: ["reviewed"] } };

const salary = {
  id: "s1",
  version: 1,
  created_at: "2026-05-25T06:00:00Z",
  updated_at: "2026-05-25T06:00:00Z",
  run_id: "r1",
  courier_id: "c1",
  courier_title: "Ahmed Al-Harbi",
  year: 2026,
  month: 5,
  status: "calculated",
  category: "motorcycle",
  period_starts_on: "2026-04-25",
  period_ends_on: "2026-05-24",
  total_orders: 400,
  period_target: "400.0000",
  final_target: "400.0000",
  days_since_joining: 200,
};

/** The same lines in either language, as the server tells them. */
function explanation(language: string): Explanation {
  const say = (en: string, ar: string) => (language === "ar" ? ar : en);
  return {
    gross: "1600.04",
    net: "1400.04",
    lines: [
      {
        id: "l1",
        kind: "basic",
        label: say("Basic pay", "الأجر الأساسي"),
        amount: "1600.04",
        asked: null,
        carried: null,
        article: null,
        text: "",
        rounding: say("Rounded once.", "يُقرَّب مرة واحدة."),
        steps: [
          {
            label: say("basic pay", "الأجر"),
            formula: say("[target] ÷ [divisor] × [rate]", "[الهدف] ÷ [القاسم] × [الأجر]"),
            numbers: "400 ÷ 13.333 × 53.33333 ≈ 1,600.0399",
            inputs: [{ name: "target", label: say("target", "الهدف"), value: "400" }],
            result: "≈ 1,600.0399",
          },
        ],
        rules: [
          {
            id: "category.motorcycle.basic_rate",
            label: say("pay for a day's target", "أجر تحقيق هدف اليوم"),
            value: "53.33333",
            unit: say("SAR", "ريال"),
            article: "§2",
            source: "pay document",
            from: "2020-01-01",
            to: null,
          },
        ],
      },
      {
        id: "l2",
        kind: "loan",
        label: say("Loan instalment", "قسط السلفة"),
        amount: "-200.00",
        asked: "350.00",
        carried: "150.00",
        article: "Labour Law 92(1)",
        text: "",
        rounding: "",
        steps: [],
        rules: [],
      },
    ],
  };
}

beforeEach(async () => {
  await signIn({ email: "noura@fleet.example", password: "password" });
  server.use(
    http.get("*/api/v1/description", () =>
      HttpResponse.json({
        modules: [
          ...description.modules,
          { name: "hr", resources: [resource("salaries"), resource("payroll_runs", [approve])] },
        ],
      }),
    ),
    http.get("*/api/v1/hr/salaries/s1", () => HttpResponse.json(salary)),
    http.get("*/api/v1/hr/salaries/s1/explanation", ({ request }) =>
      HttpResponse.json(explanation(new URL(request.url).searchParams.get("language") ?? "")),
    ),
  );
});

it("says of a deduction what was asked for and carried forward, and by which article", async () => {
  await renderPage(<Payslip id="s1" />);
  expect(
    await screen.findByText("350.00 asked for, 150.00 carried forward · limited by Labour Law 92(1)"),
  ).toBeVisible();
  expect(screen.getByText("150.00 is carried forward to a later month.")).toBeVisible();
});

it("opens why: inputs, formula, numbers, rounding and the rows of law and company, in both languages", async () => {
  const user = userEvent.setup();
  await renderPage(<Payslip id="s1" />);
  await user.click(await screen.findByRole("button", { name: "Why: Basic pay" }));
  const why = within(await screen.findByRole("dialog"));
  expect(await why.findByText("[target] ÷ [divisor] × [rate]")).toBeVisible();
  expect(why.getByText("400 ÷ 13.333 × 53.33333 ≈ 1,600.0399")).toBeVisible();
  expect(why.getByText("Rounded once.")).toBeVisible();
  expect(why.getByText("pay for a day's target")).toBeVisible();
  await user.click(why.getByRole("button", { name: "العربية" }));
  const arabic = await why.findByText("[الهدف] ÷ [القاسم] × [الأجر]");
  expect(why.getByRole("heading", { name: "طريقة الاحتساب" })).toBeVisible();
  expect(arabic.closest("[dir]")).toHaveAttribute("dir", "rtl");
  // Formulas in figures run left to right in Arabic too.
  expect(why.getByText("400 ÷ 13.333 × 53.33333 ≈ 1,600.0399")).toHaveAttribute("dir", "ltr");
});

const reviewed = (by: string): Run => ({
  ...salary,
  id: "r1",
  run_number: "RUN-00001",
  status: "reviewed",
  calculated_by: by,
});

it("offers the approval of a run to everybody but who calculated it", async () => {
  await renderPage(<NextStep run={reviewed("somebody-else")} />);
  expect(await screen.findByRole("button", { name: "Approve" })).toBeVisible();
});

it("tells who calculated a run that another person approves it", async () => {
  const state = sessionState();
  if (state.status !== "signed-in") throw new Error("nobody is signed in");
  await renderPage(<NextStep run={reviewed(state.session.user.id)} />);
  await waitFor(() => expect(screen.getByText(/nobody approves his own calculation/)).toBeVisible());
  expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
});
