import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Blocks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Badge } from "@/ui/badge";
import { buttonStyle } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { PluginIcon } from "./head";
import { asksMore } from "./mend";
import { catalogueOfPlugins, installationsQuery } from "./plugin-api";
import type { CatalogueEntry, Installation } from "./shapes";
import { StatusBadge } from "./status-badge";

/** Every plugin that there is, connected or not. */
export function Offers() {
  const { t } = useTranslation();
  const catalogue = useQuery(catalogueOfPlugins);
  const installations = useQuery(installationsQuery);
  if (catalogue.isPending) return <RowsSkeleton />;
  if (catalogue.isError) return <ErrorNote error={catalogue.error} onRetry={catalogue.refetch} />;
  if (catalogue.data.length === 0) {
    return (
      <Card>
        <Empty icon={Blocks} title={t("plugins.none")}>
          {t("plugins.none_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <ul className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      {catalogue.data.map((entry) => (
        <li key={entry.name}>
          <PluginCard
            entry={entry}
            installation={installations.data?.find((one) => one.id === entry.installation_id)}
          />
        </li>
      ))}
    </ul>
  );
}

function PluginCard({ entry, installation }: { entry: CatalogueEntry; installation: Installation | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const connected = entry.installation_id !== null;
  return (
    <Card className="relative flex h-full flex-col p-5 transition-colors focus-within:border-ring hover:border-line-strong">
      <div className="flex items-start gap-4">
        <PluginIcon entry={entry} />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{inLanguage(entry.title, language)}</h2>
          <p className="text-faint text-xs">
            <bdi>{entry.publisher}</bdi>
            {" · "}
            <bdi>{installation?.plugin_version ?? entry.version}</bdi>
            {entry.source === "upload" ? ` · ${t("plugins.own")}` : ""}
          </p>
        </div>
        {installation ? <StatusBadge status={installation.status} /> : null}
        {connected ? null : <Badge>{t("plugins.not_connected")}</Badge>}
      </div>
      <p className="mt-3 flex-1 text-muted text-sm">{inLanguage(entry.description, language)}</p>
      <div className="mt-4 flex items-center justify-between gap-3">
        <span className="text-faint text-xs">
          {installation && asksMore(installation) ? (
            <Badge tone="info">{t("plugins.update_waits")}</Badge>
          ) : installation?.last_run_at ? (
            t("plugins.last_run", { when: format.ago(installation.last_run_at) })
          ) : null}
        </span>
        <Link
          to="/integrations/plugins/$name"
          params={{ name: entry.name }}
          className={buttonStyle({ variant: connected ? "secondary" : "primary", size: "sm" })}
        >
          {connected ? t("plugins.open") : t("plugins.connect")}
          <span className="sr-only">{inLanguage(entry.title, language)}</span>
        </Link>
      </div>
    </Card>
  );
}
