import { useMutation, useQuery } from "@tanstack/react-query";
import { Bot, KeyRound, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { accessQueries, removeAccount, type ServiceAccount } from "./access-api";
import { PositionBadges } from "./role-names";

/** Members that are programs: they have a position as everybody has, and come in with keys alone. */
export function Accounts({ onKey }: { onKey: (id: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const accounts = useQuery(accessQueries.accounts);
  const [removing, setRemoving] = useState<ServiceAccount>();
  const remove = useMutation({
    mutationFn: (account: ServiceAccount) => removeAccount(account.id),
    onSuccess: (account) => {
      setRemoving(undefined);
      toast(t("people.removed", { name: account.name }));
    },
  });
  return (
    <>
      {accounts.isError ? <ErrorNote error={accounts.error} onRetry={accounts.refetch} className="mb-4" /> : null}
      <Card className={accounts.isError ? "hidden" : ""}>
        {accounts.isPending ? <RowsSkeleton /> : null}
        {accounts.data?.length === 0 ? (
          <Empty icon={Bot} title={t("api_key.no_accounts")}>
            {t("api_key.no_accounts_hint")}
          </Empty>
        ) : null}
        <ul className="divide-y divide-line">
          {accounts.data?.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-5 gap-y-2 px-5 py-4 text-sm">
              <div className="min-w-48 flex-1">
                <bdi className="font-medium">{one.name}</bdi>
                <p className="mt-0.5 text-faint text-xs">{t("detail.created", { when: format.ago(one.created_at) })}</p>
              </div>
              <PositionBadges position={one} />
              <Badge tone={one.keys > 0 ? "ok" : "neutral"}>
                {t("api_key.keys_count", { count: one.keys, shown: format.number(one.keys) })}
              </Badge>
              <div className="flex gap-2">
                <Button size="sm" onClick={() => onKey(one.id)}>
                  <KeyRound aria-hidden />
                  {t("api_key.new")}
                </Button>
                <Button size="sm" className="text-bad" onClick={() => setRemoving(one)}>
                  <Trash2 aria-hidden />
                  {t("people.remove")}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      </Card>
      {removing ? (
        <Confirm
          open
          onOpenChange={() => {
            setRemoving(undefined);
            remove.reset();
          }}
          title={t("people.remove_title", { name: removing.name })}
          description={t("api_key.remove_account_hint", {
            count: removing.keys,
            shown: format.number(removing.keys),
          })}
          confirm={t("people.remove")}
          danger
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing)}
        />
      ) : null}
    </>
  );
}
