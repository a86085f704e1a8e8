import { useMutation, useQuery } from "@tanstack/react-query";
import { Clock, Webhook as WebhookIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { readable, useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { CopyLine } from "@/ui/copy-line";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton, Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import type { CatalogueEntry, Endpoint, Installation, Webhook } from "./shapes";
import { useHandlerWords, useOften } from "./words";
import { addressQuery, changeEndpoint, type EndpointChange, endpointsQuery, handlersQuery } from "./work-api";

interface ConnectionsProps {
  entry: CatalogueEntry;
  installation: Installation;
}

/** When a plugin works by itself, and the addresses at which outside services reach it. */
export function Connections({ entry, installation }: ConnectionsProps) {
  const { t } = useTranslation();
  if (entry.schedules.length === 0 && entry.webhooks.length === 0) {
    return (
      <Card>
        <Empty icon={Clock} title={t("plugins.nothing_itself")} />
      </Card>
    );
  }
  return (
    <div className="max-w-3xl space-y-4">
      {entry.schedules.length > 0 ? <Schedules entry={entry} installation={installation} /> : null}
      {entry.webhooks.length > 0 ? <Addresses entry={entry} installation={installation} /> : null}
    </div>
  );
}

function Schedules({ entry, installation }: ConnectionsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const often = useOften();
  const wordsOf = useHandlerWords();
  const { language } = usePreferences();
  const can = useCan();
  const handlers = useQuery({ ...handlersQuery(installation.id), enabled: can("plugin_handlers.read") });
  // A schedule of several is called by its name, one of a pull by the pull's.
  const handlerOf = (name: string, handler: string) =>
    handlers.data?.find((one) => one.handler === `${handler}:${name}` || one.handler === handler);
  return (
    <Card>
      <CardHead title={t("plugins.schedules")} />
      <ul className="divide-y divide-line border-line border-t">
        {entry.schedules.map((schedule) => {
          const handler = handlerOf(schedule.name, schedule.handler);
          const next = handler?.is_enabled ? handler.next_at : null;
          return (
            <li key={schedule.name} className="flex gap-3 px-5 py-3.5 text-sm">
              <Clock className="mt-0.5 size-4 shrink-0 text-accent-text" aria-hidden />
              <div className="min-w-0">
                <p className="font-medium">
                  {wordsOf(schedule.handler)}
                  {" · "}
                  {often(schedule.runs)}
                </p>
                <p className="text-muted">{inLanguage(schedule.reason, language)}</p>
                {handler ? (
                  <p className="mt-0.5 text-faint">
                    {next ? t("plugins.next_at", { when: format.instant(next) }) : t("plugins.not_planned")}
                    {handler.last_at ? ` · ${t("plugins.last_call", { when: format.ago(handler.last_at) })}` : ""}
                  </p>
                ) : null}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Addresses({ entry, installation }: ConnectionsProps) {
  const { t } = useTranslation();
  const can = useCan();
  const endpoints = useQuery({ ...endpointsQuery(installation.id), enabled: can("plugin_endpoints.read") });
  return (
    <Card>
      <CardHead title={t("plugins.addresses")} hint={t("plugins.addresses_hint")} />
      {endpoints.isLoading ? <RowsSkeleton rows={2} /> : null}
      {endpoints.isError ? <ErrorNote error={endpoints.error} onRetry={endpoints.refetch} className="m-4" /> : null}
      <ul className="divide-y divide-line border-line border-t">
        {entry.webhooks.map((webhook) => (
          <Address
            key={webhook.name}
            webhook={webhook}
            endpoint={endpoints.data?.find((one) => one.name === webhook.name)}
          />
        ))}
      </ul>
    </Card>
  );
}

function Address({ webhook, endpoint }: { webhook: Webhook; endpoint: Endpoint | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const { language } = usePreferences();
  const name = readable(webhook.name.replaceAll("-", "_"));
  return (
    <li className="flex gap-3 px-5 py-4 text-sm">
      <WebhookIcon className="mt-0.5 size-4 shrink-0 text-accent-text max-sm:hidden" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <bdi>{name}</bdi>
          <Badge tone={webhook.is_signed ? "ok" : "warn"}>
            {webhook.is_signed ? t("plugins.signed") : t("plugins.unsigned")}
          </Badge>
          {endpoint?.status === "closed" ? (
            <Badge>{labels.choice("integrations.plugin_endpoints", "status", "closed")}</Badge>
          ) : null}
        </p>
        <p className="text-muted">{inLanguage(webhook.reason, language)}</p>
        {endpoint ? (
          <>
            <ShownAddress endpoint={endpoint} name={name} />
            <div className="mt-2 flex flex-wrap items-center justify-between gap-2">
              <span className="text-faint">
                {endpoint.last_received_at
                  ? t("plugins.last_request", { when: format.ago(endpoint.last_received_at) })
                  : t("plugins.no_request")}
              </span>
              <AddressActions endpoint={endpoint} />
            </div>
          </>
        ) : null}
      </div>
    </li>
  );
}

function ShownAddress({ endpoint, name }: { endpoint: Endpoint; name: string }) {
  const { t } = useTranslation();
  const canManage = useCan()("plugins.manage");
  const address = useQuery({ ...addressQuery(endpoint), enabled: canManage });
  if (!canManage) return <p className="mt-2 text-muted">{t("plugins.address_for_admins")}</p>;
  if (address.isError) return <ErrorNote error={address.error} onRetry={address.refetch} className="mt-2" />;
  if (!address.data) return <Skeleton className="mt-2 h-9" />;
  return <CopyLine label={name} text={window.location.origin + address.data.path} className="mt-2" />;
}

function AddressActions({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const [asking, setAsking] = useState<EndpointChange>();
  const change = useMutation({
    mutationFn: (what: EndpointChange) => changeEndpoint(endpoint.id, what),
    onSuccess: (_, what) => {
      toast(t(`plugins.endpoint_${what}`));
      setAsking(undefined);
    },
  });
  const word = (what: EndpointChange) => labels.action("integrations.plugin_endpoints", what);
  const other = endpoint.status === "open" ? "close" : "open";
  return (
    <span className="flex gap-2">
      {can("plugin_endpoints.rotate") ? (
        <Button size="sm" onClick={() => setAsking("rotate")}>
          {word("rotate")}
        </Button>
      ) : null}
      {can(`plugin_endpoints.${other}`) ? (
        <Button
          size="sm"
          variant="ghost"
          busy={change.isPending && asking === undefined}
          onClick={() => (other === "open" ? change.mutate("open") : setAsking("close"))}
        >
          {word(other)}
        </Button>
      ) : null}
      {asking === "rotate" || asking === "close" ? (
        <Confirm
          open
          onOpenChange={() => setAsking(undefined)}
          title={t(`plugins.ask_endpoint_${asking}`)}
          description={t(`plugins.ask_endpoint_${asking}_hint`)}
          confirm={word(asking)}
          danger
          busy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate(asking)}
        />
      ) : null}
    </span>
  );
}
