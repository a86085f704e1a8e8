import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Power } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { PageSkeleton } from "@/ui/skeleton";
import { Access } from "./access";
import { Connected } from "./connected";
import { PluginHead } from "./head";
import { catalogueOfPlugins, installationsQuery } from "./plugin-api";
import type { CatalogueEntry } from "./shapes";
import { LeftBehind, leftSomething } from "./uninstall";

/** One plugin: before it is connected, what it asks for; afterwards how it is and everything that can be done with it. */
export function PluginPage() {
  const { t } = useTranslation();
  const { name = "" } = useParams({ strict: false });
  const catalogue = useQuery(catalogueOfPlugins);
  if (catalogue.isPending) return <PageSkeleton />;
  if (catalogue.isError) return <ErrorNote error={catalogue.error} onRetry={catalogue.refetch} />;
  const entry = catalogue.data.find((one) => one.name === name);
  if (!entry) return <Empty icon={Power} title={t("errors.not_found")} />;
  return entry.installation_id ? (
    <Connected key={entry.name} newest={entry} id={entry.installation_id} />
  ) : (
    <NotConnected key={entry.name} entry={entry} />
  );
}

function NotConnected({ entry }: { entry: CatalogueEntry }) {
  const installations = useQuery(installationsQuery);
  const before = installations.data?.find((one) => one.plugin === entry.name);
  return (
    <>
      <PluginHead entry={entry} />
      {leftSomething(before) ? <LeftBehind installation={before} /> : null}
      <Access entry={entry} />
    </>
  );
}
