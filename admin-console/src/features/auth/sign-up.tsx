import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { signUp } from "@/lib/session";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";

export function SignUp() {
  const { t } = useTranslation();
  const { search } = useLocation();
  return (
    <AuthPage
      title={t("auth.sign_up_title")}
      hint={
        <>
          {t("auth.have_account")}{" "}
          <Link
            to="/sign-in"
            search={search as Record<string, string>}
            className="font-medium text-accent-text hover:underline"
          >
            {t("auth.sign_in")}
          </Link>
        </>
      }
    >
      <AuthForm
        submit={t("auth.sign_up")}
        onSubmit={({ organization_name = "", full_name = "", email = "", password = "" }) =>
          signUp({
            organization_name: organization_name.trim(),
            full_name: full_name.trim(),
            email: email.trim(),
            password,
          })
        }
        fields={[
          { name: "organization_name", label: t("auth.organization"), type: "text", autoComplete: "organization" },
          { name: "full_name", label: t("auth.full_name"), type: "text", autoComplete: "name" },
          { name: "email", label: t("auth.email"), type: "email", autoComplete: "username" },
          {
            name: "password",
            label: t("auth.password"),
            type: "password",
            autoComplete: "new-password",
            help: t("auth.password_help"),
          },
        ]}
      />
    </AuthPage>
  );
}
