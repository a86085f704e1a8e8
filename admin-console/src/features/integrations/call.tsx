import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Fact, Facts } from "@/ui/facts";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { Stat } from "@/ui/stat";
import { Trail } from "@/ui/trail";
import { catalogueOfPlugins } from "./plugin-api";
import { Replay } from "./replay";
import type { Call } from "./shapes";
import { OutcomeBadge } from "./status-badge";
import { Timeline } from "./timeline-card";
import { useHandlerWords, useShortTime } from "./words";
import { callQuery } from "./work-api";

/** One call of a plugin: how it went, what it used, and step by step what it asked of the host. */
export function CallPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const { language } = usePreferences();
  const can = useCan();
  const wordsOf = useHandlerWords();
  const { id = "" } = useParams({ strict: false });
  const call = useQuery(callQuery(id));
  const catalogue = useQuery(catalogueOfPlugins);
  if (call.isPending) return <PageSkeleton />;
  if (call.isError) return <ErrorNote error={call.error} onRetry={call.refetch} />;
  const plugin = catalogue.data?.find((entry) => entry.name === call.data.plugin);
  const { problem_code: problem, problem_detail: detail } = call.data;
  return (
    <>
      <PageHead
        trail={
          <Trail
            crumbs={[
              { label: t("plugins.title"), to: "/integrations/plugins" },
              {
                label: plugin ? inLanguage(plugin.title, language) : call.data.plugin,
                to: `/integrations/plugins/${call.data.plugin}`,
              },
            ]}
          />
        }
        title={wordsOf(call.data.handler)}
        hint={format.instant(call.data.started_at)}
        badge={<OutcomeBadge outcome={call.data.outcome} />}
      />
      {problem || detail ? (
        <Note kind="warn" title={problem ? (labels.problem(problem) ?? problem) : t("call.problem")} className="mb-4">
          {detail ? (
            <span className="block break-words">
              <bdi dir="auto">{detail}</bdi>
            </span>
          ) : null}
        </Note>
      ) : null}
      <Figures call={call.data} />
      <div className="mt-4 grid items-start gap-4 xl:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-4">
          {can("plugins.manage") ? (
            <Timeline call={call.data} />
          ) : (
            <Note kind="info">{t("call.steps_for_admins")}</Note>
          )}
        </div>
        <div className="space-y-4">
          {can("plugins.manage") ? <Replay call={call.data} /> : null}
          <About call={call.data} />
        </div>
      </div>
    </>
  );
}

function Figures({ call }: { call: Call }) {
  const labels = useLabels();
  const format = useFormat();
  const time = useShortTime();
  const label = (field: string) => labels.field("integrations.plugin_calls", field);
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      <Stat label={label("wall_us")} value={time(call.wall_us)} />
      <Stat label={label("guest_us")} value={time(call.guest_us)} />
      <Stat label={label("memory_peak_bytes")} value={format.bytes(call.memory_peak_bytes)} />
      <Stat label={label("host_calls")} value={format.number(call.host_calls)} />
      <Stat label={label("http_calls")} value={format.number(call.http_calls)} />
      <Stat label={label("records")} value={format.number(call.records)} />
    </dl>
  );
}

function About({ call }: { call: Call }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const label = (field: string) => labels.field("integrations.plugin_calls", field);
  return (
    <Card className="pb-4">
      <CardHead title={t("call.about")} />
      <Facts>
        <Fact label={label("plugin_version")}>
          <bdi>{call.plugin_version}</bdi>
        </Fact>
        <Fact label={label("attempt")}>{format.number(call.attempt)}</Fact>
        {call.fuel_used === null ? null : <Fact label={label("fuel_used")}>{format.number(call.fuel_used)}</Fact>}
        {call.run_id ? (
          <Fact label={label("run_id")}>
            <Link
              to="/integrations/runs/$id"
              params={{ id: call.run_id }}
              className="text-accent-text underline-offset-4 hover:underline"
            >
              {t("call.to_run")}
            </Link>
          </Fact>
        ) : null}
        <Fact label={label("component_digest")}>
          <Digest text={call.component_digest} />
        </Fact>
        {call.output_digest ? (
          <Fact label={label("output_digest")}>
            <Digest text={call.output_digest} />
          </Fact>
        ) : null}
      </Facts>
    </Card>
  );
}

/** The beginning is enough to compare two; the whole is there to be read. */
export function Digest({ text }: { text: string }) {
  return (
    <bdi dir="ltr" title={text} className="font-mono text-xs">
      {text.slice(0, 16)}
      {"…"}
    </bdi>
  );
}
