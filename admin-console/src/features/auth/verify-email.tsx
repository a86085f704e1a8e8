import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client } from "@/lib/api";
import { queryClient } from "@/lib/query";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { Skeleton } from "@/ui/skeleton";
import { AuthPage } from "./auth-page";
import { useLinkToken } from "./link-token";

/** Where the letter leads that asks whether an address is its reader's. */
export function VerifyEmail() {
  const { t } = useTranslation();
  const token = useLinkToken();
  const { data, error } = useQuery({
    queryKey: ["verify-email", token],
    enabled: token !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async () => {
      await client.POST("/api/v1/auth/email/verify", { body: { token: token ?? "" } });
      await queryClient.invalidateQueries({ queryKey: ["me"] });
      return true;
    },
  });
  return (
    <AuthPage title={t("auth.verify_title")} hint={t("auth.verify_hint")}>
      {token === undefined ? <Note kind="warn">{t("auth.no_token")}</Note> : null}
      {error ? <ErrorNote error={error} /> : null}
      {data ? <Note kind="ok">{t("auth.verify_done")}</Note> : null}
      {token !== undefined && !data && !error ? <Skeleton className="h-11" /> : null}
      <Button asChild variant={data ? "primary" : "secondary"} size="lg" className="mt-5 w-full">
        <Link to="/">{t("auth.to_console")}</Link>
      </Button>
    </AuthPage>
  );
}
