import { useMutation, useQuery } from "@tanstack/react-query";
import { Headset } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { CopyLine } from "@/ui/copy-line";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { addressOf, type Grant, grantsQuery, showSupportOut } from "./support-api";
import { SupportDialog } from "./support-dialog";

/** When the operator's support was let in, by whom and why; letting it in and showing it out. */
export function SupportAccess() {
  const { t } = useTranslation();
  const grants = useQuery({ ...grantsQuery, refetchInterval: 60_000 });
  const mayGrant = useCan()("support_access.grant");
  const [asking, setAsking] = useState(false);
  if (grants.isPending) return <PageSkeleton />;
  if (grants.isError) return <ErrorNote error={grants.error} onRetry={grants.refetch} />;
  const button = mayGrant ? (
    <Button variant="primary" onClick={() => setAsking(true)}>
      {t("support_access.let_in")}
    </Button>
  ) : null;
  return (
    <>
      <PageHead title={t("settings.section.support")} hint={t("support_access.hint")} actions={button} />
      <Card className="max-w-5xl">
        {grants.data.length === 0 ? (
          <Empty icon={Headset} title={t("support_access.none")}>
            {t("support_access.none_hint")}
          </Empty>
        ) : (
          <>
            <CardHead title={t("support_access.list")} />
            <ul className="divide-y divide-line border-line border-t">
              {grants.data.map((grant) => (
                <Row key={grant.id} grant={grant} mayGrant={mayGrant} />
              ))}
            </ul>
          </>
        )}
      </Card>
      {asking ? <SupportDialog onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function Row({ grant, mayGrant }: { grant: Grant; mayGrant: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [ending, setEnding] = useState(false);
  const end = useMutation({
    mutationFn: () => showSupportOut(grant.id),
    onSuccess: () => {
      setEnding(false);
      toast(t("support_access.done"));
    },
  });
  return (
    <li className="px-5 py-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <p className="font-medium" dir="auto">
            {grant.reason}
          </p>
          <p className="mt-0.5 text-muted text-sm">
            {t("support_access.who", { who: grant.granted_by_name, when: format.instant(grant.created_at) })}
          </p>
          <p className="mt-0.5 text-faint text-xs">
            {grant.is_open
              ? t("support_access.until", { when: format.instant(grant.ends_at) })
              : t("support_access.ended_at", { when: format.instant(grant.ended_at ?? grant.ends_at) })}
          </p>
        </div>
        <Badge tone={grant.is_open ? "warn" : "neutral"} dot={grant.is_open}>
          {t(grant.is_open ? "support_access.open" : "support_access.ended")}
        </Badge>
        {grant.is_open && mayGrant ? (
          <Button size="sm" variant="danger" onClick={() => setEnding(true)}>
            {t("support_access.end")}
          </Button>
        ) : null}
      </div>
      {grant.is_open ? (
        <div className="mt-3">
          <p className="mb-1 text-muted text-xs">{t("support_access.address")}</p>
          <CopyLine label={t("support_access.address")} text={addressOf(grant)} />
        </div>
      ) : null}
      <Confirm
        open={ending}
        onOpenChange={setEnding}
        title={t("support_access.end_title")}
        description={t("support_access.end_hint")}
        confirm={t("support_access.end")}
        danger
        busy={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate()}
      />
    </li>
  );
}
