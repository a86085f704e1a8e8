import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/lib/resource-api";
import { useSession } from "@/lib/session";
import { Combobox } from "@/ui/combobox";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { type PickerProps, pickerProps, titleField } from "./reference";
import { NoneBox, Nothing } from "./shared";

/** Chooses a colleague by name. Whoever is asked most often for it, oneself, stands first. */
export function MemberPicker({ value, title, onChange, ...props }: PickerProps) {
  const { t } = useTranslation();
  const { user } = useSession();
  const [search, setSearch] = useState("");
  const [picked, setPicked] = useState<{ value: string; label: string }>();
  const options = useQuery(membersQuery(search));
  const found = options.data ?? [];
  const sorted = [...found.filter((one) => one.id === user.id), ...found.filter((one) => one.id !== user.id)];
  const known =
    picked?.value === value
      ? picked.label
      : (title ?? found.find((one) => one.id === value)?.title ?? (value === user.id ? user.full_name : undefined));
  return (
    <Combobox
      {...props}
      value={value}
      chosenLabel={known}
      choices={sorted.map((one) => ({
        value: one.id,
        label: one.id === user.id ? t("member.me", { name: one.title }) : one.title,
      }))}
      search={search}
      onSearch={setSearch}
      loading={options.isLoading}
      failed={options.isError ? t("errors.unexpected") : undefined}
      onChange={(next) => {
        const name = found.find((one) => one.id === next)?.title;
        setPicked(next === null ? undefined : { value: next, label: name ?? next });
        onChange(next);
      }}
    />
  );
}

function Input(props: InputProps) {
  return <MemberPicker {...pickerProps(props)} />;
}

function Cell({ field, value, row }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  const title = row?.[titleField(field.name)];
  return isEmpty(title) ? <MemberName id={String(value)} /> : <bdi className="whitespace-nowrap">{String(title)}</bdi>;
}

/** Where a row brings no title (a history entry, a filter from a link) the company's members are asked. */
export function MemberName({ id }: { id: string }) {
  const members = useQuery(membersQuery(""));
  const name = members.data?.find((one) => one.id === id)?.title;
  return <bdi className="whitespace-nowrap">{name ?? id.slice(-8)}</bdi>;
}

function Filter({ id, field, get, set }: FilterProps) {
  const none = get("null") === "true";
  return (
    <div className="space-y-2">
      <MemberPicker
        id={id}
        value={get("") ?? null}
        onChange={(value) => set("", value ?? undefined)}
        disabled={none}
        clearable
      />
      <NoneBox id={id} field={field} get={get} set={set} />
    </div>
  );
}

export const member: Kind = { Input, Cell, Filter };
