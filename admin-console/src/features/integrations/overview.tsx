import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { resourceKey, useCan, useDescription } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Card, CardHead } from "@/ui/card";
import { ArrowEnd } from "@/ui/icons";
import { Skeleton } from "@/ui/skeleton";
import { Stat } from "@/ui/stat";
import { Handlers } from "./handlers";
import type { CatalogueEntry, Installation } from "./shapes";
import { UsageCard } from "./usage-card";
import { lastSuccessQuery, taskCountQuery } from "./work-api";

interface OverviewProps {
  entry: CatalogueEntry;
  installation: Installation;
}

/** How a plugin is: when it last worked, what waits and what failed, each thing that is called, and its use by day. */
export function Overview({ entry, installation }: OverviewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { id } = installation;
  const last = useQuery({ ...lastSuccessQuery(id), enabled: can("plugin_calls.read") });
  const waiting = useQuery({
    ...taskCountQuery({ installation_id: id, status: "queued" }),
    enabled: can("plugin_tasks.read"),
  });
  const dead = useQuery({
    ...taskCountQuery({ installation_id: id, status: "dead" }),
    enabled: can("plugin_tasks.read"),
  });
  const number = (count: number | undefined) =>
    count === undefined ? <Skeleton className="my-1 h-5 w-12" /> : format.number(count);
  return (
    <div className="space-y-4">
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {can("plugin_calls.read") ? (
          <Stat
            label={t("plugins.last_success")}
            value={
              last.isPending ? (
                <Skeleton className="my-1 h-5 w-24" />
              ) : last.data ? (
                format.ago(last.data)
              ) : (
                t("plugins.never")
              )
            }
            className="text-base"
          />
        ) : null}
        {can("plugin_tasks.read") ? (
          <>
            <Stat label={t("plugins.waiting_work")} value={number(waiting.data)} />
            <Stat label={t("plugins.dead_work")} value={number(dead.data)} className={dead.data ? "text-bad" : ""} />
          </>
        ) : null}
        <Stat label={t("plugins.version")} value={installation.plugin_version} />
      </dl>
      <Brought effects={entry.effects} />
      {can("plugin_handlers.read") ? <Handlers installationId={id} /> : null}
      {can("plugin_usage_days.read") ? <UsageCard installationId={id} /> : null}
    </div>
  );
}

/** Where one finds what plugins bring: kinds of records by the resource that holds them. */
const PLACES: Record<string, readonly string[]> = {
  "fuel-transactions": ["fleet.fuel_transactions"],
  orders: ["integrations.platform_orders"],
  "order-updates": ["integrations.platform_orders"],
  "sms-reports": ["integrations.sms_messages"],
  "payout-statuses": ["integrations.payout_batches", "integrations.payouts"],
};

function Brought({ effects }: { effects: readonly string[] }) {
  const { t } = useTranslation();
  const { modules } = useDescription();
  const listed = modules.flatMap((module) => module.resources).filter((one) => one.verbs.includes("list"));
  const wanted = new Set(effects.flatMap((effect) => PLACES[effect] ?? []));
  const places = listed.filter((resource) => wanted.has(resourceKey(resource)));
  if (places.length === 0) return null;
  return (
    <Card>
      <CardHead title={t("plugins.brought")} />
      <ul className="flex flex-wrap gap-x-6 gap-y-2 px-5 pb-4 text-sm">
        {places.map((place) => (
          <Place key={resourceKey(place)} resource={place} />
        ))}
      </ul>
    </Card>
  );
}

function Place({ resource }: { resource: Resource }) {
  const labels = useLabels();
  return (
    <li>
      <Link
        to="/$module/$resource"
        params={{ module: resource.module, resource: resource.name }}
        className="inline-flex items-center gap-1.5 py-1 font-medium text-accent-text hover:underline"
      >
        {labels.many(resource)}
        <ArrowEnd className="size-4" />
      </Link>
    </li>
  );
}
