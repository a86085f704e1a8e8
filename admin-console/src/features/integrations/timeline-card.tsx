import { useQuery } from "@tanstack/react-query";
import {
  Clock,
  Database,
  Dices,
  FileText,
  Globe,
  KeyRound,
  type LucideIcon,
  Search,
  SlidersHorizontal,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import type { Call, LogLine, Step } from "./shapes";
import { type Moment, momentsOf, said } from "./timeline";
import { useShortTime } from "./words";
import { isGone, recordingQuery } from "./work-api";

const ICONS: Record<string, LucideIcon> = {
  http: Globe,
  kv: Database,
  secrets: KeyRound,
  settings: SlidersHorizontal,
  clock: Clock,
  random: Dices,
  directory: Search,
};

/** Step by step: what the plugin asked, what it was answered, what it wrote, and when. */
export function Timeline({ call }: { call: Call }) {
  const { t } = useTranslation();
  const recording = useQuery(recordingQuery(call.id));
  const moments = recording.data ? momentsOf(recording.data, call.started_at) : [];
  // A call of which nothing is kept is no fault of anybody's.
  const gone = isGone(recording.error);
  return (
    <Card>
      <CardHead title={t("call.steps")} hint={t("call.steps_hint")} />
      {recording.isPending ? <RowsSkeleton rows={4} /> : null}
      {gone ? (
        <div className="space-y-1 px-5 pb-5 text-muted text-sm">
          <p>{wordsFor(recording.error, t)}</p>
          <p>{t("call.kept_of")}</p>
        </div>
      ) : null}
      {recording.isError && !gone ? (
        <ErrorNote error={recording.error} onRetry={recording.refetch} className="m-4" />
      ) : null}
      {recording.data && moments.length === 0 ? (
        <p className="px-5 pb-5 text-muted text-sm">{t("call.no_steps")}</p>
      ) : null}
      {recording.data?.incomplete ? (
        <p className="px-5 pb-4 text-faint text-sm">
          {t("call.incomplete")} <bdi dir="auto">{recording.data.incomplete}</bdi>
        </p>
      ) : null}
      <ol className="divide-y divide-line border-line border-t empty:hidden">
        {moments.map((moment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was recorded does not change any more
          <MomentRow key={index} moment={moment} whole_us={call.wall_us} />
        ))}
      </ol>
    </Card>
  );
}

function MomentRow({ moment, whole_us }: { moment: Moment; whole_us: number }) {
  const time = useShortTime();
  const share = whole_us > 0 ? Math.min(100, (moment.after_us / whole_us) * 100) : 0;
  return (
    <li className="flex gap-x-3 px-5 py-2 text-sm">
      <span className="num w-20 shrink-0 whitespace-nowrap pt-0.5 text-end text-faint text-xs">
        <bdi>{time(moment.after_us)}</bdi>
        <span aria-hidden className="relative mt-1 block h-0.5 rounded bg-line max-sm:hidden">
          <span className="absolute inset-y-0 start-0 rounded bg-accent" style={{ inlineSize: `${share}%` }} />
        </span>
      </span>
      {moment.line ? <Line line={moment.line} /> : null}
      {moment.step ? <StepLine step={moment.step} /> : null}
    </li>
  );
}

function Line({ line }: { line: LogLine }) {
  const color = line.level === "error" ? "text-bad" : line.level.startsWith("warn") ? "text-warn" : "text-faint";
  return (
    <>
      <FileText className={cn("mt-0.5 size-4 shrink-0", color)} aria-hidden />
      <span className="min-w-0 flex-1 font-mono text-xs leading-5">
        <span className={cn("me-2 uppercase", color)}>{line.level}</span>
        <bdi dir="auto" className="break-words">
          {line.message}
        </bdi>
        {line.fields?.map(([name, value]) => (
          <bdi key={name} dir="ltr" className="mx-1 inline-block break-all text-faint">
            {`${name}=${value}`}
          </bdi>
        ))}
      </span>
    </>
  );
}

function StepLine({ step }: { step: Step }) {
  const { t } = useTranslation();
  const Icon = ICONS[step.call.split(".")[0] ?? ""] ?? Clock;
  const answer = useAnswer(step);
  return (
    <>
      <Icon className="mt-0.5 size-4 shrink-0 text-accent-text" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">
            {t(`call.step.${step.call.replace(".", "_") as "http_send"}`, { defaultValue: step.call })}
          </span>
          {step.asked ? (
            <bdi dir="ltr" className="min-w-0 break-all font-mono text-muted text-xs">
              {step.asked}
            </bdi>
          ) : null}
        </span>
        {answer.text ? (
          <span className={cn("block break-words text-xs", answer.isBad ? "text-bad" : "text-muted")}>
            <bdi dir="auto">{answer.text}</bdi>
          </span>
        ) : null}
      </span>
    </>
  );
}

function useAnswer(step: Step): { text: string; isBad: boolean } {
  const { t } = useTranslation();
  const format = useFormat();
  const answer = said(step);
  const good = (text: string) => ({ text, isBad: false });
  switch (answer.words) {
    case "http": {
      const text = t("call.said_http", { status: answer.status, size: format.bytes(answer.bytes) });
      return { text, isBad: answer.status >= 400 };
    }
    case "stored":
      return good(t("call.said_stored", { size: format.bytes(answer.bytes), version: format.number(answer.version) }));
    case "bytes":
      return good(format.bytes(answer.bytes));
    case "keys":
    case "rows":
      return good(t(`call.said_${answer.words}`, { count: answer.count, shown: format.number(answer.count) }));
    case "nothing":
    case "done":
      return good(t(`call.said_${answer.words}`));
    case "yes":
    case "no":
      return good(t(`common.${answer.words}`));
    case "at":
      return good(format.instant(answer.iso));
    case "text":
      // An answer that has no words here is what went wrong, mostly.
      return { text: answer.text, isBad: step.call.startsWith("http") };
  }
}
