import { useMutation, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { EllipsisVertical, Play, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { Access } from "./access";
import { Attention } from "./attention";
import { Calls } from "./calls";
import { Connections } from "./connections";
import { PluginHead } from "./head";
import { works } from "./mend";
import { Overview } from "./overview";
import { installationQuery, isGoing, offerQuery, runsQuery, setEnabled, startRun } from "./plugin-api";
import { Runs } from "./runs";
import { PluginSettings } from "./settings";
import type { CatalogueEntry, Installation } from "./shapes";
import { StatusBadge } from "./status-badge";
import { Tasks } from "./tasks";
import { Uninstall } from "./uninstall";
import { UpdateNote } from "./update";
import { Versions } from "./versions";
import { taskCountQuery } from "./work-api";

/** Kinds of handlers that fetch what there is when somebody says so. */
const FETCHES: readonly string[] = ["fuel-source", "order-source"];

interface ConnectedProps {
  /** The newest version that there is; what runs may be older. */
  newest: CatalogueEntry;
  id: string;
}

export function Connected({ newest, id }: ConnectedProps) {
  const installation = useQuery(installationQuery(id));
  const running = installation.data?.version_id;
  const isNewest = installation.data?.plugin_version === newest.version;
  // Its form, its asks and its schedules are those of the version that runs.
  const offer = useQuery({ ...offerQuery(running ?? ""), enabled: Boolean(running) && !isNewest });
  if (installation.isPending || offer.isLoading) return <PageSkeleton />;
  if (installation.isError) return <ErrorNote error={installation.error} onRetry={installation.refetch} />;
  if (offer.isError) return <ErrorNote error={offer.error} onRetry={offer.refetch} />;
  return <ConnectedPage newest={newest} entry={offer.data ?? newest} installation={installation.data} />;
}

interface ConnectedPageProps {
  newest: CatalogueEntry;
  entry: CatalogueEntry;
  installation: Installation;
}

function ConnectedPage({ newest, entry, installation }: ConnectedPageProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const { id, status } = installation;
  const dead = useQuery({
    ...taskCountQuery({ installation_id: id, status: "dead" }),
    enabled: can("plugin_tasks.read"),
  });
  const goTo = (tab: string) =>
    navigate({ to: "/integrations/plugins/$name", params: { name: newest.name }, search: { tab }, replace: true });
  const fetches = entry.handlers.some((handler) => FETCHES.includes(handler));
  const byItself = entry.schedules.length > 0 || entry.webhooks.length > 0;
  const tabs = [
    { value: "overview", label: t("plugins.tab_overview") },
    ...(fetches ? [{ value: "runs", label: t("plugins.tab_runs") }] : []),
    ...(can("plugin_calls.read") ? [{ value: "calls", label: t("plugins.tab_calls") }] : []),
    ...(can("plugin_tasks.read")
      ? [
          {
            value: "failed",
            label: t("plugins.tab_failed"),
            ...(dead.data ? { count: format.number(dead.data) } : {}),
          },
        ]
      : []),
    ...(byItself ? [{ value: "connections", label: t("plugins.tab_connections") }] : []),
    { value: "settings", label: t("plugins.tab_settings") },
    { value: "access", label: t("plugins.tab_access") },
    { value: "versions", label: t("plugins.tab_versions") },
  ];
  const asked = search.tab ?? (status === "needs_settings" ? "settings" : "overview");
  const tab = tabs.some((one) => one.value === asked) ? asked : "overview";
  return (
    <>
      <PluginHead
        entry={entry}
        badge={<StatusBadge status={status} />}
        actions={<Actions entry={entry} installation={installation} fetches={fetches} onRun={() => goTo("runs")} />}
      />
      <Attention entry={entry} installation={installation} tab={tab} onGo={goTo} />
      <UpdateNote installation={installation} />
      <Tabs value={tab} onChange={goTo} label={entry.name} tabs={tabs}>
        <TabPanel value="overview">
          <Overview entry={entry} installation={installation} />
        </TabPanel>
        <TabPanel value="runs">
          <Runs installationId={id} />
        </TabPanel>
        <TabPanel value="calls">
          <Calls filter={{ installation_id: id }} />
        </TabPanel>
        <TabPanel value="failed">
          <Tasks filter={{ installation_id: id, status: "dead" }} />
        </TabPanel>
        <TabPanel value="connections">
          <Connections entry={entry} installation={installation} />
        </TabPanel>
        <TabPanel value="settings">
          <PluginSettings key={installation.plugin_version} entry={entry} installation={installation} />
        </TabPanel>
        <TabPanel value="access">
          <Access key={installation.plugin_version} entry={entry} installation={installation} />
        </TabPanel>
        <TabPanel value="versions">
          <Versions entry={newest} installation={installation} />
        </TabPanel>
      </Tabs>
    </>
  );
}

interface ActionsProps {
  entry: CatalogueEntry;
  installation: Installation;
  fetches: boolean;
  onRun: () => void;
}

function Actions({ entry, installation: { id, status }, installation, fetches, onRun }: ActionsProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const can = useCan();
  const [removing, setRemoving] = useState(false);
  const runs = useQuery({ ...runsQuery(id), enabled: fetches });
  const going = runs.data?.some(isGoing) ?? false;
  const run = useMutation({
    mutationFn: () => startRun(id),
    onSuccess: onRun,
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => setEnabled(id, enabled),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <>
      {can("plugins.manage") && status !== "suspended" ? (
        <Button busy={toggle.isPending} onClick={() => toggle.mutate(status === "disabled")}>
          <Power aria-hidden />
          {status === "disabled" ? t("plugins.enable") : t("plugins.disable")}
        </Button>
      ) : null}
      {fetches && can("plugins.run") ? (
        <Button variant="primary" busy={run.isPending || going} disabled={!works(status)} onClick={() => run.mutate()}>
          {run.isPending || going ? null : <Play aria-hidden />}
          {going ? t("plugins.running") : t("plugins.run")}
        </Button>
      ) : null}
      {can("plugins.manage") ? (
        <Menu
          trigger={
            <Button variant="ghost" size="icon" aria-label={t("plugins.more")}>
              <EllipsisVertical aria-hidden />
            </Button>
          }
        >
          <MenuItem danger onSelect={() => setRemoving(true)}>
            <Trash2 aria-hidden />
            {t("plugins.uninstall")}
          </MenuItem>
        </Menu>
      ) : null}
      {removing ? (
        <Uninstall
          installation={installation}
          title={inLanguage(entry.title, language)}
          onClose={() => setRemoving(false)}
        />
      ) : null}
    </>
  );
}
