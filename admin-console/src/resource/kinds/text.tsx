import { useLabels } from "@/lib/labels";
import { isNumber } from "@/lib/resource-api";
import { EntityById, EntityKind, isId } from "./entity";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} />;
}

/** A number that names a row keeps its order of letters and digits and stays on one line. */
function Cell({ field, value, row }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  if (field.name === "entity_type") return <EntityKind name={String(value)} />;
  if (field.name === "entity_id" && isId(value)) return <EntityById of={String(row?.entity_type)} id={value} />;
  if (/(^|_)role$/.test(field.name)) return <Role name={String(value)} />;
  if (!isNumber(field)) return <bdi>{String(value)}</bdi>;
  return (
    <bdi dir="ltr" className="num whitespace-nowrap">
      {String(value)}
    </bdi>
  );
}

function Role({ name }: { name: string }) {
  return <span>{useLabels().role(name)}</span>;
}

export const text: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
