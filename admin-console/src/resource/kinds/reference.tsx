import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { useResource } from "@/lib/account";
import { optionsQuery, rowQuery, titleGiven, titleOf } from "@/lib/resource-api";
import { Combobox } from "@/ui/combobox";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { LineInput, NoneBox, Nothing } from "./shared";

export interface PickerProps {
  id: string;
  value: string | null;
  title?: string | undefined;
  onChange: (value: string | null) => void;
  onBlur?: () => void;
  disabled?: boolean;
  invalid?: boolean;
  clearable?: boolean;
  describedBy?: string | undefined;
}

/** Chooses a row of another resource by its title. */
export function ReferencePicker({ target, value, title, onChange, ...props }: PickerProps & { target: Resource }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [picked, setPicked] = useState<{ value: string; label: string }>();
  const options = useQuery(optionsQuery(target, search));
  const known =
    picked?.value === value
      ? picked.label
      : (title ?? options.data?.find((option) => option.id === value)?.title ?? undefined);
  // A filter from a link carries only the id, so its row is asked for by name.
  const missing = useQuery({
    ...rowQuery(target, value ?? ""),
    enabled: value !== null && known === undefined && options.isFetched,
  });
  return (
    <Combobox
      {...props}
      value={value}
      chosenLabel={(known && titleGiven(target, known)) ?? (missing.data ? titleOf(target, missing.data) : undefined)}
      choices={(options.data ?? []).map((option) => ({ value: option.id, label: titleGiven(target, option.title) }))}
      search={search}
      onSearch={setSearch}
      loading={options.isLoading}
      failed={options.isError ? t("errors.unexpected") : undefined}
      onChange={(next, label) => {
        setPicked(next === null ? undefined : { value: next, label: label ?? next });
        onChange(next);
      }}
    />
  );
}

function Input(props: InputProps) {
  const target = useResource(props.field.to ?? "");
  // Without the right to see the other resource there is nothing to choose from; the id can still be given.
  if (!target) return <LineInput {...props} code />;
  return <ReferencePicker target={target} {...pickerProps(props)} />;
}

/** What a field of a form means for a picker. */
export function pickerProps(props: InputProps): PickerProps {
  return {
    id: props.id,
    value: isEmpty(props.value) ? null : String(props.value),
    title: props.title,
    onChange: props.onChange,
    ...(props.onBlur ? { onBlur: props.onBlur } : {}),
    disabled: props.disabled ?? false,
    invalid: props.invalid ?? false,
    clearable: !props.field.required,
    describedBy: props.describedBy,
  };
}

export function titleField(name: string): string {
  return `${name.replace(/_id$/, "")}_title`;
}

function Cell({ field, value, row }: CellProps) {
  const target = useResource(field.to ?? "");
  if (isEmpty(value)) return <Nothing />;
  const title = row?.[titleField(field.name)];
  const text = isEmpty(title) ? String(value).slice(-8) : titleGiven(target, String(title));
  if (!target) return <bdi className="whitespace-nowrap">{text}</bdi>;
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: target.module, resource: target.name, id: String(value) }}
      className="whitespace-nowrap rounded text-accent-text underline-offset-4 hover:underline"
    >
      <bdi>{text}</bdi>
    </Link>
  );
}

function Filter({ id, field, get, set }: FilterProps) {
  const target = useResource(field.to ?? "");
  const none = get("null") === "true";
  return (
    <div className="space-y-2">
      {target ? (
        <ReferencePicker
          id={id}
          target={target}
          value={get("") ?? null}
          onChange={(value) => set("", value ?? undefined)}
          disabled={none}
          clearable
        />
      ) : null}
      <NoneBox id={id} field={field} get={get} set={set} />
    </div>
  );
}

export const reference: Kind = { Input, Cell, Filter };
