import { useTranslation } from "react-i18next";
import type { Row } from "@/api/model";
import { useResource } from "@/lib/account";
import { readable } from "@/lib/labels";
import type { CellProps, Kind } from "../kind";
import { isEmpty } from "../kind";
import { Nothing, PresenceFilter } from "../shared";
import { Editor } from "./editor";
import { isPlain, isTree, parsed } from "./structure";
import { View, Words } from "./view";

function Cell({ field, resource, row, value, full }: CellProps) {
  const { t } = useTranslation();
  if (isEmpty(value)) return <Nothing />;
  if (full) return row?.entity_type ? <OfEntity row={row} value={value} /> : <View of={resource} value={value} />;
  if (Array.isArray(value)) {
    if (value.length === 0) return <Nothing />;
    return value.every((one) => typeof one === "string") ? (
      <Words of={resource} name={field.name} values={value} />
    ) : (
      <span className="text-muted">{t("json.entries", { count: value.length })}</span>
    );
  }
  if (!isTree(value)) return <span>{String(value)}</span>;
  return <span className="block max-w-60 truncate text-muted">{summary(value, t)}</span>;
}

/** What was kept of another row reads in that row's words. */
function OfEntity({ row, value }: { row: Row; value: unknown }) {
  const target = useResource(String(row.entity_type));
  const [module = "", name = ""] = String(row.entity_type).split(".");
  return <View of={target ?? { module, name }} value={value} />;
}

/** The first few plain values of an object, for a line of a list. */
function summary(value: { [name: string]: unknown }, t: (key: "common.yes" | "common.no") => string): string {
  return Object.entries(value)
    .slice(0, 3)
    .map(([key, one]) => {
      const text =
        typeof one === "boolean" ? t(one ? "common.yes" : "common.no") : isPlain(one) ? String(one ?? "—") : "…";
      return `${readable(key)}: ${text}`;
    })
    .join(" · ");
}

/** What is not JSON is not sent: `check` has refused it at the field. */
function toBody(value: unknown): unknown {
  const now = parsed(value);
  if (!now) return value;
  return isEmpty(now.value) ? null : now.value;
}

export const json: Kind = {
  Input: Editor,
  Cell,
  Filter: PresenceFilter,
  wide: true,
  toBody,
  check: (value) => {
    const now = parsed(value);
    return now && (isEmpty(now.value) || typeof now.value === "object") ? undefined : "not_json";
  },
};
