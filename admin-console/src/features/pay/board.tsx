import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Banknote, CalendarPlus, Plus, Scale, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { countQuery } from "@/lib/resource-api";
import { StateBadge } from "@/resource/state-badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { MonthFigures } from "./month-figures";
import { NextStep } from "./next-step";
import { REFUSALS, RUNS, runsQuery } from "./pay-api";
import { monthDue, monthOf, STATES, stateOfRun } from "./run-steps";
import { RunTrack } from "./run-track";
import type { Run } from "./shapes";

/** More runs of one state than these are found in the list. */
const SHOWN = 4;

/** Payroll at a glance: the month that is due, what it waits for, and every run by its state. */
export function RunBoard() {
  const { t } = useTranslation();
  const labels = useLabels();
  const resource = useResource(RUNS);
  const runs = useQuery({ ...runsQuery, enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  if (runs.isPending) return <PageSkeleton />;
  if (runs.isError) return <ErrorNote error={runs.error} onRetry={runs.refetch} />;
  const due = monthDue(today());
  const current = runs.data.filter((run) => run.year === due.year && run.month === due.month);
  const creates = resource.verbs.includes("create");
  return (
    <>
      <PageHead
        title={t("nav.payroll")}
        hint={t("pay.board_hint")}
        actions={
          <>
            <Button asChild>
              <Link to="/hr/pay-rules">
                <Scale aria-hidden />
                {t("nav.pay_rules")}
              </Link>
            </Button>
            {creates ? (
              <Button asChild variant={current.length > 0 ? "secondary" : "primary"}>
                <Link
                  to="/$module/$resource/new"
                  params={{ module: "hr", resource: "payroll_runs" }}
                  search={{ year: String(due.year), month: String(due.month) }}
                >
                  <Plus aria-hidden />
                  {t("list.new", { what: labels.one(RUNS) })}
                </Link>
              </Button>
            ) : null}
          </>
        }
      />
      <MonthNow due={due} runs={current} />
      <h2 className="mt-8 mb-3 font-semibold text-lg">{t("pay.by_state")}</h2>
      {runs.data.length === 0 ? (
        <Card>
          <Empty icon={Banknote} title={t("pay.no_runs")}>
            {t("pay.no_runs_hint")}
          </Empty>
        </Card>
      ) : (
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 2xl:grid-cols-6">
          {STATES.map((state) => (
            <Lane key={state} state={state} runs={runs.data.filter((run) => stateOfRun(run) === state)} />
          ))}
        </div>
      )}
    </>
  );
}

function MonthNow({ due, runs }: { due: { year: number; month: number }; runs: Run[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const month = format.month(monthOf(due));
  // Of several drafts one goes further: the one that is furthest.
  const run = runs.toSorted((a, b) => STATES.indexOf(stateOfRun(b)) - STATES.indexOf(stateOfRun(a)))[0];
  if (!run) {
    return (
      <Card>
        <Empty icon={CalendarPlus} title={t("pay.month_without_run", { month })}>
          {t("pay.month_without_run_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <CardHead
        title={
          <Link to="/hr/payroll/$id" params={{ id: run.id }} className="rounded hover:text-accent-text hover:underline">
            {t("pay.run_of", { month })}
          </Link>
        }
        hint={<bdi>{run.run_number}</bdi>}
        actions={<NextStep run={run} />}
      />
      <div className="space-y-5 px-5 pb-5">
        <RunTrack run={run} />
        <MonthFigures run={run} />
      </div>
    </Card>
  );
}

function Lane({ state, runs }: { state: (typeof STATES)[number]; runs: Run[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  return (
    <section className={cn("min-w-0 rounded-card bg-sunken p-2", runs.length === 0 && "max-sm:hidden")}>
      <h3 className="flex items-center justify-between px-2 py-1 font-medium text-muted text-sm">
        {labels.choice(RUNS, "status", state)}
        <span className="num text-faint text-xs">{format.number(runs.length)}</span>
      </h3>
      <ul className="space-y-2">
        {runs.slice(0, SHOWN).map((run) => (
          <li key={run.id}>
            <RunCard run={run} />
          </li>
        ))}
      </ul>
      {runs.length === 0 ? <p className="px-2 py-3 text-faint text-sm">{t("pay.none_here")}</p> : null}
      {runs.length > SHOWN ? (
        <Link
          to="/$module/$resource"
          params={{ module: "hr", resource: "payroll_runs" }}
          search={{ status: state }}
          className="block px-2 py-2 text-accent-text text-sm hover:underline"
        >
          {t("pay.all_of_them", { shown: format.number(runs.length) })}
        </Link>
      ) : null}
    </section>
  );
}

function RunCard({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const resource = useResource(RUNS);
  return (
    <Card className="relative p-3 hover:border-line-strong">
      <p className="flex items-center justify-between gap-2">
        <Link
          to="/hr/payroll/$id"
          params={{ id: run.id }}
          className="font-medium text-sm before:absolute before:inset-0 hover:text-accent-text"
        >
          {format.month(monthOf(run))}
        </Link>
        {resource ? <StateBadge resource={resource} row={run} /> : null}
      </p>
      <p className="num mt-1 text-faint text-xs">
        <bdi>{run.run_number}</bdi>
        {typeof run.paid_on === "string" ? ` · ${t("pay.paid_on", { day: format.date(run.paid_on) })}` : null}
      </p>
      <RefusalCount runId={run.id} />
    </Card>
  );
}

/** How many the run could not pay; silent where it could pay everybody. */
function RefusalCount({ runId }: { runId: string }) {
  const resource = useResource(REFUSALS);
  return resource ? <Refused resource={resource} runId={runId} /> : null;
}

function Refused({ resource, runId }: { resource: Resource; runId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = useQuery(countQuery(resource, { run_id: runId })).data ?? 0;
  if (count === 0) return null;
  return (
    <p className="mt-1.5 flex items-center gap-1.5 text-warn text-xs">
      <TriangleAlert className="size-3.5 shrink-0" aria-hidden />
      {t("pay.refused", { count, shown: format.number(count) })}
    </p>
  );
}
