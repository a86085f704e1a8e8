import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import type { Handler } from "./shapes";
import { CircuitBadge, OutcomeBadge } from "./status-badge";
import { useHandlerWords, useOften } from "./words";
import { closeCircuit, handlersQuery } from "./work-api";

/** Only an administrator calls it, and only while a version changes: it says nothing about whether the plugin works. */
const MOVING_IN = "lifecycle.migrate";

/** What of the plugin is called, how that went, and what is left alone because it failed again and again. */
export function Handlers({ installationId }: { installationId: string }) {
  const { t } = useTranslation();
  const handlers = useQuery(handlersQuery(installationId));
  const shown = handlers.data?.filter((one) => one.handler !== MOVING_IN) ?? [];
  return (
    <Card>
      <CardHead title={t("plugins.functions")} hint={t("plugins.functions_hint")} />
      {handlers.isPending ? <RowsSkeleton rows={3} /> : null}
      {handlers.isError ? <ErrorNote error={handlers.error} onRetry={handlers.refetch} className="m-4" /> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {shown.map((one) => (
          <HandlerRow key={one.id} handler={one} />
        ))}
      </ul>
    </Card>
  );
}

function HandlerRow({ handler }: { handler: Handler }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const wordsOf = useHandlerWords();
  const often = useOften();
  const can = useCan();
  const close = useMutation({
    mutationFn: () => closeCircuit(handler.id),
    onSuccess: () => toast(t("plugins.circuit_closed")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const when = [
    handler.runs ? often(handler.runs) : undefined,
    handler.next_at && handler.is_enabled ? t("plugins.next", { when: format.ago(handler.next_at) }) : undefined,
    // What fetches page by page tells of its runs, not of its last call.
    handler.last_at ? t("plugins.last_call", { when: format.ago(handler.last_at) }) : undefined,
    handler.last_at || handler.kind === "pull" ? undefined : t("plugins.never_called"),
  ].filter(Boolean);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium text-sm">{wordsOf(handler.handler)}</p>
        <p className="text-muted text-sm">{when.join(" · ")}</p>
        {handler.circuit !== "closed" ? (
          <p className="mt-0.5 text-sm text-warn">
            {t("plugins.circuit_hint", { count: handler.failures, shown: format.number(handler.failures) })}
            {handler.open_until ? ` ${t("plugins.circuit_until", { when: format.instant(handler.open_until) })}` : ""}
          </p>
        ) : null}
      </div>
      <div className="flex items-center gap-2">
        {handler.last_outcome ? <OutcomeBadge outcome={handler.last_outcome} /> : null}
        {handler.is_enabled ? null : <Badge>{t("plugins.not_called")}</Badge>}
        {handler.circuit === "closed" ? null : <CircuitBadge circuit={handler.circuit} />}
        {handler.circuit !== "closed" && can("plugin_handlers.close") ? (
          <Button size="sm" busy={close.isPending} onClick={() => close.mutate()}>
            {labels.action("integrations.plugin_handlers", "close")}
          </Button>
        ) : null}
      </div>
    </li>
  );
}
