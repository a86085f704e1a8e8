import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { rowsChanged } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton, RowsSkeleton } from "@/ui/skeleton";
import { Stat } from "@/ui/stat";
import { Trail } from "@/ui/trail";
import { Calls } from "./calls";
import { catalogueOfPlugins, isGoing, runLogQuery, runQuery } from "./plugin-api";
import type { Run } from "./shapes";
import { RunBadge } from "./status-badge";

const FIGURES = [
  "pages",
  "received",
  "created",
  "updated",
  "unchanged",
  "refused",
  "matched",
  "doubtful",
  "unmatched",
] as const;

/** One run: its figures as they grow, what became of it, and what the plugin wrote while it worked. */
export function RunPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const { language } = usePreferences();
  const can = useCan();
  const { id = "" } = useParams({ strict: false });
  const run = useQuery(runQuery(id));
  const catalogue = useQuery(catalogueOfPlugins);
  const going = run.data ? isGoing(run.data) : true;

  // What the run brought is in lists and figures elsewhere.
  useEffect(() => {
    if (!going) rowsChanged();
  }, [going]);

  if (run.isPending) return <PageSkeleton />;
  if (run.isError) return <ErrorNote error={run.error} onRetry={run.refetch} />;
  const plugin = catalogue.data?.find((entry) => entry.installation_id === run.data.installation_id);
  const waiting = (run.data.doubtful ?? 0) + (run.data.unmatched ?? 0);
  return (
    <>
      <PageHead
        trail={
          <Trail
            crumbs={[
              { label: t("plugins.title"), to: "/integrations/plugins" },
              ...(plugin
                ? [{ label: inLanguage(plugin.title, language), to: `/integrations/plugins/${plugin.name}` }]
                : []),
            ]}
          />
        }
        title={t("run.title", { when: run.data.started_at ? format.instant(run.data.started_at) : "" })}
        badge={<RunBadge status={run.data.status} />}
      />
      {run.data.problem_code || run.data.problem_detail ? (
        <Note
          kind="warn"
          title={
            run.data.problem_code ? (labels.problem(run.data.problem_code) ?? run.data.problem_code) : t("run.problem")
          }
          className="mb-4"
        >
          <bdi>{run.data.problem_detail}</bdi>
          <p className="mt-1 text-muted">{t("run.nothing_lost")}</p>
        </Note>
      ) : null}
      <Figures run={run.data} going={going} />
      {!going && waiting > 0 && plugin?.effects.includes("fuel-transactions") ? (
        <Button asChild className="mt-3">
          <Link to="/fleet/fuel-waiting">
            {t("run.to_waiting", { count: waiting, shown: format.number(waiting) })}
            <ArrowEnd />
          </Link>
        </Button>
      ) : null}
      <Log id={id} going={going} />
      {can("plugin_calls.read") ? (
        <section className="mt-6">
          <h2 className="mb-3 font-semibold text-lg">{t("plugins.tab_calls")}</h2>
          <Calls filter={{ run_id: id }} />
        </section>
      ) : null}
    </>
  );
}

function Figures({ run, going }: { run: Run; going: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4 xl:grid-cols-9" aria-busy={going}>
      {FIGURES.map((name) => (
        <Stat key={name} label={t(`run.${name}`)} value={format.number(run[name] ?? 0)} />
      ))}
    </dl>
  );
}

function Log({ id, going }: { id: string; going: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const log = useInfiniteQuery(runLogQuery(id, going));
  const lines = log.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card className="mt-4">
      <CardHead title={t("run.log")} />
      {log.isPending ? <RowsSkeleton rows={3} /> : null}
      {log.isError ? <ErrorNote error={log.error} onRetry={log.refetch} className="m-4" /> : null}
      {log.data && lines.length === 0 ? (
        <p className="px-5 pb-5 text-muted text-sm">{going ? t("run.log_waiting") : t("run.log_empty")}</p>
      ) : null}
      <ol className="scroll-thin max-h-[32rem] divide-y divide-line overflow-y-auto border-line border-t empty:hidden">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
          <li key={index} className="flex flex-wrap gap-x-4 px-5 py-1.5 font-mono text-xs">
            <time dateTime={line.at} className="num shrink-0 text-faint">
              {format.instant(line.at)}
            </time>
            <span
              className={cn(
                "w-12 shrink-0 uppercase",
                line.level === "error" ? "text-bad" : line.level.startsWith("warn") ? "text-warn" : "text-faint",
              )}
            >
              {line.level}
            </span>
            <bdi dir="auto" className="min-w-0 flex-1 break-words">
              {line.message}
            </bdi>
          </li>
        ))}
      </ol>
      {log.hasNextPage ? (
        <Button className="m-4" busy={log.isFetchingNextPage} onClick={() => log.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </Card>
  );
}
