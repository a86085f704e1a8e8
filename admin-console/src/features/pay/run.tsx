import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { Ellipsis, FileUp, FlaskConical } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Resource } from "@/api/model";
import { useCan, useResource } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { actionApplies } from "@/resource/detail/applies";
import { History } from "@/resource/detail/history";
import { RowFacts } from "@/resource/detail/resource-detail";
import { StateBadge } from "@/resource/state-badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Trail } from "@/ui/trail";
import { Collect } from "./collect";
import { ComparisonView } from "./comparison";
import { RunFiles } from "./files";
import { MonthFigures } from "./month-figures";
import { NextStep } from "./next-step";
import { REFUSALS, RUNS, refusalsQuery, runQuery } from "./pay-api";
import { People } from "./people";
import { Refusals } from "./refusals";
import { monthOf, nextStep, stateOfRun } from "./run-steps";
import { RunTrack } from "./run-track";
import type { Run } from "./shapes";
import { SheetUpload } from "./sheet-upload";

const TABS = ["people", "changes", "refusals", "files", "facts", "history"] as const;

/** One month's payroll: where it stands and what comes next, everybody in it, what changed, who could not be paid, its files. */
export function RunPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const resource = useResource(RUNS);
  const run = useQuery({ ...runQuery(id), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  if (run.isPending) return <PageSkeleton />;
  if (run.isError) return <ErrorNote error={run.error} onRetry={run.refetch} />;
  return <RunView resource={resource} run={run.data} />;
}

function RunView({ resource, run }: { resource: Resource; run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const refusable = useResource(REFUSALS) !== undefined;
  const refusals = useQuery({ ...refusalsQuery(run.id), enabled: refusable });
  const isDraft = stateOfRun(run) === "draft";
  const tab = TABS.find((one) => one === search.tab) ?? "people";
  const refused = refusals.data?.length;
  const tabs = [
    { value: "people", label: t("pay.couriers") },
    { value: "changes", label: t("pay.changes") },
    ...(refusable
      ? [{ value: "refusals", label: t("pay.refusals"), ...(refused ? { count: format.number(refused) } : {}) }]
      : []),
    { value: "files", label: t("pay.files") },
    { value: "facts", label: t("detail.facts") },
    ...(resource.verbs.includes("history") ? [{ value: "history", label: t("history.title") }] : []),
  ];
  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: t("nav.payroll"), to: "/hr/payroll" }]} />}
        title={t("pay.run_of", { month: format.month(monthOf(run)) })}
        hint={<bdi>{run.run_number}</bdi>}
        badge={<StateBadge resource={resource} row={run} />}
        actions={<RunActions resource={resource} run={run} />}
      />
      <div className="space-y-4">
        <Card className="p-5">
          <RunTrack run={run} />
          {nextStep(run) ? (
            <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-t pt-4">
              <span className="text-muted text-sm">{t("pay.next_step")}</span>
              <NextStep run={run} />
            </div>
          ) : null}
        </Card>
        <MonthFigures run={run} />
        {refused ? (
          <Note
            kind="warn"
            title={t("pay.refused", { count: refused, shown: format.number(refused) })}
            actions={
              tab === "refusals" ? null : (
                <Button size="sm" asChild>
                  <Link to="/hr/payroll/$id" params={{ id: run.id }} search={{ tab: "refusals" }}>
                    {t("pay.see_why")}
                  </Link>
                </Button>
              )
            }
          >
            {t("pay.refused_hint")}
          </Note>
        ) : null}
      </div>
      <div className="mt-6">
        <Tabs
          value={tab}
          onChange={(next) =>
            navigate({
              to: "/hr/payroll/$id",
              params: { id: run.id },
              search: next === "people" ? {} : { tab: next },
              replace: true,
            })
          }
          label={t("pay.parts")}
          tabs={tabs}
        >
          <TabPanel value="people">
            <People run={run} isDraft={isDraft} />
          </TabPanel>
          <TabPanel value="changes">
            <ComparisonView run={run} isDraft={isDraft} />
          </TabPanel>
          <TabPanel value="refusals">
            <Refusals run={run} />
          </TabPanel>
          <TabPanel value="files">
            <RunFiles run={run} />
          </TabPanel>
          <TabPanel value="facts">
            <RowFacts resource={resource} row={run} />
          </TabPanel>
          <TabPanel value="history">
            <History resource={resource} id={run.id} />
          </TabPanel>
        </Tabs>
      </div>
    </>
  );
}

/** What else can be done with a run: the next step stands by itself. */
function RunActions({ resource, run }: { resource: Resource; run: Run }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const navigate = useNavigate();
  const [running, setRunning] = useState<Action>();
  const [uploading, setUploading] = useState(false);
  const step = nextStep(run);
  const others = (resource.actions ?? []).filter((action) => action.name !== step && actionApplies(action, run));
  const edits = resource.verbs.includes("update");
  return (
    <>
      {stateOfRun(run) === "draft" && can("payroll_inputs.create") ? (
        <Button onClick={() => setUploading(true)}>
          <FileUp aria-hidden />
          {t("pay.sheet")}
        </Button>
      ) : null}
      {stateOfRun(run) === "draft" && can("payroll_inputs.create") ? <Collect run={run} /> : null}
      {can("pay_figures.read") && stateOfRun(run) !== "draft" ? (
        <Button asChild>
          <Link to="/hr/payroll/$id/what-if" params={{ id: run.id }}>
            <FlaskConical aria-hidden />
            {t("pay.what_if")}
          </Link>
        </Button>
      ) : null}
      {others.length > 0 || edits ? (
        <Menu
          trigger={
            <Button size="icon" aria-label={t("detail.more_actions")}>
              <Ellipsis aria-hidden />
            </Button>
          }
        >
          {others.map((action) => (
            <MenuItem key={action.name} danger={action.danger ?? false} onSelect={() => setRunning(action)}>
              {action.name === "calculate" ? t("pay.calculate_again") : labels.action(resource, action.name)}
            </MenuItem>
          ))}
          {edits ? (
            <MenuItem
              onSelect={() =>
                navigate({
                  to: "/$module/$resource/$id/edit",
                  params: { module: "hr", resource: "payroll_runs", id: run.id },
                })
              }
            >
              {t("common.edit")}
            </MenuItem>
          ) : null}
        </Menu>
      ) : null}
      {running ? (
        <ActionDialog resource={resource} row={run} action={running} onClose={() => setRunning(undefined)} />
      ) : null}
      {uploading ? <SheetUpload run={run} onClose={() => setUploading(false)} /> : null}
    </>
  );
}
