import { describe, expect, it } from "vitest";
import { differenceOf, halalas, riyals, sumOf } from "./halalas";
import { payslipGroups, wasStopped } from "./payslip-groups";
import { placeToMend } from "./refusal-places";
import { holdsOn, ruleHistories, sourceOf } from "./rule-histories";
import { hindrance, isCalculating, monthDue, nextStep, reached, stateOfRun } from "./run-steps";
import type { ComparedRow, ExplainedLine, PayRule, Run, Salary } from "./shapes";
import { moved, type PayRow, payRows, reasonsOf, type Wish, wished } from "./table-rows";
import { askedFor, type Typed } from "./what-if-asked";

const run = (fields: Partial<Run>): Run => ({
  id: "r",
  version: 1,
  created_at: "2026-05-25T06:00:00Z",
  updated_at: "2026-05-25T06:00:00Z",
  run_number: "RUN-00007",
  year: 2026,
  month: 5,
  status: "draft",
  ...fields,
});

describe("amounts", () => {
  it("add up to the halala where fractions of riyals would not", () => {
    expect(sumOf(["0.10", "0.20"])).toBe("0.30");
    expect(sumOf(Array.from({ length: 1000 }, () => "1600.07"))).toBe("1600070.00");
    expect(sumOf(["-12.50", "12.5", undefined, null])).toBe("0.00");
  });

  it("keep their sign below a riyal, and nought has none", () => {
    expect(halalas("-0.05")).toBe(-5);
    expect(halalas("−3")).toBe(-300);
    expect(Object.is(halalas("-0.00"), 0)).toBe(true);
    expect(riyals(-5)).toBe("-0.05");
    expect(differenceOf("100.00", "100.01")).toBe("-0.01");
  });
});

describe("a run", () => {
  it("has one next step in each state, and none once it is locked", () => {
    const steps = ["draft", "calculated", "reviewed", "approved", "paid", "locked"].map((status) =>
      nextStep({ status }),
    );
    expect(steps).toEqual(["calculate", "review", "approve", "pay", "lock", undefined]);
  });

  it("waits while it is calculated, and counts as a draft until then", () => {
    expect(isCalculating({ status: "calculating" })).toBe(true);
    expect(nextStep({ status: "calculating" })).toBeUndefined();
    expect(stateOfRun({ status: "calculating" })).toBe("draft");
  });

  it("is approved by another person than who calculated it", () => {
    const reviewed = run({ status: "reviewed", calculated_by: "noura" });
    expect(hindrance(reviewed, "approve", true, "noura")).toBe("own_calculation");
    expect(hindrance(reviewed, "approve", true, "salem")).toBeUndefined();
    expect(hindrance(reviewed, "approve", false, "salem")).toBe("no_right");
    expect(hindrance(run({ status: "approved", calculated_by: "noura" }), "pay", true, "noura")).toBeUndefined();
  });

  it("says who brought it where", () => {
    const paid = run({ calculated_by_title: "Noura", calculated_at: "2026-05-25T07:00:00Z", paid_on: "2026-05-28" });
    expect(reached(paid, "calculated")).toEqual({ by: "Noura", at: "2026-05-25T07:00:00Z", isDay: false });
    expect(reached(paid, "paid")).toEqual({ by: undefined, at: "2026-05-28", isDay: true });
    expect(reached(paid, "approved").at).toBeUndefined();
  });

  it("is due once its period ended on the 24th, over the turn of the year too", () => {
    expect(monthDue("2026-05-24")).toEqual({ year: 2026, month: 4 });
    expect(monthDue("2026-05-25")).toEqual({ year: 2026, month: 5 });
    expect(monthDue("2026-01-10")).toEqual({ year: 2025, month: 12 });
  });
});

const row = (name: string, fields: Partial<PayRow> = {}): PayRow => ({
  id: name,
  courierId: name,
  name,
  category: "motorcycle",
  status: "calculated",
  orders: 400,
  gross: "2000.00",
  net: "2000.00",
  before: "2000.00",
  change: "0.00",
  percent: "0",
  carried: "0.00",
  outlier: null,
  because: [],
  ...fields,
});

const wish = (fields: Partial<Wish> = {}): Wish => ({
  sort: "outlier",
  reversed: false,
  search: "",
  category: "",
  onlyOutliers: false,
  ...fields,
});

