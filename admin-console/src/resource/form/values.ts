import type { UseFormReturn } from "react-hook-form";
import type { Field, Row } from "@/api/model";
import { Problem } from "@/lib/problem";
import { isEmpty } from "../kinds/kind";
import { kindOf } from "../kinds/registry";
import type { FormValues } from "./field-control";

/** The fields a caller may fill in: never what the server keeps itself. */
export function writableFields(fields: Field[], creating: boolean): Field[] {
  return fields.filter((field) => field.writable !== false && !field.read_only && (creating || !field.create_only));
}

export function startingValues(fields: Field[], row?: Row, preset: FormValues = {}): FormValues {
  return Object.fromEntries(
    fields.map((field) => {
      const start = row ? row[field.name] : (preset[field.name] ?? field.default);
      if (field.kind === "boolean") return [field.name, start === true || start === "true"];
      return [field.name, start ?? null];
    }),
  );
}

/** What goes to the server for a new row: empty fields are left out, so that its defaults apply. */
export function bodyForCreate(fields: Field[], values: FormValues): FormValues {
  const body: FormValues = {};
  for (const field of fields) {
    const value = bodyValue(field, values[field.name]);
    if (!isEmpty(value)) body[field.name] = value;
  }
  return body;
}

/** What goes to the server for a change: only what was changed, and an emptied field as null. */
export function bodyForUpdate(
  fields: Field[],
  values: FormValues,
  changed: Partial<Record<string, unknown>>,
): FormValues {
  const body: FormValues = {};
  for (const field of fields) {
    if (changed[field.name]) body[field.name] = bodyValue(field, values[field.name]);
  }
  return body;
}

function bodyValue(field: Field, value: unknown): unknown {
  const { toBody } = kindOf(field.kind);
  return toBody ? toBody(value) : value;
}

/**
 * Puts each refusal at its field and brings the first of them into view.
 * Returns the refusals that name no field of this form; they are shown above it.
 */
export function showErrors(form: UseFormReturn<FormValues>, fields: Field[], error: unknown): boolean {
  if (!(error instanceof Problem) || error.errors.length === 0) return false;
  let first = true;
  let all = true;
  for (const refusal of error.errors) {
    if (fields.some((field) => field.name === refusal.field)) {
      form.setError(refusal.field, { type: refusal.code, message: refusal.message });
      if (first) document.getElementById(`field-${refusal.field}`)?.focus();
      first = false;
    } else {
      all = false;
    }
  }
  return all;
}
