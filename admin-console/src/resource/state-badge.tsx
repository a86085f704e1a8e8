import type { Resource, Row } from "@/api/model";
import { kindOf } from "./kinds/registry";
import { stateOf } from "./places";

/** Where a row stands, in its colour and its words; nothing for a resource without states. */
export function StateBadge({ resource, row }: { resource: Resource; row: Row }) {
  const field = stateOf(resource);
  if (!field || row[field.name] === undefined) return null;
  const { Cell } = kindOf(field.kind);
  return <Cell field={field} resource={resource} value={row[field.name]} row={row} />;
}
