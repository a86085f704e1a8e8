import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { Note } from "@/ui/note";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { LetterSent } from "./letter-sent";

export function ForgotPassword() {
  const { t } = useTranslation();
  const settings = useQuery(signUpQuery).data;
  const [sentTo, setSentTo] = useState<string>();
  if (sentTo) return <LetterSent title={t("auth.forgot_title")} email={sentTo} onAgain={() => setSentTo(undefined)} />;
  return (
    <AuthPage
      title={t("auth.forgot_title")}
      hint={
        <>
          {t("auth.forgot_hint")}{" "}
          <Link to="/sign-in" className="font-medium text-accent-text hover:underline">
            {t("auth.back_to_sign_in")}
          </Link>
        </>
      }
    >
      {settings && !settings.sign_up_by_mail ? (
        <Note kind="warn" className="mb-4">
          {t("auth.no_mail")}
        </Note>
      ) : null}
      <AuthForm
        submit={t("auth.send_link")}
        onSubmit={async ({ email = "" }) => {
          await client.POST("/api/v1/auth/password/forgot", { body: { email: email.trim() } });
          return email.trim();
        }}
        onDone={setSentTo}
        fields={[{ name: "email", label: t("auth.email"), type: "email", autoComplete: "username" }]}
      />
    </AuthPage>
  );
}
