import type { Field, Resource } from "@/api/model";

/** What every row has without being declared: it can be shown, filtered and sorted by like any other field. */
export const SYSTEM_FIELDS: Field[] = [
  { name: "created_at", kind: "instant", read_only: true, writable: false },
  { name: "updated_at", kind: "instant", read_only: true, writable: false },
];

export function fieldsOf(resource: Resource): Field[] {
  return [...resource.fields, ...SYSTEM_FIELDS];
}

export function findField(resource: Resource, name: string): Field | undefined {
  return fieldsOf(resource).find((field) => field.name === name);
}
