import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowUpToLine, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Digest } from "./call";
import { isUpdating } from "./mend";
import { versionsQuery } from "./package-api";
import { rollBack, upgrade } from "./plugin-api";
import type { CatalogueEntry, Installation } from "./shapes";
import { VersionBadge } from "./status-badge";
import { Trust } from "./trust";
import { compareVersions, type VersionLine, versionLines } from "./version-list";

interface VersionsProps {
  entry: CatalogueEntry;
  installation: Installation;
}

/** The versions of a plugin: which one runs, who vouched for it, and the way to another one or back. */
export function Versions({ entry, installation }: VersionsProps) {
  const { t } = useTranslation();
  const can = useCan();
  const rows = useQuery({ ...versionsQuery({ plugin: entry.name }), enabled: can("plugin_versions.read") });
  const [going, setGoing] = useState<{ back: boolean; number: string }>();
  const move = useMutation({
    mutationFn: ({ back, number }: { back: boolean; number: string }) =>
      back ? rollBack(installation.id) : upgrade(installation.id, number),
    onSuccess: (after) => {
      toast(after.waiting_asks ? t("plugins.update_waits") : t("plugins.update_started"));
      setGoing(undefined);
    },
  });
  if (rows.isLoading) return <RowsSkeleton />;
  if (rows.isError) return <ErrorNote error={rows.error} onRetry={rows.refetch} />;
  const lines = versionLines(rows.data ?? [], entry.versions);
  const previous = rows.data?.find((row) => row.id === installation.previous_version_id);
  return (
    <Card className="max-w-3xl">
      <CardHead title={t("plugins.versions")} hint={t("plugins.versions_hint")} />
      <ul className="divide-y divide-line border-line border-t">
        {lines.map((line) => (
          <Line
            key={line.number}
            line={line}
            installation={installation}
            isPrevious={previous?.plugin_version === line.number}
            onGo={(back) => setGoing({ back, number: line.number })}
          />
        ))}
      </ul>
      {going ? (
        <Confirm
          open
          onOpenChange={() => setGoing(undefined)}
          title={t(going.back ? "plugins.roll_back_to" : "plugins.go_to", { version: going.number })}
          description={t(going.back ? "plugins.roll_back_hint" : "plugins.go_to_hint")}
          confirm={t(going.back ? "plugins.roll_back" : "plugins.upgrade")}
          busy={move.isPending}
          error={move.error}
          onConfirm={() => move.mutate(going)}
        />
      ) : null}
    </Card>
  );
}

interface LineProps {
  line: VersionLine;
  installation: Installation;
  isPrevious: boolean;
  onGo: (back: boolean) => void;
}

function Line({ line: { number, row }, installation, isPrevious, onGo }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const canManage = useCan()("plugins.manage");
  const isRunning = row ? row.id === installation.version_id : number === installation.plugin_version;
  const isWaiting = row !== undefined && row.id === installation.waiting_version_id;
  const canGo = canManage && !isRunning && !isWaiting && !isUpdating(installation) && (!row || row.status === "ready");
  const isNewer = compareVersions(number, installation.plugin_version) > 0;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-64 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <bdi className="font-semibold">{number}</bdi>
          {isRunning ? <Badge tone="ok">{t("plugins.runs_now")}</Badge> : null}
          {isWaiting ? <Badge tone="info">{t("plugins.waits")}</Badge> : null}
          {isPrevious && !isRunning ? <Badge>{t("plugins.ran_before")}</Badge> : null}
          {row && row.status !== "ready" ? <VersionBadge status={row.status} /> : null}
        </p>
        {row ? (
          <>
            <Trust version={row} className="mt-1" />
            <p className="mt-0.5 text-faint text-xs">
              {[format.bytes(row.size_bytes), format.instant(row.created_at)].join(" · ")}
              {" · "}
              <Digest text={row.component_digest} />
            </p>
            {row.refused_code ? (
              <p className="mt-1 text-bad">{labels.problem(row.refused_code) ?? row.refused_detail}</p>
            ) : null}
          </>
        ) : (
          <p className="mt-1 text-muted">{t("plugins.offered_by_operator")}</p>
        )}
      </div>
      {canGo && isPrevious ? (
        <Button size="sm" onClick={() => onGo(true)}>
          <Undo2 aria-hidden className="rtl:-scale-x-100" />
          {t("plugins.roll_back")}
        </Button>
      ) : null}
      {canGo && !isPrevious ? (
        <Button size="sm" variant={isNewer ? "primary" : "secondary"} onClick={() => onGo(false)}>
          <ArrowUpToLine aria-hidden />
          {isNewer ? t("plugins.upgrade") : t("plugins.go")}
        </Button>
      ) : null}
    </li>
  );
}
