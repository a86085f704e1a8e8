import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signIn } from "@/lib/session";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";

export function SignIn() {
  const { t } = useTranslation();
  const { search } = useLocation();
  return (
    <AuthPage
      title={t("auth.sign_in")}
      hint={
        <>
          {t("auth.no_account")}{" "}
          <Link
            to="/sign-up"
            search={search as Record<string, string>}
            className="font-medium text-accent-text hover:underline"
          >
            {t("auth.to_sign_up")}
          </Link>
        </>
      }
    >
      <AuthForm
        submit={t("auth.sign_in")}
        onSubmit={({ email = "", password = "" }) => signIn({ email: email.trim(), password })}
        fields={[
          { name: "email", label: t("auth.email"), type: "email", autoComplete: "username" },
          { name: "password", label: t("auth.password"), type: "password", autoComplete: "current-password" },
        ]}
      />
    </AuthPage>
  );
}
