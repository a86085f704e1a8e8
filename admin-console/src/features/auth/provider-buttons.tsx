import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { leave } from "@/lib/errand";
import { providersQuery } from "@/lib/factors";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { ProviderMark } from "@/ui/provider-mark";

/** A button for each provider that this installation knows; the browser goes there and comes back to `/sign-in/return`. */
export function ProviderButtons({ next }: { next: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(providersQuery);
  const go = useMutation({
    mutationFn: (provider: string) =>
      answerOf(client.POST("/api/v1/auth/providers/sign-in/begin", { body: { provider } })),
    onSuccess: ({ url }) => {
      leave(url, { kind: "sign-in", next });
      window.location.assign(url);
    },
  });
  return (
    <>
      {data?.map((provider) => (
        <Button
          key={provider.id}
          size="lg"
          busy={go.isPending && go.variables === provider.id}
          onClick={() => go.mutate(provider.id)}
          className="w-full"
        >
          <ProviderMark id={provider.id} fallback={LogIn} />
          {t("auth.with_provider", { provider: provider.title })}
        </Button>
      ))}
      {go.error ? <ErrorNote error={go.error} /> : null}
    </>
  );
}
