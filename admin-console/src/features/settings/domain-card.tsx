import { useMutation, useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { providersQuery } from "@/lib/factors";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { CopyLine } from "@/ui/copy-line";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Field, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { type Domain, removeDomain, setJoining, verifyDomain } from "./domains-api";

/** One domain: what proves it, and once it is proved, who may join by it. */
export function DomainCard({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [removing, setRemoving] = useState(false);
  const name = domain.domain;
  const remove = useMutation({
    mutationFn: () => removeDomain(domain.id),
    onSuccess: () => toast(t("domain.removed", { domain: name })),
  });
  const proved = Boolean(domain.verified_at);
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 pt-4">
        <h2 className="min-w-0 break-all font-semibold text-base">
          <bdi dir="ltr">{name}</bdi>
        </h2>
        <Badge tone={proved ? "ok" : "warn"} dot>
          {t(proved ? "domain.is_verified" : "domain.is_waiting")}
        </Badge>
        <span className="text-faint text-xs">
          {domain.verified_at
            ? t("domain.since", { when: format.date(domain.verified_at) })
            : domain.checked_at
              ? t("domain.checked", { when: format.ago(domain.checked_at) })
              : t("domain.never_checked")}
        </span>
        <Button variant="ghost" size="sm" className="ms-auto" onClick={() => setRemoving(true)}>
          <Trash2 aria-hidden />
          {t("domain.remove")}
        </Button>
      </div>
      <div className="px-5 pt-3 pb-5">{proved ? <Joining domain={domain} /> : <Proof domain={domain} />}</div>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={t("domain.remove_title", { domain: name })}
        description={t("domain.remove_hint")}
        confirm={t("domain.remove")}
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  );
}

function Proof({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const verify = useMutation({
    mutationFn: () => verifyDomain(domain.id),
    onSuccess: () => toast(t("domain.verified", { domain: domain.domain })),
  });
  return (
    <>
      <p className="mb-3 text-muted text-sm">{t("domain.record", { domain: domain.domain })}</p>
      <dl className="grid items-center gap-x-4 gap-y-2 text-sm sm:grid-cols-[max-content_1fr]">
        <dt className="text-muted">{t("domain.record_type")}</dt>
        <dd className="font-mono text-xs" dir="ltr">
          <span className="block px-3 text-start">{"TXT"}</span>
        </dd>
        <dt className="text-muted">{t("domain.record_name")}</dt>
        <dd className="min-w-0">
          <CopyLine label={t("domain.record_name")} text={domain.record_name} />
        </dd>
        <dt className="text-muted">{t("domain.record_value")}</dt>
        <dd className="min-w-0">
          <CopyLine label={t("domain.record_value")} text={domain.record_value} />
        </dd>
      </dl>
      {verify.error ? <ErrorNote error={verify.error} className="mt-3" /> : null}
      <Button variant="primary" className="mt-4" busy={verify.isPending} onClick={() => verify.mutate()}>
        {t("domain.verify")}
      </Button>
    </>
  );
}

const NOBODY = "";

function Joining({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const providers = useQuery(providersQuery);
  const change = useMutation({
    mutationFn: (provider: string) => setJoining(domain.id, provider || null),
    onSuccess: () => toast(t("domain.joining_saved")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const id = `joining-${domain.id}`;
  if (providers.data?.length === 0) return <Note>{t("domain.no_providers")}</Note>;
  return (
    <Field id={id} label={t("domain.joining")} help={t("domain.joining_help")} className="max-w-md">
      <Select
        id={id}
        value={domain.provider ?? NOBODY}
        disabled={change.isPending}
        aria-describedby={`${id}-help`}
        onChange={(event) => change.mutate(event.target.value)}
      >
        <option value={NOBODY}>{t("domain.nobody")}</option>
        {providers.data?.map((provider) => (
          <option key={provider.id} value={provider.id}>
            {t("domain.people_of", { provider: provider.title })}
          </option>
        ))}
      </Select>
    </Field>
  );
}
