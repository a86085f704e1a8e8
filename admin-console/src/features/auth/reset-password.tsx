import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { Button } from "@/ui/button";
import { Note } from "@/ui/note";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { useLinkToken } from "./link-token";

/** Where the letter about a forgotten password leads. */
export function ResetPassword() {
  const { t } = useTranslation();
  const token = useLinkToken();
  const min = useQuery(signUpQuery).data?.password_min ?? 12;
  const [isDone, setDone] = useState(false);
  if (isDone) {
    return (
      <AuthPage title={t("auth.reset_done")} hint={t("auth.reset_done_hint")}>
        <Button asChild variant="primary" size="lg" className="w-full">
          <Link to="/sign-in">{t("auth.sign_in")}</Link>
        </Button>
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={t("auth.reset_title")}
      hint={
        <>
          {t("auth.reset_hint")}{" "}
          <Link to="/forgot-password" className="font-medium text-accent-text hover:underline">
            {t("auth.new_link")}
          </Link>
        </>
      }
    >
      {token === undefined ? (
        <Note kind="warn">{t("auth.no_token")}</Note>
      ) : (
        <AuthForm
          submit={t("auth.reset_submit")}
          onSubmit={({ password = "" }) => client.POST("/api/v1/auth/password/reset", { body: { token, password } })}
          onDone={() => setDone(true)}
          fields={[
            {
              name: "password",
              label: t("auth.new_password"),
              type: "password",
              autoComplete: "new-password",
              help: t("auth.password_help", { min }),
            },
          ]}
        />
      )}
    </AuthPage>
  );
}
