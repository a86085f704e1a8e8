import type { Field } from "@/api/model";

export interface Group {
  name: string;
  fields: Field[];
}

/**
 * A resource with sixty fields is read by subject. The description says which subject a field belongs to; what stands
 * alone is the main matter, and long texts come last under notes.
 */
export function groupsOf(fields: Field[]): Group[] {
  const groups = new Map<string, Field[]>();
  for (const field of fields) {
    const name = field.group ?? (field.kind === "long_text" || field.kind === "json" ? "notes" : "main");
    groups.set(name, [...(groups.get(name) ?? []), field]);
  }
  const notes = groups.get("notes");
  if (notes) {
    groups.delete("notes");
    groups.set("notes", notes);
  }
  const list = [...groups].map(([name, members]) => ({ name, fields: members }));
  // A short form needs no headings: two or three fields under each of them only look scattered.
  return fields.length <= 8 && list.length < 3 ? [{ name: "main", fields }] : list;
}
