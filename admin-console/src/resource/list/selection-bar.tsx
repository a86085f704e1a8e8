import { useMutation } from "@tanstack/react-query";
import { ChevronDown, Pencil, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Page, Resource, Row } from "@/api/model";
import { api } from "@/lib/api";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { BulkDialog, editableFields, type Task } from "../bulk/bulk-dialog";
import { actionApplies } from "../detail/applies";
import { type ListSearch, queryOf } from "./search";

/** So many rows can be chosen together; more than that is work for an import. */
export const MOST = 1000;

interface SelectionBarProps {
  resource: Resource;
  search: ListSearch;
  rows: Row[];
  /** How many the list holds with its filters. */
  total: number | undefined;
  onSelect: (rows: Row[]) => void;
}

/** Whether rows of this resource can be chosen at all: only where something can be done with them. */
export function selectable(resource: Resource): boolean {
  return resource.verbs.includes("delete") || resource.verbs.includes("update") || (resource.actions ?? []).length > 0;
}

/** All rows that the list's filters let through, page by page. */
async function everyRow(resource: Resource, search: ListSearch): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const query = { ...queryOf(resource, search), titles: true, limit: 100, after };
    const page: Page<Row> = await api.get(resource.path, { query });
    rows.push(...page.data);
    after = page.next ?? undefined;
  } while (after && rows.length < MOST);
  return rows.slice(0, MOST);
}

/** What can be done with the chosen rows at once. */
export function SelectionBar({ resource, search, rows, total, onSelect }: SelectionBarProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const [task, setTask] = useState<Task>();
  const all = useMutation({
    mutationFn: () => everyRow(resource, search),
    onSuccess: onSelect,
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const actions = (resource.actions ?? [])
    .map((action) => ({ action, count: rows.filter((row) => actionApplies(action, row)).length }))
    .filter(({ count }) => count > 0);
  return (
    <div className="sticky top-14 z-20 flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-y bg-accent-soft px-4 py-2 text-sm">
      <p role="status" className="font-medium text-accent-text">
        {t("list.selected", { count: rows.length })}
      </p>
      {total !== undefined && total > rows.length ? (
        <Button size="sm" variant="link" busy={all.isPending} onClick={() => all.mutate()}>
          {t("list.select_matching", { count: Math.min(total, MOST), shown: format.number(Math.min(total, MOST)) })}
        </Button>
      ) : null}
      <Button size="sm" variant="ghost" onClick={() => onSelect([])}>
        {t("list.clear_selection")}
      </Button>
      <div className="ms-auto flex flex-wrap gap-2">
        {resource.verbs.includes("update") && editableFields(resource).length > 0 ? (
          <Button size="sm" onClick={() => setTask({ kind: "edit" })}>
            <Pencil aria-hidden />
            {t("bulk.edit")}
          </Button>
        ) : null}
        {actions.length > 0 ? (
          <Menu
            trigger={
              <Button size="sm">
                <Zap aria-hidden />
                {t("bulk.actions")}
                <ChevronDown aria-hidden />
              </Button>
            }
          >
            {actions.map(({ action, count }) => (
              <MenuItem
                key={action.name}
                danger={action.danger ?? false}
                onSelect={() => setTask({ kind: "action", action })}
              >
                {labels.action(resource, action.name)}
                <span className="num ms-auto ps-4 text-faint">{format.number(count)}</span>
              </MenuItem>
            ))}
          </Menu>
        ) : null}
        {resource.verbs.includes("delete") ? (
          <Button size="sm" className="text-bad" onClick={() => setTask({ kind: "delete" })}>
            <Trash2 aria-hidden />
            {t("common.delete")}
          </Button>
        ) : null}
      </div>
      {task ? (
        <BulkDialog
          resource={resource}
          rows={rows}
          task={task}
          onClose={(finished) => {
            setTask(undefined);
            if (finished) onSelect([]);
          }}
        />
      ) : null}
    </div>
  );
}
