import { useMutation } from "@tanstack/react-query";
import { Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { AppDialog } from "./app-dialog";
import { useFactorChange } from "./changes";

export type Secret = Answer<"/api/v1/auth/factors/totp", "post">;

interface AppProps {
  since: string | undefined;
  onCodes: (codes: string[]) => void;
}

/** Codes of an app on the telephone. */
export function App({ since, onCodes }: AppProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [secret, setSecret] = useState<Secret>();
  const [isRemoving, setRemoving] = useState(false);
  const begin = useMutation({
    mutationFn: () => answerOf(client.POST("/api/v1/auth/factors/totp", { body: {} })),
    onSuccess: setSecret,
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const remove = useFactorChange({
    mutationFn: () => client.DELETE("/api/v1/auth/factors/totp"),
    onSuccess: () => {
      setRemoving(false);
      toast(t("account.app_removed"));
    },
    onError: undefined,
  });
  return (
    <Card className="pb-4">
      <CardHead
        title={
          <span className="flex flex-wrap items-center gap-2">
            {t("account.app")}
            {since ? <Badge tone="ok">{t("account.on")}</Badge> : null}
          </span>
        }
        hint={t("account.app_hint")}
        actions={
          since ? (
            <Button onClick={() => setRemoving(true)}>{t("account.remove")}</Button>
          ) : (
            <Button busy={begin.isPending} onClick={() => begin.mutate()}>
              {begin.isPending ? null : <Smartphone aria-hidden />}
              {t("account.app_add")}
            </Button>
          )
        }
      />
      <p className="px-5 text-faint text-sm">
        {since ? t("account.app_since", { date: format.date(since) }) : t("account.app_none")}
      </p>
      {secret ? <AppDialog secret={secret} onCodes={onCodes} onClose={() => setSecret(undefined)} /> : null}
      {isRemoving ? (
        <Confirm
          open
          danger
          onOpenChange={setRemoving}
          title={t("account.app_remove_title")}
          description={t("account.app_remove_hint")}
          confirm={t("account.remove")}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
        />
      ) : null}
    </Card>
  );
}
