import { Link, useNavigate } from "@tanstack/react-router";
import {
  type ColumnDef,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import { type MouseEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource, Row } from "@/api/model";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { type Labels, useLabels } from "@/lib/labels";
import { titleGiven, titleOf } from "@/lib/resource-api";
import { Checkbox } from "@/ui/field";
import { Table, Td, Th } from "@/ui/table";
import { titleField } from "../kinds/reference";
import { kindOf } from "../kinds/registry";
import { RowTitle } from "../row-title";
import { type ListSearch, nextSort, sortIn } from "./search";

const features = tableFeatures({ rowSelectionFeature });

interface RowTableProps {
  resource: Resource;
  rows: Row[];
  fields: Field[];
  search?: ListSearch;
  onSort?: (sort: string | undefined) => void;
  selected?: Row[];
  onSelect?: ((rows: Row[]) => void) | undefined;
  fading?: boolean;
}

const SORTABLE = new Set([
  "text",
  "choice",
  "integer",
  "decimal",
  "money",
  "date",
  "instant",
  "boolean",
  "plate",
  "email",
  "phone",
  "national_id",
  "iban",
  "time",
]);

function columnsFor(resource: Resource, fields: Field[], labels: Labels): ColumnDef<typeof features, Row>[] {
  return fields.map((field) => ({
    id: field.name,
    header: labels.field(resource, field.name),
    cell: ({ row }) => <FieldCell resource={resource} field={field} row={row.original} isTitle={field === fields[0]} />,
  }));
}

/** The first column leads to the row; a reference there would lead elsewhere, so it is shown by its title alone. */
function FieldCell({
  resource,
  field,
  row,
  isTitle,
}: {
  resource: Resource;
  field: Field;
  row: Row;
  isTitle: boolean;
}) {
  const { Cell } = kindOf(field.kind);
  if (!isTitle) return <Cell resource={resource} field={field} value={row[field.name]} row={row} />;
  const empty = row[field.name] === null || row[field.name] === undefined;
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: resource.module, resource: resource.name, id: row.id }}
      className="whitespace-nowrap rounded font-medium text-ink hover:text-accent-text hover:underline"
    >
      {field.kind === "reference" || empty ? (
        <TitleText resource={resource} field={field} row={row} />
      ) : (
        <Cell resource={resource} field={field} value={row[field.name]} row={row} />
      )}
    </Link>
  );
}

function TitleText({ resource, field, row }: { resource: Resource; field: Field; row: Row }) {
  const target = useResource(field.to ?? "");
  const title = row[titleField(field.name)];
  return typeof title === "string" ? (
    <bdi>{titleGiven(target, title)}</bdi>
  ) : (
    <RowTitle resource={resource} row={row} />
  );
}

export function RowTable({ resource, rows, fields, search = {}, onSort, selected, onSelect, fading }: RowTableProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  const columns = useMemo(() => columnsFor(resource, fields, labels), [resource, fields, labels]);
  const rowSelection: RowSelectionState = Object.fromEntries((selected ?? []).map((row) => [row.id, true]));
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (row: Row) => row.id,
    state: { rowSelection },
    onRowSelectionChange: (update) => {
      const next = typeof update === "function" ? update(rowSelection) : update;
      // What was chosen on other pages stays chosen.
      const elsewhere = (selected ?? []).filter((row) => !rows.some((one) => one.id === row.id));
      onSelect?.([...elsewhere, ...rows.filter((row) => next[row.id])]);
    },
  });
  const sort = sortIn(search);

  /** A click anywhere on a row opens it, except on something that has a purpose of its own or while text is marked. */
  function open(event: MouseEvent, row: Row) {
    if ((event.target as Element).closest("a, button, input, label") || window.getSelection()?.toString()) return;
    navigate({
      to: "/$module/$resource/$id",
      params: { module: resource.module, resource: resource.name, id: row.id },
    });
  }

  return (
    <Table className={cn("transition-opacity", fading && "opacity-60")} aria-label={labels.many(resource)}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {onSelect ? (
              <Th className="w-10 pe-0">
                <Checkbox
                  aria-label={t("list.select_all")}
                  checked={table.getIsAllRowsSelected()}
                  onChange={table.getToggleAllRowsSelectedHandler()}
                />
              </Th>
            ) : null}
            {group.headers.map((header) => {
              const field = fields.find((one) => one.name === header.id);
              const numeric = kindOf(field?.kind ?? "text").numeric;
              const sorted = sort?.field === header.id ? (sort.descending ? "descending" : "ascending") : undefined;
              const Arrow = sorted === "descending" ? ArrowDown : sorted ? ArrowUp : ChevronsUpDown;
              return (
                <Th key={header.id} aria-sort={sorted} className={numeric ? "num-column" : ""}>
                  {onSort && field && SORTABLE.has(field.kind) ? (
                    <button
                      type="button"
                      onClick={() => onSort(nextSort(search, field.name))}
                      className={cn(
                        "group inline-flex items-center gap-1 rounded hover:text-ink",
                        numeric && "ltr:flex-row-reverse",
                        sorted && "text-ink",
                      )}
                    >
                      <table.FlexRender header={header} />
                      <Arrow
                        aria-hidden
                        className={cn("size-3.5", !sorted && "opacity-0 group-hover:opacity-60 group-focus:opacity-60")}
                      />
                    </button>
                  ) : (
                    <table.FlexRender header={header} />
                  )}
                </Th>
              );
            })}
          </tr>
        ))}
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => (
          <tr
            key={row.id}
            onClick={(event) => open(event, row.original)}
            aria-selected={onSelect ? row.getIsSelected() : undefined}
            className="cursor-pointer transition-colors last:[&>td]:border-b-0 hover:bg-hover/60 aria-selected:bg-accent-soft"
          >
            {onSelect ? (
              <Td className="w-10 pe-0">
                <Checkbox
                  aria-label={t("list.select", { what: titleOf(resource, row.original) })}
                  checked={row.getIsSelected()}
                  onChange={row.getToggleSelectedHandler()}
                />
              </Td>
            ) : null}
            {row.getAllCells().map((cell) => {
              const kind = kindOf(fields.find((one) => one.name === cell.column.id)?.kind ?? "text");
              return (
                <Td key={cell.id} className={cn("max-w-80", kind.numeric && "num-column")}>
                  {/* A sentence may take a second line, but not one line for each word. */}
                  <div className={kind === kindOf("text") ? "w-max max-w-60" : undefined}>
                    <table.FlexRender cell={cell} />
                  </div>
                </Td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
