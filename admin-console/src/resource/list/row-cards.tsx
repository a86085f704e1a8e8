import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Field, Resource, Row } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { titleOf } from "@/lib/resource-api";
import { Checkbox } from "@/ui/field";
import { ChevronEnd } from "@/ui/icons";
import { kindOf } from "../kinds/registry";
import { stateOf } from "../places";
import { RowTitle } from "../row-title";

const SHOWN = 4;

interface RowCardsProps {
  resource: Resource;
  rows: Row[];
  fields: Field[];
  selected?: Row[];
  /** While rows are being chosen each card has a box. */
  onSelect?: ((rows: Row[]) => void) | undefined;
}

/** The list on a phone: a card for a row, with its name, its state and a few facts. */
export function RowCards({ resource, rows, fields, selected = [], onSelect }: RowCardsProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const state = stateOf(resource);
  const facts = fields
    .filter((field) => field.name !== state?.name && !resource.title.includes(field.name))
    .slice(0, SHOWN);
  const State = state ? kindOf(state.kind).Cell : undefined;
  return (
    <ul className="divide-y divide-line border-line border-t">
      {rows.map((row) => (
        <li key={row.id} className="relative px-4 py-3.5 active:bg-hover">
          <div className="mb-2 flex items-center justify-between gap-3">
            {onSelect ? (
              <Checkbox
                className="relative z-10 size-5"
                aria-label={t("list.select", { what: titleOf(resource, row) })}
                checked={selected.some((one) => one.id === row.id)}
                onChange={(event) =>
                  onSelect(event.target.checked ? [...selected, row] : selected.filter((one) => one.id !== row.id))
                }
              />
            ) : null}
            <Link
              to="/$module/$resource/$id"
              params={{ module: resource.module, resource: resource.name, id: row.id }}
              className="min-w-0 flex-1 truncate font-medium text-ink before:absolute before:inset-0"
            >
              <RowTitle resource={resource} row={row} />
            </Link>
            <span className="flex shrink-0 items-center gap-2">
              {state && State ? <State resource={resource} field={state} value={row[state.name]} row={row} /> : null}
              <ChevronEnd className="size-4 text-faint" />
            </span>
          </div>
          <dl className="grid grid-cols-2 gap-x-4 gap-y-1.5 text-sm">
            {facts.map((field) => {
              const { Cell } = kindOf(field.kind);
              return (
                <div key={field.name} className="min-w-0">
                  <dt className="truncate text-faint text-xs">{labels.field(resource, field.name)}</dt>
                  <dd className="relative truncate">
                    <Cell resource={resource} field={field} value={row[field.name]} row={row} />
                  </dd>
                </div>
              );
            })}
          </dl>
        </li>
      ))}
    </ul>
  );
}
