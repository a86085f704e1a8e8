import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { inside } from "@/lib/inside";
import { type Challenge, enter, signIn } from "@/lib/session";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { PasskeyButton } from "./passkey-button";
import { ProviderButtons } from "./provider-buttons";
import { SecondStep } from "./second-step";

export function SignIn() {
  const { t } = useTranslation();
  const router = useRouter();
  const search = useLocation().search as Record<string, string>;
  const [challenge, setChallenge] = useState<Challenge>();
  const goOn = (more: Challenge | undefined) => {
    if (more) setChallenge(more);
    // The guard of this route sees the new session and leads on to where the reader wanted to go.
    else void router.invalidate();
  };
  if (challenge) {
    return (
      <SecondStep challenge={challenge} onDone={() => router.invalidate()} onAgain={() => setChallenge(undefined)} />
    );
  }
  return (
    <AuthPage
      title={t("auth.sign_in")}
      hint={
        <>
          {t("auth.no_account")}{" "}
          <Link to="/sign-up" search={search} className="font-medium text-accent-text hover:underline">
            {t("auth.to_sign_up")}
          </Link>
        </>
      }
    >
      <AuthForm
        submit={t("auth.sign_in")}
        onSubmit={({ email = "", password = "" }) => signIn({ email: email.trim(), password })}
        onDone={goOn}
        fields={[
          { name: "email", label: t("auth.email"), type: "email", autoComplete: "username" },
          { name: "password", label: t("auth.password"), type: "password", autoComplete: "current-password" },
        ]}
      />
      <p className="mt-4 text-sm">
        <Link to="/forgot-password" className="font-medium text-accent-text hover:underline">
          {t("auth.forgot")}
        </Link>
      </p>
      <div className="mt-6 space-y-3">
        <p className="flex items-center gap-3 text-faint text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
          {t("auth.or")}
        </p>
        <PasskeyButton
          label={t("auth.with_passkey")}
          begin={() => answerOf(client.POST("/api/v1/auth/passkeys/sign-in/begin", { body: {} }))}
          finish={(answer) => enter("/auth/passkeys/sign-in", answer)}
          onDone={goOn}
        />
        <ProviderButtons next={inside(search.next)} />
      </div>
    </AuthPage>
  );
}
