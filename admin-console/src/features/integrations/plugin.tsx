import { useMutation, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { Play, Power } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { Trail } from "@/ui/trail";
import { Access } from "./access";
import {
  type CatalogueEntry,
  catalogueOfPlugins,
  installationQuery,
  isGoing,
  runsQuery,
  setEnabled,
  startRun,
} from "./plugin-api";
import { PluginIcon } from "./plugins";
import { Runs } from "./runs";
import { PluginSettings } from "./settings";
import { StatusBadge } from "./status-badge";

/** One plugin: before it is connected, what it asks for; afterwards its settings, its runs and its access. */
export function PluginPage() {
  const { t } = useTranslation();
  const { name = "" } = useParams({ strict: false });
  const catalogue = useQuery(catalogueOfPlugins);
  if (catalogue.isPending) return <PageSkeleton />;
  if (catalogue.isError) return <ErrorNote error={catalogue.error} onRetry={catalogue.refetch} />;
  const entry = catalogue.data.find((one) => one.name === name);
  if (!entry) return <Empty icon={Power} title={t("errors.not_found")} />;
  return entry.installation_id ? (
    <Connected entry={entry} id={entry.installation_id} />
  ) : (
    <NotConnected entry={entry} />
  );
}

function Head({ entry, ...more }: { entry: CatalogueEntry; badge?: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <PageHead
      trail={<Trail crumbs={[{ label: t("plugins.title"), to: "/integrations/plugins" }]} />}
      title={
        <span className="flex items-center gap-3">
          <PluginIcon entry={entry} />
          {inLanguage(entry.title, language)}
        </span>
      }
      hint={inLanguage(entry.description, language)}
      {...more}
    />
  );
}

function NotConnected({ entry }: { entry: CatalogueEntry }) {
  return (
    <>
      <Head entry={entry} />
      <Access entry={entry} />
    </>
  );
}

function Connected({ entry, id }: { entry: CatalogueEntry; id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const can = useCan();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const installation = useQuery(installationQuery(id));
  const runs = useQuery(runsQuery(id));
  const going = runs.data?.some(isGoing) ?? false;
  const goTo = (tab: string) =>
    navigate({ to: "/integrations/plugins/$name", params: { name: entry.name }, search: { tab }, replace: true });
  const run = useMutation({
    mutationFn: () => startRun(id),
    onSuccess: () => goTo("runs"),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => setEnabled(id, enabled),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (installation.isPending) return <PageSkeleton />;
  if (installation.isError) return <ErrorNote error={installation.error} onRetry={installation.refetch} />;
  const { status, status_reason: reason, status_detail: detail, last_run_at: lastRun } = installation.data;
  const tab = search.tab ?? (status === "needs_settings" ? "settings" : "runs");
  return (
    <>
      <Head
        entry={entry}
        badge={<StatusBadge status={status} />}
        actions={
          <>
            {can("plugins.manage") ? (
              <Button busy={toggle.isPending} onClick={() => toggle.mutate(status === "disabled")}>
                <Power aria-hidden />
                {status === "disabled" ? t("plugins.enable") : t("plugins.disable")}
              </Button>
            ) : null}
            {can("plugins.run") ? (
              <Button
                variant="primary"
                busy={run.isPending || going}
                disabled={status === "disabled" || status === "needs_settings"}
                onClick={() => run.mutate()}
              >
                {run.isPending || going ? null : <Play aria-hidden />}
                {going ? t("plugins.running") : t("plugins.run")}
              </Button>
            ) : null}
          </>
        }
      />
      {status === "needs_settings" ? (
        <Note kind="info" className="mb-4">
          {t("plugins.needs_settings_hint")}
        </Note>
      ) : null}
      {status === "needs_attention" ? (
        <Note kind="warn" title={t("plugins.status_needs_attention")} className="mb-4">
          {reason ? (labels.problem(reason) ?? reason) : t("plugins.needs_attention_hint")}
          {detail ? <bdi className="mt-1 block text-muted">{detail}</bdi> : null}
        </Note>
      ) : null}
      <p className="mb-3 text-faint text-sm">
        {lastRun ? t("plugins.last_run", { when: format.ago(lastRun) }) : t("plugins.never_run")}
      </p>
      <Tabs
        value={tab}
        onChange={goTo}
        label={entry.name}
        tabs={[
          { value: "runs", label: t("plugins.tab_runs") },
          { value: "settings", label: t("plugins.tab_settings") },
          { value: "access", label: t("plugins.tab_access") },
        ]}
      >
        <TabPanel value="runs">
          <Runs installationId={id} />
        </TabPanel>
        <TabPanel value="settings">
          <PluginSettings key={installation.data.plugin_version} entry={entry} installation={installation.data} />
        </TabPanel>
        <TabPanel value="access">
          <Access entry={entry} installation={installation.data} />
        </TabPanel>
      </Tabs>
    </>
  );
}
