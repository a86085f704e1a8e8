import { latinDigits } from "@/lib/format";
import type { InputChange, Salary, WhatIfAsked } from "./shapes";

/** What somebody typed into the form: text, and empty where a number stays as it is. */
export interface Typed {
  category: string;
  numbers: Record<string, string>;
  courierId: string;
  inputs: Partial<Record<InputName, string>>;
}

export const INPUTS = ["period_target", "total_orders", "total_revenue", "gas_usage"] as const;
export type InputName = (typeof INPUTS)[number];

function given(values: Record<string, string | undefined>): [string, string][] {
  return Object.entries(values)
    .map(([name, value]): [string, string] => [name, latinDigits(value ?? "").trim()])
    .filter(([, value]) => value !== "");
}

/** The question that the form asks: of a category's couriers or of one; nothing while no number is changed. */
export function askedFor(of: "category" | "courier", typed: Typed, salaries: Salary[]): WhatIfAsked | undefined {
  if (of === "category") {
    const numbers = given(typed.numbers);
    if (numbers.length === 0 || !typed.category) return undefined;
    const couriers = salaries.filter((salary) => salary.category === typed.category).map((one) => one.courier_id);
    return {
      courier_ids: couriers,
      changes: { categories: { [typed.category]: Object.fromEntries(numbers) } },
    };
  }
  const inputs = given(typed.inputs);
  if (inputs.length === 0 || !typed.courierId) return undefined;
  const change: InputChange = { courier_id: typed.courierId };
  for (const [name, value] of inputs) {
    if (name === "total_orders") change.total_orders = Number(value);
    else if (name === "period_target") change.period_target = value;
    else if (name === "total_revenue") change.total_revenue = value;
    else if (name === "gas_usage") change.gas_usage = value;
  }
  return { courier_ids: [typed.courierId], changes: { inputs: [change] } };
}
