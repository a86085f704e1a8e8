import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Textarea } from "@/ui/field";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Nothing, PresenceFilter } from "./shared";

function Input({ id, field, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  const text = typeof value === "string" ? value : isEmpty(value) ? "" : JSON.stringify(value, null, 2);
  return (
    <Textarea
      id={id}
      name={field.name}
      dir="ltr"
      spellCheck={false}
      className="min-h-32 font-mono text-xs"
      value={text}
      onChange={(event) => onChange(event.target.value)}
      onBlur={onBlur}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
    />
  );
}

function Cell({ value, full }: CellProps) {
  const labels = useLabels();
  if (isEmpty(value)) return <Nothing />;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return (
      <span className="flex flex-wrap gap-1">
        {value.map((one) => (
          <Badge key={one}>{labels.problem(one) ?? one}</Badge>
        ))}
      </span>
    );
  }
  const text = JSON.stringify(value, null, full ? 2 : undefined);
  return full ? (
    <pre dir="ltr" className="scroll-thin max-h-72 overflow-auto rounded-lg bg-sunken p-3 text-start font-mono text-xs">
      {text}
    </pre>
  ) : (
    <code dir="ltr" className="block max-w-60 truncate font-mono text-muted text-xs">
      {text}
    </code>
  );
}

/** What is not JSON is sent as the text it is: the server refuses it by name. */
function toBody(value: unknown): unknown {
  if (isEmpty(value)) return null;
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export const json: Kind = { Input, Cell, Filter: PresenceFilter, wide: true, toBody };
