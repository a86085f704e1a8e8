import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { CircleHelp, Download, Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Resource } from "@/api/model";
import { useCan, useResource } from "@/lib/account";
import { download } from "@/lib/api";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { type Language, usePreferences } from "@/lib/preferences";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { actionApplies } from "@/resource/detail/applies";
import { StateBadge } from "@/resource/state-badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Trail } from "@/ui/trail";
import { Amount } from "./amount";
import { halalas } from "./halalas";
import { explanationQuery, RUNS, SALARIES, salaryQuery } from "./pay-api";
import { payslipGroups, wasStopped } from "./payslip-groups";
import { monthOf } from "./run-steps";
import type { ExplainedLine, Explanation, Salary } from "./shapes";
import { Why } from "./why";

/** A payslip: what was earned, what is taken off and what the company pays beside it; each line says why. */
export function PayslipPage() {
  const { id = "" } = useParams({ strict: false });
  return <Payslip key={id} id={id} />;
}

export function Payslip({ id }: { id: string }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const resource = useResource(SALARIES);
  const salary = useQuery({ ...salaryQuery(id), enabled: resource !== undefined });
  const explanation = useQuery({ ...explanationQuery(id, language), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  if (salary.isPending) return <PageSkeleton />;
  if (salary.isError) return <ErrorNote error={salary.error} onRetry={salary.refetch} />;
  return (
    <div className="mx-auto max-w-4xl">
      <Head resource={resource} salary={salary.data} />
      {explanation.isPending ? <PageSkeleton /> : null}
      {explanation.isError ? <ErrorNote error={explanation.error} onRetry={explanation.refetch} /> : null}
      {explanation.data ? <Slip salary={salary.data} explanation={explanation.data} /> : null}
    </div>
  );
}

function Head({ resource, salary }: { resource: Resource; salary: Salary }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const seesRuns = useResource(RUNS) !== undefined;
  const month = format.month(monthOf(salary));
  const crumbs = seesRuns
    ? [
        { label: t("nav.payroll"), to: "/hr/payroll" },
        { label: month, to: `/hr/payroll/${salary.run_id}` },
      ]
    : [{ label: t("nav.my_pay"), to: "/hr/my-pay" }];
  return (
    <PageHead
      trail={<Trail crumbs={crumbs} />}
      title={<bdi>{salary.courier_title ?? labels.one(resource)}</bdi>}
      badge={<StateBadge resource={resource} row={salary} />}
      hint={t("pay.slip_hint", {
        month,
        from: format.date(salary.period_starts_on),
        to: format.date(salary.period_ends_on),
        category: labels.choice(resource, "category", salary.category),
      })}
      actions={<SlipActions resource={resource} salary={salary} />}
    />
  );
}

function SlipActions({ resource, salary }: { resource: Resource; salary: Salary }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const [running, setRunning] = useState<Action>();
  const save = useMutation({
    mutationFn: (language: Language) =>
      download(`/hr/salaries/${salary.id}/payslip`, { language }, `payslip-${monthOf(salary)}-${language}.pdf`),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const actions = (resource.actions ?? []).filter((action) => actionApplies(action, salary));
  return (
    <>
      {can("salaries.read_pay")
        ? (["ar", "en"] as const).map((language) => (
            <Button
              key={language}
              busy={save.isPending && save.variables === language}
              onClick={() => save.mutate(language)}
            >
              <Download aria-hidden />
              {t(`pay.pdf_${language}`)}
            </Button>
          ))
        : null}
      {actions.length > 0 ? (
        <Menu
          trigger={
            <Button size="icon" aria-label={t("detail.more_actions")}>
              <Ellipsis aria-hidden />
            </Button>
          }
        >
          {actions.map((action) => (
            <MenuItem key={action.name} danger={action.danger ?? false} onSelect={() => setRunning(action)}>
              {labels.action(resource, action.name)}
            </MenuItem>
          ))}
        </Menu>
      ) : null}
      {running ? (
        <ActionDialog resource={resource} row={salary} action={running} onClose={() => setRunning(undefined)} />
      ) : null}
    </>
  );
}

function Slip({ salary, explanation }: { salary: Salary; explanation: Explanation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<ExplainedLine>();
  const groups = payslipGroups(explanation.lines);
  return (
    <>
      <Card className="mb-4 overflow-hidden">
        <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-4 bg-accent-soft px-5 py-5">
          <div>
            <p className="text-accent-text text-sm">{t("pay.net")}</p>
            <p className="mt-0.5 font-semibold text-3xl text-ink">
              <Amount value={explanation.net} />
            </p>
          </div>
          <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm">
            {salary.category === "salaried" ? null : (
              <>
                <Figure label={t("pay.column_orders")} value={format.number(salary.total_orders)} />
                <Figure label={t("pay.target")} value={format.upTo(salary.final_target, 2)} />
              </>
            )}
            <Figure label={t("pay.days")} value={format.number(salary.days_since_joining)} />
          </dl>
        </div>
        {typeof salary.hold_reason === "string" && salary.hold_reason !== "" ? (
          <Note kind="warn" title={t("pay.held")} className="m-4">
            <bdi>{salary.hold_reason}</bdi>
          </Note>
        ) : null}
      </Card>
      <div className="grid gap-4">
        <Group title={t("pay.earned")} sum={groups.earnedSum} lines={groups.earned} onWhy={setAsked} />
        <Group
          title={t("pay.deducted")}
          sum={groups.deductedSum}
          lines={groups.deducted}
          onWhy={setAsked}
          none={t("pay.nothing_deducted")}
          hint={
            halalas(groups.carriedSum) > 0
              ? t("pay.carried_sum", { amount: format.number(groups.carriedSum, 2) })
              : undefined
          }
        />
        {groups.beside.length > 0 ? (
          <Group title={t("pay.beside")} hint={t("pay.beside_hint")} lines={groups.beside} onWhy={setAsked} />
        ) : null}
      </div>
      {asked ? <Why salaryId={salary.id} line={asked} onClose={() => setAsked(undefined)} /> : null}
    </>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="text-muted text-xs">{label}</dt>
      <dd className="num font-medium">
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

interface GroupProps {
  title: string;
  hint?: string | undefined;
  /** Said where the group has no line. */
  none?: string;
  sum?: string;
  lines: ExplainedLine[];
  onWhy: (line: ExplainedLine) => void;
}

function Group({ title, hint, none, sum, lines, onWhy }: GroupProps) {
  return (
    <Card>
      <CardHead
        title={title}
        hint={hint}
        actions={sum && lines.length > 0 ? <Amount value={sum} className="font-semibold text-base" /> : null}
      />
      {lines.length === 0 ? <p className="px-5 pb-4 text-muted text-sm">{none}</p> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {lines.map((line) => (
          <Line key={line.id} line={line} onWhy={() => onWhy(line)} />
        ))}
      </ul>
    </Card>
  );
}

function Line({ line, onWhy }: { line: ExplainedLine; onWhy: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const stopped = wasStopped(line);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
      <div className="min-w-40 flex-1">
        <p className="text-sm">{line.label}</p>
        {stopped ? (
          <p className="mt-0.5 text-muted text-xs">
            {t("pay.asked_allowed", {
              asked: format.number(line.asked ?? "0", 2),
              carried: format.number(line.carried ?? "0", 2),
            })}
            {line.article ? ` · ${t("pay.stopped_by", { article: line.article })}` : null}
          </p>
        ) : line.article ? (
          <p className="mt-0.5 text-faint text-xs">{line.article}</p>
        ) : null}
      </div>
      <Amount value={line.amount} className={cn("font-medium text-sm", halalas(line.amount) < 0 && "text-bad")} />
      <Button
        variant="ghost"
        size="sm"
        className="max-sm:-ms-2.5"
        onClick={onWhy}
        aria-label={t("pay.why_of", { line: line.label })}
      >
        <CircleHelp aria-hidden />
        {t("pay.why")}
      </Button>
    </li>
  );
}
