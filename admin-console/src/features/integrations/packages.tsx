import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PackageOpen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { versionsQuery, withdraw } from "./package-api";
import type { Version } from "./shapes";
import { VersionBadge } from "./status-badge";
import { Trust } from "./trust";
import { isolated } from "./words";

/** Packages that the company uploaded itself, with what came of their check. */
export function Packages() {
  const { t } = useTranslation();
  const versions = useQuery(versionsQuery({ source: "upload" }));
  const [taking, setTaking] = useState<Version>();
  const take = useMutation({
    mutationFn: (id: string) => withdraw(id),
    onSuccess: () => {
      toast(t("package.withdrawn"));
      setTaking(undefined);
    },
  });
  if (versions.isPending) return <RowsSkeleton />;
  if (versions.isError) return <ErrorNote error={versions.error} onRetry={versions.refetch} />;
  if (versions.data.length === 0) {
    return (
      <Card>
        <Empty icon={PackageOpen} title={t("package.none")}>
          {t("package.none_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <ul className="divide-y divide-line">
        {versions.data.map((version) => (
          <PackageRow key={version.id} version={version} onWithdraw={() => setTaking(version)} />
        ))}
      </ul>
      {taking ? (
        <Confirm
          open
          onOpenChange={() => setTaking(undefined)}
          title={t("package.withdraw_title", {
            plugin: isolated(taking.plugin),
            version: isolated(taking.plugin_version),
          })}
          description={t("package.withdraw_hint")}
          confirm={t("package.withdraw")}
          danger
          busy={take.isPending}
          error={take.error}
          onConfirm={() => take.mutate(taking.id)}
        />
      ) : null}
    </Card>
  );
}

function PackageRow({ version, onWithdraw }: { version: Version; onWithdraw: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const can = useCan();
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {version.status === "ready" ? (
            <Link
              to="/integrations/plugins/$name"
              params={{ name: version.plugin }}
              className="font-semibold hover:text-accent-text"
            >
              <bdi>{version.plugin}</bdi>
            </Link>
          ) : (
            <bdi className="font-semibold">{version.plugin}</bdi>
          )}
          <bdi className="text-muted">{version.plugin_version}</bdi>
          <VersionBadge status={version.status} />
        </p>
        <Trust version={version} className="mt-1" />
        <p className="mt-0.5 text-faint text-xs">
          {[
            format.bytes(version.size_bytes),
            version.added_by ? isolated(version.added_by) : null,
            format.instant(version.created_at),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        {version.refused_code ? (
          <p className="mt-1 text-bad">{labels.problem(version.refused_code) ?? version.refused_code}</p>
        ) : null}
        {version.refused_detail ? (
          <span className="mt-0.5 block break-words text-faint text-xs">
            <bdi dir="auto">{version.refused_detail}</bdi>
          </span>
        ) : null}
      </div>
      {version.status === "ready" && can("plugin_versions.withdraw") ? (
        <Button size="sm" variant="ghost" onClick={onWithdraw}>
          {t("package.withdraw")}
        </Button>
      ) : null}
    </li>
  );
}
