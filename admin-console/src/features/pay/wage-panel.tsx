import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheckBig, Download, Landmark, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useResource } from "@/lib/account";
import { download } from "@/lib/api";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { DateField } from "@/ui/date-field";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Field, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Amount } from "./amount";
import {
  ACCOUNTS,
  accountsQuery,
  type Finding,
  makeWageFile,
  WAGE_FILES,
  type WageCheck,
  type WageChoice,
  type WageFile,
  wageCheckQuery,
  wageFilesQuery,
} from "./files-api";
import { stateOfRun } from "./run-steps";
import type { Run } from "./shapes";

const MADE_IN = new Set(["approved", "paid", "locked"]);
const SHOWN = 30;

/** The wage file: what the bank would refuse is found first, and the file is made when nothing of it is left. */
export function WagePanel({ run }: { run: Run }) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState<WageChoice>({});
  const check = useQuery(wageCheckQuery(run.id, choice));
  return (
    <Card>
      <CardHead title={t("pay.wage_file")} hint={t("pay.wage_file_hint")} />
      <Choices choice={choice} checked={check.data} onChange={setChoice} />
      {check.isPending ? <RowsSkeleton rows={3} /> : null}
      {check.isError ? <ErrorNote error={check.error} onRetry={check.refetch} className="m-5" /> : null}
      {check.data ? <Findings check={check.data} /> : null}
      <Make run={run} choice={choice} check={check.data} />
      <Made run={run} />
    </Card>
  );
}

interface ChoicesProps {
  choice: WageChoice;
  checked: WageCheck | undefined;
  onChange: (next: WageChoice) => void;
}

function Choices({ choice, checked, onChange }: ChoicesProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const resource = useResource(ACCOUNTS);
  const accounts = useQuery({ ...accountsQuery, enabled: resource !== undefined });
  return (
    <div className="flex flex-wrap items-end gap-3 px-5 pb-4">
      {accounts.data && accounts.data.length > 0 ? (
        <Field id="wage-account" label={labels.one(ACCOUNTS)} className="w-64">
          <Select
            id="wage-account"
            value={choice.paying_account_id ?? checked?.paying_account_id ?? ""}
            onChange={(event) => onChange({ ...choice, paying_account_id: event.target.value })}
          >
            {accounts.data.map((account) => (
              <option key={account.id} value={account.id}>
                {account.name}
              </option>
            ))}
          </Select>
        </Field>
      ) : resource && accounts.data ? (
        <Button asChild>
          <Link to="/$module/$resource/new" params={{ module: "hr", resource: "paying_accounts" }}>
            <Landmark aria-hidden />
            {t("list.new", { what: labels.one(ACCOUNTS) })}
          </Link>
        </Button>
      ) : null}
      <Field id="wage-day" label={t("pay.value_date")} className="w-44">
        <DateField
          id="wage-day"
          value={choice.value_date ?? checked?.value_date ?? null}
          onChange={(day) =>
            day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? onChange({ ...choice, value_date: day }) : undefined
          }
        />
      </Field>
    </div>
  );
}