describe("the table of a run", () => {
  const rows = [
    row("Badr", { net: "900.00", change: "-1100.00", outlier: "fell" }),
    row("Ahmed", { net: "2100.00", change: "100.00" }),
    row("Salem", { net: "10000.00", change: "8000.00", outlier: "rose", category: "ecommerce" }),
    row("Fahd", { change: "-900.00" }),
  ];
  const names = (next: Partial<Wish>) => wished(rows, wish(next), (a, b) => a.localeCompare(b)).map((one) => one.name);

  it("puts what stands out first, the larger change before the smaller", () => {
    expect(names({})).toEqual(["Salem", "Badr", "Fahd", "Ahmed"]);
  });

  it("sorts amounts as amounts, not as text", () => {
    expect(names({ sort: "net" })).toEqual(["Salem", "Ahmed", "Fahd", "Badr"]);
    expect(names({ sort: "net", reversed: true })).toEqual(["Badr", "Fahd", "Ahmed", "Salem"]);
    expect(names({ sort: "change" })).toEqual(["Salem", "Badr", "Fahd", "Ahmed"]);
  });

  it("filters by letters in any spelling, by category and by what stands out", () => {
    expect(names({ search: "sal" })).toEqual(["Salem"]);
    expect(wished([row("أحمد")], wish({ search: "احمد" }), () => 0)).toHaveLength(1);
    expect(names({ category: "ecommerce" })).toEqual(["Salem"]);
    expect(names({ onlyOutliers: true, sort: "name" })).toEqual(["Badr", "Salem"]);
  });

  it("moves by keys and never leaves the rows", () => {
    expect(moved("ArrowDown", 0, 3, 10)).toBe(1);
    expect(moved("ArrowDown", 2, 3, 10)).toBe(2);
    expect(moved("ArrowUp", 0, 3, 10)).toBe(0);
    expect(moved("End", 0, 2000, 10)).toBe(1999);
    expect(moved("PageDown", 1995, 2000, 10)).toBe(1999);
    expect(moved("Home", 1999, 2000, 10)).toBe(0);
    expect(moved("x", 0, 3, 10)).toBeUndefined();
    expect(moved("End", 0, 0, 10)).toBeUndefined();
  });

  it("joins pay with what last month says; who was not paid then has no change", () => {
    const salaries = [
      { id: "s1", courier_id: "a", courier_title: "Ahmed", category: "motorcycle", net_salary: "100.00" },
      { id: "s2", courier_id: "b", courier_title: "Badr", category: "motorcycle", net_salary: "200.00" },
    ] as Salary[];
    const compared = [
      { courier_id: "a", net_before: "80.00", change: "20.00", change_percent: "25.0", outlier: null, because: [] },
      { courier_id: "b", net_before: null, change: "200.00", change_percent: null, outlier: "new", because: [] },
    ] as unknown as ComparedRow[];
    const [first, second] = payRows(salaries, compared);
    expect(first).toMatchObject({ id: "s1", net: "100.00", before: "80.00", change: "20.00" });
    expect(second).toMatchObject({ before: null, change: null, outlier: "new" });
  });

  it("sums the reasons of all couriers by kind of line, the largest first", () => {
    const reasons = reasonsOf([
      {
        because: [
          { kind: "bonus", now: "10.10", before: "0.00", change: "10.10" },
          { kind: "gas", now: "5.00", before: "5.00", change: "0.00" },
        ],
      },
      {
        because: [
          { kind: "bonus", now: "0.20", before: "0.00", change: "0.20" },
          { kind: "loan", now: "-100.00", before: "0.00", change: "-100.00" },
        ],
      },
    ]);
    expect(reasons.map((one) => [one.kind, one.change])).toEqual([
      ["loan", "-100.00"],
      ["bonus", "10.30"],
    ]);
  });
});

const line = (kind: string, amount: string, fields: Partial<ExplainedLine> = {}): ExplainedLine => ({
  id: kind,
  kind,
  label: kind,
  amount,
  asked: null,
  carried: null,
  article: null,
  text: "",
  rounding: "",
  steps: [],
  rules: [],
  ...fields,
});

describe("a payslip", () => {
  it("keeps what is earned, deducted and paid beside it apart", () => {
    const groups = payslipGroups([
      line("basic", "1600.04"),
      line("bonus", "-20.00"),
      line("gosi", "-97.50"),
      line("loan", "-100.00", { asked: "250.00", carried: "150.00" }),
      line("gosi_employer", "117.50"),
    ]);
    // A shortfall lowers what was earned; it is no deduction.
    expect(groups.earned.map((one) => one.kind)).toEqual(["basic", "bonus"]);
    expect(groups.earnedSum).toBe("1580.04");
    expect(groups.deductedSum).toBe("-197.50");
    expect(groups.carriedSum).toBe("150.00");
    expect(groups.beside.map((one) => one.kind)).toEqual(["gosi_employer"]);
  });

  it("says that a limit stopped a deduction only where one did", () => {
    expect(wasStopped(line("loan", "-100.00", { asked: "250.00" }))).toBe(true);
    expect(wasStopped(line("loan", "-250.00", { asked: "250.00" }))).toBe(false);
    expect(wasStopped(line("basic", "1600.04"))).toBe(false);
  });
});

