import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { errandOf, proofs } from "@/lib/errand";
import { inside } from "@/lib/inside";
import { type Challenge, enter, sessionReady } from "@/lib/session";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { Skeleton } from "@/ui/skeleton";
import { AuthPage } from "./auth-page";
import { SecondStep } from "./second-step";

// It says that the call comes from a page of ours, so that the cookie of the visit counts.
const OWN_PAGE = { "X-Barq-Request": "1" };

/** Back from a provider: what the visit was for is done here, once. */
export function ProviderReturn() {
  const { t } = useTranslation();
  const router = useRouter();
  const { state, code, iss } = useLocation().search as Record<string, string | undefined>;
  const errand = errandOf(state ?? "");
  const done = useQuery({
    queryKey: ["provider-return", state],
    enabled: state !== undefined && code !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async (): Promise<Challenge | null> => {
      const body = { state: state ?? "", code: code ?? "", ...(iss ? { iss } : {}) };
      if (errand.kind === "sign-in") return (await enter("/auth/providers/sign-in", body)) ?? null;
      await sessionReady();
      if (errand.kind === "link") await client.POST("/api/v1/auth/identities", { body, headers: OWN_PAGE });
      else await client.POST("/api/v1/auth/step-up/provider", { body, headers: OWN_PAGE });
      return null;
    },
  });
  const goOn = () => void router.navigate({ href: inside(errand.next), replace: true });
  const isDone = done.data === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is done
  useEffect(() => {
    if (!isDone) return;
    if (errand.kind !== "step-up") goOn();
    else {
      proofs().postMessage("proved");
      window.close();
    }
  }, [isDone]);

  if (done.data) {
    return (
      <SecondStep
        challenge={done.data}
        onDone={goOn}
        onAgain={() => void router.navigate({ to: "/sign-in", replace: true })}
      />
    );
  }
  return (
    <AuthPage title={t("auth.return_title")} hint={t("auth.return_hint")}>
      <Outcome error={done.error} refused={code === undefined}>
        {isDone && errand.kind === "step-up" ? (
          <Note kind="ok">{t("auth.return_close")}</Note>
        ) : (
          <Skeleton className="h-10" />
        )}
      </Outcome>
      {done.error || code === undefined ? (
        <Button asChild size="lg" className="mt-5 w-full">
          <Link to={errand.kind === "sign-in" ? "/sign-in" : "/account"}>{t("auth.return_back")}</Link>
        </Button>
      ) : null}
    </AuthPage>
  );
}

function Outcome({ error, refused, children }: { error: unknown; refused: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  if (error) return <ErrorNote error={error} />;
  return refused ? <Note kind="warn">{t("auth.return_refused")}</Note> : children;
}
