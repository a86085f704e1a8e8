import type { Action, Row } from "@/api/model";

/** Whether an action fits the row's state; the server decides again when it is run. */
export function actionApplies(action: Action, row: Row): boolean {
  if (!action.when) return true;
  return action.when.values.includes(String(row[action.when.field] ?? ""));
}
