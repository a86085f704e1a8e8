import { Link } from "@tanstack/react-router";
import { MailCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { AuthPage } from "./auth-page";

interface LetterSentProps {
  title: string;
  email: string;
  onAgain: () => void;
}

/** The same words whether the address is known or not: who asks must not learn it. */
export function LetterSent({ title, email, onAgain }: LetterSentProps) {
  const { t } = useTranslation();
  return (
    <AuthPage title={title} hint={t("auth.letter_hint")}>
      <div role="status" className="rounded-card border border-line bg-sunken p-5 text-center">
        <MailCheck className="mx-auto size-8 text-accent-text" aria-hidden />
        <p className="mt-3 font-medium">{t("auth.letter_sent")}</p>
        <p className="mt-1 break-words text-muted text-sm">
          <bdi dir="ltr">{email}</bdi>
        </p>
      </div>
      <div className="mt-5 flex flex-wrap justify-between gap-2">
        <Button variant="link" onClick={onAgain} className="min-h-9">
          {t("auth.letter_again")}
        </Button>
        <Button asChild variant="link" className="min-h-9">
          <Link to="/sign-in">{t("auth.back_to_sign_in")}</Link>
        </Button>
      </div>
    </AuthPage>
  );
}
