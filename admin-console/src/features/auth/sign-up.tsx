import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { enter } from "@/lib/session";
import { ErrorNote } from "@/ui/error-note";
import { Skeleton } from "@/ui/skeleton";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { LetterSent } from "./letter-sent";
import { useLinkToken } from "./link-token";

/** At once where no letters are sent; otherwise the address comes first, and the letter's link leads back here. */
export function SignUp() {
  const { t } = useTranslation();
  const router = useRouter();
  const search = useLocation().search as Record<string, string>;
  const token = useLinkToken();
  const settings = useQuery(signUpQuery);
  const [sentTo, setSentTo] = useState<string>();
  const title = t("auth.sign_up_title");
  if (sentTo && token === undefined)
    return <LetterSent title={title} email={sentTo} onAgain={() => setSentTo(undefined)} />;

  const email = { name: "email", label: t("auth.email"), type: "email", autoComplete: "username" } as const;
  const byLetter = settings.data?.sign_up_by_mail && token === undefined;
  return (
    <AuthPage
      title={title}
      hint={
        <>
          {t("auth.have_account")}{" "}
          <Link to="/sign-in" search={search} className="font-medium text-accent-text hover:underline">
            {t("auth.sign_in")}
          </Link>
        </>
      }
    >
      {settings.error ? <ErrorNote error={settings.error} onRetry={() => settings.refetch()} /> : null}
      {settings.isPending ? <Skeleton className="h-64" /> : null}
      {byLetter ? (
        <AuthForm
          key="address"
          submit={t("auth.go_on")}
          onSubmit={async (given) => {
            const address = given.email?.trim() ?? "";
            await client.POST("/api/v1/auth/sign_up", { body: { email: address } });
            return address;
          }}
          onDone={(address) => {
            remember(address);
            setSentTo(address);
          }}
          fields={[{ ...email, help: t("auth.sign_up_by_mail") }]}
        />
      ) : null}
      {settings.data && !byLetter ? (
        <AuthForm
          key="account"
          submit={t("auth.sign_up")}
          onSubmit={({ password = "", ...given }) =>
            enter("/auth/register", {
              organization_name: given.organization_name?.trim(),
              full_name: given.full_name?.trim(),
              email: given.email?.trim(),
              password,
              ...(token === undefined ? {} : { token }),
            })
          }
          onDone={() => router.invalidate()}
          fields={[
            { name: "organization_name", label: t("auth.organization"), type: "text", autoComplete: "organization" },
            { name: "full_name", label: t("auth.full_name"), type: "text", autoComplete: "name" },
            token === undefined ? email : { ...email, value: remembered(), help: t("auth.same_address") },
            {
              name: "password",
              label: t("auth.password"),
              type: "password",
              autoComplete: "new-password",
              help: t("auth.password_help", { min: settings.data.password_min }),
            },
          ]}
        />
      ) : null}
    </AuthPage>
  );
}

// The link says nothing of the address; whoever opens it in the same browser need not type it twice.
const ADDRESS = "barq.sign-up";

function remember(address: string) {
  try {
    localStorage.setItem(ADDRESS, address);
  } catch {
    // without storage it is typed again
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(ADDRESS) ?? "";
  } catch {
    return "";
  }
}
