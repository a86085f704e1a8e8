import { useTranslation } from "react-i18next";
import { readable, useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Nothing } from "../shared";
import { asRecords, isPlain, isTree } from "./structure";

/** Deeper than this nobody reads it as a form; it is shown as the text it is. */
const DEPTH = 3;

/** Structured data as a person reads it: names beside values, lists as words, alike records as a table. */
export function View({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (isPlain(value)) return <Scalar value={value} />;
  if (depth >= DEPTH) return <Code value={value} />;
  const records = asRecords(value);
  if (records && records.records.length > 0) return <Records {...records} />;
  if (Array.isArray(value)) {
    if (value.length === 0) return <Nothing />;
    return value.every(isPlain) ? (
      <Words values={value} />
    ) : (
      <ol className="list-decimal space-y-2 ps-5">
        {value.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stored list has no names and does not change here
          <li key={index}>
            <View value={one} depth={depth + 1} />
          </li>
        ))}
      </ol>
    );
  }
  if (!isTree(value)) return <Nothing />;
  const entries = Object.entries(value);
  if (entries.length === 0) return <Nothing />;
  return (
    <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[minmax(6rem,max-content)_1fr]">
      {entries.map(([key, one]) => (
        <div key={key} className="contents">
          <dt className="text-muted">
            <bdi>{readable(key)}</bdi>
          </dt>
          <dd className="min-w-0 break-words">
            <View value={one} depth={depth + 1} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Scalar({ value }: { value: string | number | boolean | null }) {
  const { t } = useTranslation();
  if (value === null || value === "") return <Nothing />;
  if (typeof value === "boolean") return <span>{value ? t("common.yes") : t("common.no")}</span>;
  return <bdi className={typeof value === "number" ? "num" : undefined}>{String(value)}</bdi>;
}

/** Codes that the server has words for are shown in those words. */
export function Words({ values }: { values: unknown[] }) {
  const labels = useLabels();
  const { t } = useTranslation();
  return (
    <span className="flex flex-wrap gap-1">
      {values.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same word may stand twice
        <Badge key={index}>
          {typeof one === "boolean"
            ? one
              ? t("common.yes")
              : t("common.no")
            : (labels.problem(String(one)) ?? String(one))}
        </Badge>
      ))}
    </span>
  );
}

function Records({ columns, records }: { columns: string[]; records: { [name: string]: unknown }[] }) {
  return (
    <div className="scroll-thin overflow-x-auto rounded-lg border border-line">
      <table className="w-full text-sm">
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                className="whitespace-nowrap bg-sunken px-3 py-1.5 font-medium text-muted text-xs"
              >
                <bdi>{readable(column)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a stored list has no names and does not change here
            <tr key={index} className="border-line border-t">
              {columns.map((column) => (
                <td key={column} className="px-3 py-1.5 align-top">
                  <View value={record[column] ?? null} depth={DEPTH} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Code({ value }: { value: unknown }) {
  return (
    <code dir="ltr" className="block whitespace-pre-wrap break-all text-start font-mono text-xs">
      {JSON.stringify(value)}
    </code>
  );
}
