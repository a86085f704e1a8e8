import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { leave, proofs } from "@/lib/errand";
import { type Factors, factorsQuery, providersQuery } from "@/lib/factors";
import { passkeysWork } from "@/lib/passkeys";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { ProviderMark } from "@/ui/provider-mark";
import { Skeleton } from "@/ui/skeleton";
import { AuthForm } from "./auth-form";
import { PasskeyButton } from "./passkey-button";

type Way = "totp" | "passkey" | "password" | "provider";

/** What counts for this person: somebody who has a second factor shows that, and nothing weaker. */
function waysOf(factors: Factors): Way[] {
  const strong: Way[] = [];
  if (factors.passkeys.length > 0 && passkeysWork()) strong.push("passkey");
  if (factors.totp_since) strong.push("totp");
  if (strong.length > 0 || factors.passkeys.length > 0) return strong;
  const weak: Way[] = [];
  if (factors.has_password) weak.push("password");
  if (factors.identities.length > 0) weak.push("provider");
  return weak;
}

/** Asks who is there, in the middle of something that an open window alone does not allow. */
export function StepUpDialog({ onSettled }: { onSettled: (proved: boolean) => void }) {
  const { t } = useTranslation();
  const factors = useQuery({ ...factorsQuery, staleTime: 0 });
  const ways = factors.data ? waysOf(factors.data) : [];
  const [chosen, setChosen] = useState<Way>();
  const way = chosen ?? ways[0];
  const done = () => onSettled(true);
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onSettled(false)}
      title={t("step_up.title")}
      description={t("step_up.hint")}
    >
      {factors.error ? <ErrorNote error={factors.error} onRetry={() => factors.refetch()} /> : null}
      {factors.isPending ? <Skeleton className="h-28" /> : null}
      {factors.data && ways.length === 0 ? <Note kind="warn">{t("step_up.no_way")}</Note> : null}
      {way === "password" || way === "totp" ? (
        <AuthForm
          key={way}
          submit={t("step_up.confirm")}
          onSubmit={(body) => client.POST("/api/v1/auth/step-up", { body })}
          onDone={done}
          fields={[
            way === "totp"
              ? {
                  name: "code",
                  label: t("auth.code"),
                  type: "code",
                  autoComplete: "one-time-code",
                  help: t("auth.second_hint_totp"),
                }
              : { name: "password", label: t("auth.password"), type: "password", autoComplete: "current-password" },
          ]}
        />
      ) : null}
      {way === "passkey" ? (
        <PasskeyButton
          variant="primary"
          label={t("auth.use_passkey")}
          begin={() => answerOf(client.POST("/api/v1/auth/step-up/passkey", { body: {} }))}
          finish={(body) => client.POST("/api/v1/auth/step-up", { body })}
          onDone={done}
        />
      ) : null}
      {way === "provider" ? <AtProvider onDone={done} /> : null}
      {ways.length > 1 ? (
        <ul className="mt-4">
          {ways
            .filter((other) => other !== way)
            .map((other) => (
              <li key={other}>
                <Button variant="link" onClick={() => setChosen(other)} className="min-h-9">
                  {t(`step_up.way_${other}`)}
                </Button>
              </li>
            ))}
        </ul>
      ) : null}
    </Dialog>
  );
}

/** In a window of its own, so that what is being done here stays as it is. */
function AtProvider({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const providers = useQuery(providersQuery);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one channel for as long as it is asked
  useEffect(() => {
    const channel = proofs();
    channel.onmessage = onDone;
    return () => channel.close();
  }, []);
  const go = useMutation({
    mutationFn: async (provider: string) => {
      // Browsers open a window only while they still see the click.
      const there = window.open("about:blank", "_blank", "popup,width=520,height=680");
      try {
        const { url } = await answerOf(client.POST("/api/v1/auth/step-up/provider/begin", { body: { provider } }));
        leave(url, { kind: "step-up", next: "/" });
        if (there) there.location.href = url;
        return there !== null;
      } catch (error) {
        there?.close();
        throw error;
      }
    },
  });
  return (
    <div className="space-y-3">
      {go.error ? <ErrorNote error={go.error} /> : null}
      {providers.data?.map((provider) => (
        <Button
          key={provider.id}
          size="lg"
          busy={go.isPending}
          onClick={() => go.mutate(provider.id)}
          className="w-full"
        >
          <ProviderMark id={provider.id} fallback={LogIn} />
          {t("auth.with_provider", { provider: provider.title })}
        </Button>
      ))}
      {go.data === true ? <Note>{t("step_up.elsewhere")}</Note> : null}
      {go.data === false ? <Note kind="warn">{t("step_up.no_window")}</Note> : null}
    </div>
  );
}
