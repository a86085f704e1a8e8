import { useMutation, useQuery } from "@tanstack/react-query";
import { Globe, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { providersQuery } from "@/lib/factors";
import { Problem } from "@/lib/problem";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { DomainCard } from "./domain-card";
import { addDomain, domainsQuery } from "./domains-api";

/** Domains whose people may join by themselves, and where people may sign in. */
export function SignInSettings() {
  const { t } = useTranslation();
  const domains = useQuery(domainsQuery);
  const [adding, setAdding] = useState(false);
  if (domains.isPending) return <PageSkeleton />;
  if (domains.isError) return <ErrorNote error={domains.error} onRetry={domains.refetch} />;
  const add = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden />
      {t("domain.add")}
    </Button>
  );
  return (
    <>
      <PageHead title={t("settings.section.sign_in")} hint={t("domain.hint")} actions={add} />
      <div className="grid max-w-5xl gap-4">
        {domains.data.length === 0 ? (
          <Card>
            <Empty icon={Globe} title={t("domain.none")}>
              {t("domain.none_hint")}
            </Empty>
          </Card>
        ) : null}
        {domains.data.map((domain) => (
          <DomainCard key={domain.id} domain={domain} />
        ))}
        <Providers />
      </div>
      {adding ? <AddDomain onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function Providers() {
  const { t } = useTranslation();
  const providers = useQuery(providersQuery);
  return (
    <Card className="pb-5">
      <CardHead title={t("domain.providers")} hint={t("domain.providers_hint")} />
      {providers.isError ? <ErrorNote error={providers.error} onRetry={providers.refetch} className="mx-5" /> : null}
      {providers.data?.length === 0 ? <p className="px-5 text-muted text-sm">{t("domain.providers_none")}</p> : null}
      <ul className="flex flex-wrap gap-2 px-5">
        {providers.data?.map((provider) => (
          <li key={provider.id}>
            <Badge tone="accent">
              <bdi>{provider.title}</bdi>
            </Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function AddDomain({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [domain, setDomain] = useState("");
  const add = useMutation({
    mutationFn: () => addDomain(domain.trim()),
    onSuccess: (added) => {
      toast(t("domain.added", { domain: added.domain }));
      onClose();
    },
  });
  const refused = add.error instanceof Problem ? add.error.errors.find((one) => one.field === "domain") : undefined;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("domain.add")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form="add-domain" variant="primary" busy={add.isPending} disabled={!domain.trim()}>
            {t("domain.add")}
          </Button>
        </>
      }
    >
      <form
        id="add-domain"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {add.error && !refused ? <ErrorNote error={add.error} className="mb-4" /> : null}
        <Field id="domain" label={t("domain.name")} help={t("domain.name_help")} error={refused?.message}>
          <Input
            id="domain"
            dir="ltr"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={domain}
            aria-invalid={refused ? true : undefined}
            aria-describedby={describedBy("domain", true, refused)}
            onChange={(event) => setDomain(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
