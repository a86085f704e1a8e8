import { useTranslation } from "react-i18next";
import { readable } from "@/lib/labels";
import type { CellProps, Kind } from "../kind";
import { isEmpty } from "../kind";
import { Nothing, PresenceFilter } from "../shared";
import { Editor } from "./editor";
import { isPlain, isTree, parsed } from "./structure";
import { View, Words } from "./view";

function Cell({ value, full }: CellProps) {
  const { t } = useTranslation();
  if (isEmpty(value)) return <Nothing />;
  if (full) return <View value={value} />;
  if (Array.isArray(value)) {
    if (value.length === 0) return <Nothing />;
    return value.every((one) => typeof one === "string") ? (
      <Words values={value} />
    ) : (
      <span className="text-muted">{t("json.entries", { count: value.length })}</span>
    );
  }
  if (!isTree(value)) return <span>{String(value)}</span>;
  return <span className="block max-w-60 truncate text-muted">{summary(value, t)}</span>;
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