function Findings({ check }: { check: WageCheck }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [all, setAll] = useState(false);
  const ordered = check.findings.toSorted((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
  const shown = all ? ordered : ordered.slice(0, SHOWN);
  return (
    <div className="border-line border-t">
      <p className="flex flex-wrap items-center gap-x-6 gap-y-1 px-5 py-3 text-sm">
        <span className={cn("flex items-center gap-2 font-medium", check.errors > 0 ? "text-bad" : "text-ok")}>
          {check.errors > 0 ? (
            <CircleAlert className="size-4" aria-hidden />
          ) : (
            <CircleCheckBig className="size-4" aria-hidden />
          )}
          {check.errors > 0
            ? t("pay.check_errors", { count: check.errors, shown: format.number(check.errors) })
            : t("pay.check_passed")}
        </span>
        {check.warnings > 0 ? (
          <span className="text-warn">
            {t("pay.check_warnings", { count: check.warnings, shown: format.number(check.warnings) })}
          </span>
        ) : null}
        <span className="num ms-auto text-muted">
          {t("pay.workers", { count: check.workers, shown: format.number(check.workers) })}
          {" · "}
          <Amount value={check.total} />
        </span>
      </p>
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {shown.map((finding) => (
          <FindingItem key={`${finding.row} ${finding.salary_id} ${finding.field} ${finding.code}`} finding={finding} />
        ))}
      </ul>
      {ordered.length > shown.length ? (
        <Button className="m-4" onClick={() => setAll(true)}>
          {t("pay.all_of_them", { shown: format.number(ordered.length) })}
        </Button>
      ) : null}
    </div>
  );
}

function FindingItem({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const format = useFormat();
  const Icon = finding.severity === "error" ? CircleAlert : TriangleAlert;
  return (
    <li className="flex items-start gap-3 px-5 py-2.5 text-sm">
      <Icon
        className={cn("mt-0.5 size-4 shrink-0", finding.severity === "error" ? "text-bad" : "text-warn")}
        aria-label={t(`pay.severity_${finding.severity}`)}
      />
      <div className="min-w-0 flex-1">
        {finding.courier_name ? (
          <p className="font-medium">
            {finding.courier_id ? (
              <Link
                to="/$module/$resource/$id"
                params={{ module: "fleet", resource: "couriers", id: finding.courier_id }}
                className="rounded hover:text-accent-text hover:underline"
              >
                <bdi>{finding.courier_name}</bdi>
              </Link>
            ) : (
              <bdi>{finding.courier_name}</bdi>
            )}
          </p>
        ) : null}
        <p className="text-muted">{finding.message}</p>
      </div>
      {finding.row ? (
        <span className="num shrink-0 text-faint text-xs">{t("pay.row", { row: format.number(finding.row) })}</span>
      ) : null}
    </li>
  );
}

function Make({ run, choice, check }: { run: Run; choice: WageChoice; check: WageCheck | undefined }) {
  const { t } = useTranslation();
  const can = useCan();
  const make = useMutation({
    mutationFn: () => makeWageFile(run.id, choice),
    onSuccess: (file) => toast(t("pay.wage_file_made", { reference: file.reference })),
  });
  if (!can("wage_files.make")) return null;
  const early = !MADE_IN.has(stateOfRun(run));
  return (
    <div className="border-line border-t px-5 py-4">
      {early ? <p className="mb-3 text-muted text-sm">{t("pay.wage_file_early")}</p> : null}
      {make.error ? <ErrorNote error={make.error} className="mb-3" /> : null}
      <Button
        variant="primary"
        busy={make.isPending}
        disabled={early || !check || check.errors > 0}
        onClick={() => make.mutate()}
      >
        <Landmark aria-hidden />
        {t("pay.make_wage_file")}
      </Button>
    </div>
  );
}

function Made({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const resource = useResource(WAGE_FILES);
  const files = useQuery({ ...wageFilesQuery(run.id), enabled: resource !== undefined });
  const save = useMutation({
    mutationFn: (file: WageFile) => download(`/hr/wage_files/${file.id}/download`, {}, `${file.reference}.txt`),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (!files.data || files.data.length === 0) {
    return files.isError ? <Note kind="warn">{wordsFor(files.error, t)}</Note> : null;
  }
  return (
    <ul className="divide-y divide-line border-line border-t">
      {files.data.map((file) => (
        <li key={file.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3 text-sm">
          <div className="min-w-48 flex-1">
            <p className="font-medium">
              <bdi>{file.reference}</bdi>
            </p>
            <p className="num mt-0.5 text-faint text-xs">
              {format.instant(file.created_at)}
              {" · "}
              {t("pay.workers", { count: file.workers, shown: format.number(file.workers) })}
              {" · "}
              <Amount value={file.total} />
            </p>
            <p dir="ltr" className="truncate text-start font-mono text-faint text-2xs" title={t("pay.checksum")}>
              {file.sha256}
            </p>
          </div>
          {can("wage_files.download") ? (
            <Button busy={save.isPending && save.variables?.id === file.id} onClick={() => save.mutate(file)}>
              <Download aria-hidden />
              {t("pay.download")}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
