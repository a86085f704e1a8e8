import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { runsQuery } from "./plugin-api";
import type { Run } from "./shapes";
import { RunBadge } from "./status-badge";

/** What the plugin did, newest first. While a run goes on, its figures move. */
export function Runs({ installationId }: { installationId: string }) {
  const { t } = useTranslation();
  const runs = useQuery(runsQuery(installationId));
  if (runs.isPending) return <RowsSkeleton />;
  if (runs.isError) return <ErrorNote error={runs.error} onRetry={runs.refetch} />;
  if (runs.data.length === 0) {
    return (
      <Card>
        <Empty icon={History} title={t("run.none")}>
          {t("run.none_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <ul className="divide-y divide-line" aria-live="polite">
        {runs.data.map((run) => (
          <li key={run.id} className="relative px-5 py-3.5 hover:bg-hover/60">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <span className="flex items-center gap-3">
                <RunBadge status={run.status} />
                <RunLink run={run} />
              </span>
              <Duration run={run} />
            </div>
            <RunSummary run={run} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function RunLink({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const when = run.started_at ?? run.created_at;
  return (
    <Link
      to="/integrations/runs/$id"
      params={{ id: run.id }}
      className="font-medium text-sm before:absolute before:inset-0 hover:text-accent-text"
    >
      {when ? format.instant(when) : t("run.status_queued")}
    </Link>
  );
}

function Duration({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!run.started_at || !run.finished_at) return null;
  const seconds = (new Date(run.finished_at).getTime() - new Date(run.started_at).getTime()) / 1000;
  return (
    <span className="num text-faint text-sm">
      {t("run.seconds", { seconds: format.upTo(Math.max(0, seconds), 1) })}
    </span>
  );
}

export function RunSummary({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const parts = (
    ["received", "created", "updated", "unchanged", "refused", "matched", "doubtful", "unmatched"] as const
  )
    .filter((name) => (run[name] ?? 0) > 0)
    .map((name) => t(`run.count_${name}`, { count: run[name] ?? 0, shown: format.number(run[name] ?? 0) }));
  return (
    <>
      {parts.length > 0 ? <p className="mt-1 text-muted text-sm">{parts.join(" · ")}</p> : null}
      {parts.length === 0 && run.status === "succeeded" ? (
        <p className="mt-1 text-muted text-sm">{t("run.nothing_new")}</p>
      ) : null}
      {run.problem_code ? (
        <p className="mt-1 text-bad text-sm">
          {labels.problem(run.problem_code) ?? run.problem_detail ?? run.problem_code}
        </p>
      ) : null}
    </>
  );
}
