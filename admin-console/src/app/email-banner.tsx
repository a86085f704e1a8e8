import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";

/** Asks to confirm the own address, where letters are sent at all. */
export function EmailBanner() {
  const { t } = useTranslation();
  const { user } = useMe();
  const sends = useQuery(signUpQuery).data?.sign_up_by_mail;
  const again = useMutation({
    mutationFn: () => client.POST("/api/v1/auth/email/send_verification", { body: {} }),
    onSuccess: () => toast(t("email_banner.sent")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (!sends) return null;
  return (
    <Note
      kind="warn"
      title={t("email_banner.title")}
      className="mb-5 items-center max-sm:flex-wrap"
      actions={
        <Button size="sm" busy={again.isPending} disabled={again.isSuccess} onClick={() => again.mutate()}>
          {t("email_banner.again")}
        </Button>
      }
    >
      {t("email_banner.hint", { email: user.email })}
    </Note>
  );
}
