import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { RowsSkeleton } from "@/ui/skeleton";
import type { Call, Outcome } from "./shapes";
import { OutcomeBadge } from "./status-badge";
import { useHandlerWords, useShortTime } from "./words";
import { type CallFilter, callsQuery } from "./work-api";

const OUTCOMES: readonly Outcome[] = ["ok", "failure", "fault"];

/** Calls of a plugin, the newest first. */
export function Calls({ filter }: { filter: CallFilter }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [outcome, setOutcome] = useState<Outcome>();
  const calls = useInfiniteQuery(callsQuery(outcome ? { ...filter, outcome } : filter));
  const rows = calls.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card>
      <div className="flex items-center justify-between gap-3 border-line border-b px-5 py-3">
        <p className="text-muted text-sm">{t("call.hint")}</p>
        <div className="w-40 shrink-0">
          <Select
            aria-label={labels.field("integrations.plugin_calls", "outcome")}
            value={outcome ?? ""}
            onChange={(event) => setOutcome((event.target.value || undefined) as Outcome | undefined)}
          >
            <option value="">{t("call.any_outcome")}</option>
            {OUTCOMES.map((one) => (
              <option key={one} value={one}>
                {labels.choice("integrations.plugin_calls", "outcome", one)}
              </option>
            ))}
          </Select>
        </div>
      </div>
      {calls.isPending ? <RowsSkeleton /> : null}
      {calls.isError ? <ErrorNote error={calls.error} onRetry={calls.refetch} className="m-4" /> : null}
      {calls.data && rows.length === 0 ? (
        <Empty icon={Activity} title={outcome ? t("common.nothing_found") : t("call.none")}>
          {outcome ? null : t("call.none_hint")}
        </Empty>
      ) : null}
      <ul className="divide-y divide-line">
        {rows.map((call) => (
          <CallRow key={call.id} call={call} />
        ))}
      </ul>
      {calls.hasNextPage ? (
        <Button className="m-4" busy={calls.isFetchingNextPage} onClick={() => calls.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </Card>
  );
}

function CallRow({ call }: { call: Call }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const wordsOf = useHandlerWords();
  const time = useShortTime();
  const figures = [
    call.attempt > 1 ? t("call.attempt", { attempt: format.number(call.attempt) }) : undefined,
    call.records > 0 ? t("call.records", { count: call.records, shown: format.number(call.records) }) : undefined,
    call.http_calls > 0
      ? t("plugins.usage_requests", { count: call.http_calls, shown: format.number(call.http_calls) })
      : undefined,
    time(call.wall_us),
  ].filter(Boolean);
  return (
    <li className="relative px-5 py-3 hover:bg-hover/60">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="flex min-w-0 items-center gap-3">
          <OutcomeBadge outcome={call.outcome} />
          <Link
            to="/integrations/calls/$id"
            params={{ id: call.id }}
            className="min-w-0 font-medium text-sm before:absolute before:inset-0 hover:text-accent-text"
          >
            {wordsOf(call.handler)}
          </Link>
        </span>
        <time dateTime={call.started_at} className="num text-faint text-sm">
          {format.instant(call.started_at)}
        </time>
      </div>
      <p className="mt-1 text-muted text-sm">{figures.join(" · ")}</p>
      {call.problem_code ? (
        <p className="mt-0.5 text-bad text-sm">{labels.problem(call.problem_code) ?? call.problem_detail}</p>
      ) : null}
    </li>
  );
}
