import type { Field } from "@/api/model";
import type { Source } from "./import-api";

/** A needed field with a default fills itself. */
export function mustBeSet(field: Field): boolean {
  return field.required === true && (field.default === null || field.default === undefined);
}

export function isSet(source: Source | undefined): boolean {
  return source !== undefined && ((source.columns?.length ?? 0) > 0 || (source.constant ?? "") !== "");
}
