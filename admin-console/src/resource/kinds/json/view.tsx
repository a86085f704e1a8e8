import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { EntityByName, isId } from "../entity";
import { Nothing } from "../shared";
import { asRecords, isPlain, isTree, type Plain } from "./structure";

/** Deeper than this nobody reads it as a form; it is shown as the text it is. */
const DEPTH = 3;

interface ViewProps {
  value: unknown;
  /** Whose words name what stands inside. */
  of: Pick<Resource, "module" | "name">;
  /** What the value is called. */
  name?: string;
  depth?: number;
}

/** Structured data as a person reads it: names beside values, lists as words, alike records as a table. */
export function View({ value, of, name = "", depth = 0 }: ViewProps) {
  if (isPlain(value)) return <Scalar value={value} of={of} name={name} />;
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number")) {
    return <Numbers values={value} />;
  }
  if (depth >= DEPTH) return <Code value={value} />;
  const records = asRecords(value);
  if (records && records.records.length > 0) return <Records of={of} {...records} />;
  if (Array.isArray(value)) {
    if (value.length === 0) return <Nothing />;
    return value.every(isPlain) ? (
      <Words values={value} of={of} name={name} />
    ) : (
      <ol className="list-decimal space-y-2 ps-5">
        {value.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stored list has no names and does not change here
          <li key={index}>
            <View value={one} of={of} depth={depth + 1} />
          </li>
        ))}
      </ol>
    );
  }
  if (!isTree(value)) return <Nothing />;
  // The id of the record itself is for machines.
  const entries = Object.entries(value).filter(([key, one]) => key !== "id" || !isId(one));
  if (entries.length === 0) return <Nothing />;
  return <Pairs entries={entries} of={of} depth={depth} />;
}

function Pairs({ entries, of, depth }: { entries: [string, unknown][]; of: ViewProps["of"]; depth: number }) {
  const labels = useLabels();
  return (
    <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[minmax(6rem,max-content)_1fr]">
      {entries.map(([key, one]) => (
        <div key={key} className="contents">
          <dt className="text-muted">
            <bdi>{labels.word(of, key)}</bdi>
          </dt>
          <dd className="min-w-0 break-words">
            <View value={one} of={of} name={key} depth={depth + 1} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

function Scalar({ value, of, name }: { value: Plain; of: ViewProps["of"]; name: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  if (value === null || value === "") return <Nothing />;
  if (typeof value === "boolean") return <span>{value ? t("common.yes") : t("common.no")}</span>;
  if (typeof value === "number") return <bdi className="num">{String(value)}</bdi>;
  if (isId(value)) return <EntityByName name={name} id={value} />;
  if (DAY.test(value)) return <bdi>{format.date(value)}</bdi>;
  if (INSTANT.test(value)) return <bdi>{format.instant(value)}</bdi>;
  return <bdi>{labels.wordOf(of, name, value)}</bdi>;
}

/** Measured values, such as a place's two coordinates, with as many digits as a map can show. */
function Numbers({ values }: { values: number[] }) {
  return (
    <bdi dir="ltr" className="num">
      {values.map((one) => String(Math.round(one * 1e5) / 1e5)).join(", ")}
    </bdi>
  );
}

/** Codes that the server has words for are shown in those words. */
export function Words({ values, of, name = "" }: Omit<ViewProps, "value"> & { values: unknown[] }) {
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
            : (labels.problem(String(one)) ?? labels.wordOf(of, name, String(one)))}
        </Badge>
      ))}
    </span>
  );
}

interface RecordsProps {
  of: ViewProps["of"];
  columns: string[];
  records: { [name: string]: unknown }[];
}

function Records({ of, columns, records }: RecordsProps) {
  const labels = useLabels();
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
                <bdi>{labels.word(of, column)}</bdi>
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
                  <View value={record[column] ?? null} of={of} name={column} depth={DEPTH} />
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
