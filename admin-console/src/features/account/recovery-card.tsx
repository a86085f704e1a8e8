import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { useFactorChange } from "./changes";

/** So few that it is time for new ones. */
const FEW = 3;

interface RecoveryCodesProps {
  left: number;
  onCodes: (codes: string[]) => void;
}

export function RecoveryCodes({ left, onCodes }: RecoveryCodesProps) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const renew = useFactorChange({
    mutationFn: () => answerOf(client.POST("/api/v1/auth/factors/recovery-codes", { body: {} })),
    onSuccess: ({ recovery_codes }) => {
      setAsking(false);
      onCodes(recovery_codes);
    },
    onError: undefined,
  });
  return (
    <Card className="pb-4">
      <CardHead
        title={
          <span className="flex flex-wrap items-center gap-2">
            {t("account.recovery")}
            <Badge tone={left > FEW ? "neutral" : "warn"}>{t("account.recovery_left", { count: left })}</Badge>
          </span>
        }
        hint={t("account.recovery_hint")}
        actions={<Button onClick={() => setAsking(true)}>{t("account.recovery_renew")}</Button>}
      />
      {isAsking ? (
        <Confirm
          open
          onOpenChange={setAsking}
          title={t("account.recovery_renew")}
          description={t("account.recovery_renew_hint")}
          confirm={t("account.recovery_make")}
          busy={renew.isPending}
          error={renew.error}
          onConfirm={() => renew.mutate()}
        />
      ) : null}
    </Card>
  );
}
