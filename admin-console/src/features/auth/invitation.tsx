import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { signUpQuery } from "@/lib/factors";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { queryClient } from "@/lib/query";
import { enter, exchange, type SessionState, sessionReady, signOut } from "@/lib/session";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { Skeleton } from "@/ui/skeleton";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { useLinkToken } from "./link-token";

type Preview = Answer<"/api/v1/auth/invitations/look", "post">;

/** Where the letter of an invitation leads: for somebody new, and for somebody who has an account already. */
export function Invitation() {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const token = useInvitationToken();
  const look = useQuery({
    queryKey: ["invitation", token],
    enabled: token !== undefined,
    retry: false,
    // Who is there, if anybody: it decides what can be done with the invitation.
    queryFn: async () => ({
      state: await sessionReady(),
      invitation: await answerOf(client.POST("/api/v1/auth/invitations/look", { body: { token: token ?? "" } })),
    }),
  });
  if (!look.data || token === undefined) {
    return (
      <AuthPage title={t("invitation.title")} hint={t("invitation.hint")}>
        {token === undefined ? <Note kind="warn">{t("auth.no_token")}</Note> : null}
        {look.error ? <ErrorNote error={look.error} /> : null}
        {look.isLoading ? <Skeleton className="h-48" /> : null}
      </AuthPage>
    );
  }
  const { invitation, state } = look.data;
  return (
    <AuthPage
      title={t("invitation.to", { organization: invitation.organization_name })}
      hint={t("invitation.by", { name: invitation.inviter_name })}
    >
      <dl className="mb-6 grid grid-cols-[max-content_1fr] gap-x-5 gap-y-2 rounded-card border border-line bg-sunken px-4 py-3.5 text-sm">
        <Fact label={t("auth.email")}>
          <bdi dir="ltr">{invitation.email}</bdi>
        </Fact>
        <Fact label={t("invitation.as")}>{labels.role(invitation.membership)}</Fact>
        <Fact label={t("invitation.until")}>{format.date(invitation.expires_at)}</Fact>
      </dl>
      <Way token={token} invitation={invitation} state={state} onChange={() => look.refetch()} />
    </AuthPage>
  );
}

interface WayProps {
  token: string;
  invitation: Preview;
  state: SessionState;
  onChange: () => void;
}

function Way({ token, invitation, state, onChange }: WayProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const min = useQuery(signUpQuery).data?.password_min ?? 12;
  const goIn = async () => {
    forget();
    // Whatever is cached belongs to the company before.
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
    await router.navigate({ to: "/", replace: true });
    await router.invalidate();
  };
  const join = useMutation({
    mutationFn: () => exchange("/auth/invitations/accept", { token }),
    onSuccess: goIn,
  });
  const leave = useMutation({ mutationFn: signOut, onSuccess: onChange });

  const here = state.status === "signed-in" ? state.session.user : undefined;
  if (here && here.email !== invitation.email) {
    return (
      <>
        <Note kind="warn" className="mb-4">
          {t("invitation.other", { email: here.email })}
        </Note>
        <Button variant="primary" size="lg" busy={leave.isPending} onClick={() => leave.mutate()} className="w-full">
          {t("profile.sign_out")}
        </Button>
      </>
    );
  }
  if (here) {
    return (
      <div className="space-y-4">
        <p className="text-muted text-sm">{t("invitation.as_you", { name: here.full_name })}</p>
        {join.error ? <ErrorNote error={join.error} /> : null}
        <Button variant="primary" size="lg" busy={join.isPending} onClick={() => join.mutate()} className="w-full">
          {t("invitation.join")}
        </Button>
      </div>
    );
  }
  if (invitation.has_account) {
    return (
      <div className="space-y-4">
        <p className="text-muted text-sm">{t("invitation.known")}</p>
        <Button
          variant="primary"
          size="lg"
          onClick={() => router.navigate({ to: "/sign-in", search: { next: "/invitation" } })}
          className="w-full"
        >
          {t("auth.sign_in")}
        </Button>
      </div>
    );
  }
  return (
    <AuthForm
      submit={t("invitation.join")}
      onSubmit={({ full_name = "", password = "" }) =>
        enter("/auth/invitations/accept", { token, full_name: full_name.trim(), password })
      }
      onDone={goIn}
      fields={[
        { name: "full_name", label: t("auth.full_name"), type: "text", autoComplete: "name" },
        {
          name: "password",
          label: t("auth.password"),
          type: "password",
          autoComplete: "new-password",
          help: t("auth.password_help", { min }),
        },
      ]}
    />
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words font-medium">{children}</dd>
    </>
  );
}

// Whoever signs in in between comes back without the fragment: the token waits in this window alone.
const TOKEN = "barq.invitation";

function useInvitationToken(): string | undefined {
  const given = useLinkToken();
  return useMemo(() => {
    try {
      if (given !== undefined) sessionStorage.setItem(TOKEN, given);
      return given ?? sessionStorage.getItem(TOKEN) ?? undefined;
    } catch {
      return given;
    }
  }, [given]);
}

function forget() {
  try {
    sessionStorage.removeItem(TOKEN);
  } catch {
    // there was nothing to keep it in
  }
}
