import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, RotateCw } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Action, Field, Resource, Row } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Problem } from "@/lib/problem";
import { rowsChanged } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { wordsFor } from "@/ui/error-note";
import { Field as FieldFrame, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { actionApplies } from "../detail/applies";
import { FieldControl, type FormValues } from "../form/field-control";
import { bodyForCreate, startingValues } from "../form/values";
import { kindOf } from "../kinds/registry";
import { RowTitle } from "../row-title";
import { type Outcome, runBulk, type Work } from "./run";

/** What the reader chose to do with the selected rows. */
export type Task = { kind: "delete" } | { kind: "edit" } | { kind: "action"; action: Action };

interface BulkDialogProps {
  resource: Resource;
  rows: Row[];
  task: Task;
  onClose: (finished: boolean) => void;
}

/** The fields that may be set to the same value in many rows. */
export function editableFields(resource: Resource): Field[] {
  return resource.fields.filter(
    (field) =>
      field.writable !== false && !field.read_only && !field.create_only && !field.unique && field.kind !== "file",
  );
}

/** Asks for what is needed, does it row by row, and says for each row how it went. */
export function BulkDialog({ resource, rows, task, onClose }: BulkDialogProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const fitting = task.kind === "action" ? rows.filter((row) => actionApplies(task.action, row)) : rows;
  const run = useRun(resource);
  const fields = editableFields(resource);
  const [fieldName, setFieldName] = useState(fields[0]?.name ?? "");
  const field = fields.find((one) => one.name === fieldName);
  const inputs = task.kind === "action" ? (task.action.inputs ?? []) : task.kind === "edit" && field ? [field] : [];
  const form = useForm<FormValues>({ defaultValues: startingValues(inputs) });
  const danger = task.kind === "delete" || (task.kind === "action" && (task.action.danger ?? false));
  const name = titleOfTask(task, t("bulk.edit"), t("common.delete"), (action) => labels.action(resource, action));

  function work(values: FormValues): Work | undefined {
    if (task.kind === "delete") return { kind: "delete" };
    if (task.kind === "action") return { kind: "action", action: task.action, inputs: bodyForCreate(inputs, values) };
    if (!field) return undefined;
    const { toBody } = kindOf(field.kind);
    const value = values[field.name];
    return { kind: "edit", field, value: toBody ? toBody(value) : (value ?? null) };
  }

  const started = run.outcomes.length > 0;
  return (
    <Dialog
      open
      onOpenChange={() => {
        run.stop();
        onClose(started);
      }}
      size="md"
      title={t("bulk.title", { what: name, count: fitting.length })}
      description={started ? undefined : danger ? t("bulk.danger") : t("bulk.hint")}
      footer={
        started ? (
          <Footer run={run} onClose={() => onClose(true)} />
        ) : (
          <>
            <Button onClick={() => onClose(false)}>{t("common.cancel")}</Button>
            <Button
              type="submit"
              form="bulk"
              variant={danger ? "danger" : "primary"}
              disabled={fitting.length === 0 || (task.kind === "edit" && !field)}
            >
              {name}
            </Button>
          </>
        )
      }
    >
      {started ? (
        <Progress resource={resource} run={run} />
      ) : (
        <form
          id="bulk"
          noValidate
          className="space-y-4"
          onSubmit={form.handleSubmit((values) => {
            const todo = work(values);
            if (todo) run.start(fitting, todo);
          })}
        >
          {fitting.length < rows.length ? (
            <Note kind="warn">{t("bulk.left_out", { count: rows.length - fitting.length })}</Note>
          ) : null}
          {task.kind === "edit" ? (
            <FieldFrame id="bulk-field" label={t("bulk.field")}>
              <Select
                id="bulk-field"
                value={fieldName}
                onChange={(event) => {
                  setFieldName(event.target.value);
                  form.reset({});
                }}
              >
                {fields.map((one) => (
                  <option key={one.name} value={one.name}>
                    {labels.field(resource, one.name)}
                  </option>
                ))}
              </Select>
            </FieldFrame>
          ) : null}
          {inputs.map((input) => (
            <FieldControl key={input.name} control={form.control} resource={resource} field={input} idPrefix="bulk" />
          ))}
          {task.kind === "delete" ? <p className="text-muted text-sm">{t("list.delete_hint")}</p> : null}
        </form>
      )}
    </Dialog>
  );
}

function titleOfTask(task: Task, edit: string, remove: string, action: (name: string) => string): string {
  if (task.kind === "edit") return edit;
  return task.kind === "delete" ? remove : action(task.action.name);
}

interface RunState {
  outcomes: Outcome[];
  busy: boolean;
  start: (rows: Row[], work: Work) => void;
  retry: () => void;
  stop: () => void;
}

function useRun(resource: Resource): RunState {
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [busy, setBusy] = useState(false);
  const stopper = useRef<AbortController>(undefined);
  const last = useRef<Work>(undefined);

  async function go(rows: Row[], work: Work) {
    const control = new AbortController();
    stopper.current = control;
    setBusy(true);
    await runBulk({
      resource,
      rows,
      work,
      signal: control.signal,
      tell: (outcome) => setOutcomes((before) => before.map((one) => (one.row.id === outcome.row.id ? outcome : one))),
    });
    setBusy(false);
    await rowsChanged();
  }

  return {
    outcomes,
    busy,
    start: (rows, work) => {
      last.current = work;
      setOutcomes(rows.map((row) => ({ row, state: "waiting" })));
      void go(rows, work);
    },
    retry: () => {
      const again = outcomes.filter((one) => one.state !== "done").map((one) => one.row);
      setOutcomes((before) => before.map((one) => (one.state === "done" ? one : { row: one.row, state: "waiting" })));
      if (last.current) void go(again, last.current);
    },
    stop: () => stopper.current?.abort(),
  };
}

function tally(outcomes: Outcome[]) {
  const count = (state: Outcome["state"]) => outcomes.filter((one) => one.state === state).length;
  return { done: count("done"), failed: count("failed"), waiting: count("waiting"), all: outcomes.length };
}

function Progress({ resource, run }: { resource: Resource; run: RunState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { done, failed, all } = tally(run.outcomes);
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => bar.current?.focus(), []);
  const troubled = run.outcomes.filter((one) => one.state === "failed");
  return (
    <div className="space-y-4">
      <div
        ref={bar}
        tabIndex={-1}
        role="progressbar"
        aria-valuenow={done + failed}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-label={t("bulk.progress")}
        className="flex h-2.5 overflow-hidden rounded-full bg-hover outline-none"
      >
        <span className="bg-ok transition-[flex-grow]" style={{ flexGrow: done }} />
        <span className="bg-bad transition-[flex-grow]" style={{ flexGrow: failed }} />
        <span style={{ flexGrow: all - done - failed }} />
      </div>
      <ul role="status" className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        <Tally icon={<CircleCheck className="size-4 text-ok" aria-hidden />}>
          {t("bulk.done", { count: done, shown: format.number(done) })}
        </Tally>
        {failed > 0 ? (
          <Tally icon={<CircleAlert className="size-4 text-bad" aria-hidden />}>
            {t("bulk.failed", { count: failed, shown: format.number(failed) })}
          </Tally>
        ) : null}
      </ul>
      {troubled.length > 0 ? (
        <ul className="scroll-thin max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line text-sm">
          {troubled.map(({ row, error }) => (
            <li key={row.id} className="px-3 py-2">
              <Link
                to="/$module/$resource/$id"
                params={{ module: resource.module, resource: resource.name, id: row.id }}
                className="font-medium hover:text-accent-text hover:underline"
              >
                <RowTitle resource={resource} row={row} />
              </Link>
              <p className="text-bad">{reasons(error, wordsFor(error, t))}</p>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Tally({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-1.5">
      {icon}
      {children}
    </li>
  );
}

/** The reasons at the fields say more than the general one above them. */
function reasons(error: unknown, general: string): string {
  const at = error instanceof Problem ? error.errors.flatMap((one) => one.message || []) : [];
  return at.length > 0 ? at.join(" ") : general;
}

function Footer({ run, onClose }: { run: RunState; onClose: () => void }) {
  const { t } = useTranslation();
  const { failed, waiting } = tally(run.outcomes);
  if (run.busy) return <Button onClick={run.stop}>{t("bulk.stop")}</Button>;
  const open = failed + waiting;
  return (
    <>
      {open > 0 ? (
        <Button onClick={run.retry}>
          <RotateCw aria-hidden />
          {t("bulk.retry", { count: open })}
        </Button>
      ) : null}
      <Button variant="primary" onClick={onClose}>
        {t("common.close")}
      </Button>
    </>
  );
}