describe("a refusal", () => {
  it("leads to where it is put right", () => {
    const to = (code: string, field: string | null = null) =>
      placeToMend({ code, courier_id: "c", field }, run({}))?.to;
    expect(to("no_joining_date")).toBe("/fleet/couriers/c/edit");
    expect(to("no_target")).toBe("/hr/courier_targets");
    expect(to("no_work")).toBe("/hr/payroll_inputs");
    expect(to("rule_gap")).toBe("/hr/pay-rules");
    expect(to("negative", "gas_usage")).toBe("/hr/payroll_inputs");
    expect(to("above_most", "target")).toBe("/hr/courier_targets");
    expect(placeToMend({ code: "no_target", courier_id: "c", field: null }, run({}))?.search).toEqual({
      year: "2026",
      month: "5",
      courier_id: "c",
    });
  });
});

describe("rules", () => {
  const rule = (fields: Partial<PayRule>): PayRule => ({
    id: "gosi.ceiling",
    title: "Ceiling of the contributory wage",
    value: "45000",
    unit: "SAR",
    article: "GOSI 19",
    source: "gosi.gov.sa",
    from: "2016-01-01",
    to: null,
    own: false,
    in_force: true,
    ...fields,
  });

  it("hold from their first day to their last, both counted", () => {
    const old = rule({ from: "2014-03-02", to: "2024-12-31" });
    expect(holdsOn(old, "2014-03-01")).toBe(false);
    expect(holdsOn(old, "2014-03-02")).toBe(true);
    expect(holdsOn(old, "2024-12-31")).toBe(true);
    expect(holdsOn(old, "2025-01-01")).toBe(false);
  });

  it("show the row of the day, the company's own before the law's, and their history newest first", () => {
    const rows = [
      rule({ from: "2014-01-01", to: "2015-12-31", value: "30000" }),
      rule({}),
      rule({ from: "2026-01-01", own: true, value: "50000" }),
    ];
    const [history] = ruleHistories(rows, "2026-05-24", "");
    expect(history?.now?.value).toBe("50000");
    expect(history?.rows.map((one) => one.from)).toEqual(["2026-01-01", "2016-01-01", "2014-01-01"]);
    expect(ruleHistories(rows, "2015-06-01", "")[0]?.now?.value).toBe("30000");
    expect(ruleHistories(rows, "2013-06-01", "")[0]?.now).toBeUndefined();
    expect(ruleHistories(rows, "2026-05-24", "gosi 19")).toHaveLength(1);
    expect(ruleHistories(rows, "2026-05-24", "article 92")).toHaveLength(0);
  });
});

describe("the source of a number", () => {
  it("is never shown as the id of a row", () => {
    expect(sourceOf({ source: "Royal Decree M/51" })).toBe("Royal Decree M/51");
    expect(sourceOf({ source: "01a2091b-34b1-72cd-b953-15ba55dc8cdc" })).toBeUndefined();
  });
});

describe("what if", () => {
  const salaries = [
    { courier_id: "a", category: "motorcycle" },
    { courier_id: "b", category: "ecommerce" },
  ] as Salary[];
  const typed = (fields: Partial<Typed>): Typed => ({
    category: "motorcycle",
    numbers: {},
    courierId: "",
    inputs: {},
    ...fields,
  });

  it("asks nothing while no number is changed", () => {
    expect(askedFor("category", typed({ numbers: { bonus_rate: " " } }), salaries)).toBeUndefined();
    expect(askedFor("courier", typed({ inputs: { total_orders: "5" } }), salaries)).toBeUndefined();
  });

  it("asks about everybody of a category, with the digits of an Arabic keyboard", () => {
    expect(askedFor("category", typed({ numbers: { bonus_rate: "٧٫٥", gas_cap: "" } }), salaries)).toEqual({
      courier_ids: ["a"],
      changes: { categories: { motorcycle: { bonus_rate: "7.5" } } },
    });
  });

  it("asks about one courier's month", () => {
    expect(
      askedFor("courier", typed({ courierId: "b", inputs: { total_orders: "410", gas_usage: "0.5" } }), salaries),
    ).toEqual({
      courier_ids: ["b"],
      changes: { inputs: [{ courier_id: "b", total_orders: 410, gas_usage: "0.5" }] },
    });
  });
});
