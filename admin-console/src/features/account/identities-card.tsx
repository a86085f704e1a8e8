import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { leave } from "@/lib/errand";
import { type Factors, providersQuery } from "@/lib/factors";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { wordsFor } from "@/ui/error-note";
import { ProviderMark } from "@/ui/provider-mark";
import { toast } from "@/ui/toast";
import { useFactorChange } from "./changes";

type Identity = Factors["identities"][number];

/** Where else the person signs in, and may sign in from. Nothing where no provider is set up and nothing is linked. */
export function Identities({ identities }: { identities: Identity[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const providers = useQuery(providersQuery).data ?? [];
  const [removing, setRemoving] = useState<Identity>();
  const link = useMutation({
    mutationFn: (provider: string) => answerOf(client.POST("/api/v1/auth/identities/begin", { body: { provider } })),
    onSuccess: ({ url }) => {
      leave(url, { kind: "link", next: "/account?tab=security" });
      window.location.assign(url);
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const remove = useFactorChange({
    mutationFn: (id: string) => client.DELETE("/api/v1/auth/identities/{id}", { params: { path: { id } } }),
    onSuccess: () => setRemoving(undefined),
    onError: undefined,
  });
  if (providers.length === 0 && identities.length === 0) return null;
  const nameOf = (identity: Identity) => identity.provider ?? t("account.unknown_provider");
  return (
    <Card className="pb-2">
      <CardHead title={t("account.identities")} hint={t("account.identities_hint")} />
      <ul className="divide-y divide-line">
        {identities.map((identity) => (
          <li key={identity.id} className="flex items-center gap-3 px-5 py-3 [&>svg]:size-5 [&>svg]:shrink-0">
            <ProviderMark id={providers.find(({ title }) => title === identity.provider)?.id ?? ""} fallback={LogIn} />
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium text-sm">
                {nameOf(identity)}
                {identity.email ? (
                  <bdi dir="ltr" className="ms-2 font-normal text-muted">
                    {identity.email}
                  </bdi>
                ) : null}
              </p>
              <p className="text-muted text-xs">
                {t("account.added_on", { date: format.date(identity.created_at) })}
                {" · "}
                {identity.last_used_at
                  ? t("account.used", { ago: format.ago(identity.last_used_at) })
                  : t("account.never_used")}
              </p>
            </div>
            <Button
              variant="ghost"
              size="icon"
              aria-label={t("account.remove_this", { name: nameOf(identity) })}
              onClick={() => setRemoving(identity)}
            >
              <Trash2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2 px-5 py-3">
        {providers.map((provider) => (
          <Button
            key={provider.id}
            busy={link.isPending && link.variables === provider.id}
            onClick={() => link.mutate(provider.id)}
          >
            <ProviderMark id={provider.id} fallback={LogIn} />
            {t("account.link_provider", { provider: provider.title })}
          </Button>
        ))}
      </div>
      {removing ? (
        <Confirm
          open
          danger
          onOpenChange={() => setRemoving(undefined)}
          title={t("account.identity_remove_title", { name: nameOf(removing) })}
          description={t("account.identity_remove_hint")}
          confirm={t("account.remove")}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing.id)}
        />
      ) : null}
    </Card>
  );
}
