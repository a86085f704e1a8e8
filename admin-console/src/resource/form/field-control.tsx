import { type Control, useController } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Field, Resource, Row } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { describedBy, Field as FieldFrame } from "@/ui/field";
import { isEmpty } from "../kinds/kind";
import { titleField } from "../kinds/reference";
import { kindOf } from "../kinds/registry";

export type FormValues = Record<string, unknown>;

interface FieldControlProps {
  control: Control<FormValues>;
  resource: Resource;
  field: Field;
  row?: Row | undefined;
  /** Where the words do not come from the resource's catalogue (a plugin's settings bring their own). */
  label?: string;
  help?: string | undefined;
  idPrefix?: string;
}

/** One field of a form: label, input of its kind, help, and the refusal that belongs to it. */
export function FieldControl({ control, resource, field, row, idPrefix = "field", ...words }: FieldControlProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const kind = kindOf(field.kind);
  const { field: input, fieldState } = useController({
    control,
    name: field.name,
    rules: {
      validate: (value) => {
        if (field.required && field.kind !== "boolean" && isEmpty(value)) {
          return labels.problem("required") ?? t("form.required");
        }
        const wrong = kind.check?.(value);
        return wrong ? t(`wrong.${wrong}`) : true;
      },
    },
  });
  const id = `${idPrefix}-${field.name}`;
  const help = words.help ?? labels.help(resource, field.name);
  const error = fieldState.error?.message;
  const title = row?.[titleField(field.name)];
  return (
    <FieldFrame
      id={id}
      label={words.label ?? labels.field(resource, field.name)}
      help={help}
      error={error}
      required={field.required ?? false}
      className={kind.wide ? "col-span-full" : ""}
    >
      <kind.Input
        id={id}
        field={field}
        resource={resource}
        value={input.value}
        onChange={input.onChange}
        onBlur={input.onBlur}
        invalid={error !== undefined}
        describedBy={describedBy(id, help, error)}
        title={typeof title === "string" ? title : undefined}
      />
    </FieldFrame>
  );
}
