import { useMutation, useQuery } from "@tanstack/react-query";
import { BadgeCheck, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Problem } from "@/lib/problem";
import { toneOf } from "@/resource/kinds/tone";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { publishersQuery, revokePublisher, trustPublisher } from "./package-api";
import type { PublisherKey } from "./shapes";

const RESOURCE = "integrations.plugin_keys";

/** Whose packages may be uploaded, besides those of the publishers that the operator trusts. */
export function Publishers() {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const keys = useQuery(publishersQuery);
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<PublisherKey>();
  const revoke = useMutation({
    mutationFn: (id: string) => revokePublisher(id),
    onSuccess: () => {
      toast(t("package.key_revoked"));
      setRevoking(undefined);
    },
  });
  return (
    <Card className="max-w-3xl">
      <CardHead
        title={labels.many(RESOURCE)}
        hint={t("package.publishers_hint")}
        actions={
          can("plugin_keys.create") ? (
            <Button size="sm" onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              {t("package.add_publisher")}
            </Button>
          ) : null
        }
      />
      {keys.isPending ? <RowsSkeleton rows={2} /> : null}
      {keys.isError ? <ErrorNote error={keys.error} onRetry={keys.refetch} className="m-4" /> : null}
      {keys.data?.length === 0 ? <Empty icon={BadgeCheck} title={t("package.no_publishers")} className="py-8" /> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {keys.data?.map((key) => (
          <PublisherRow key={key.id} publisher={key} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      {adding ? <AddPublisher onClose={() => setAdding(false)} /> : null}
      {revoking ? (
        <Confirm
          open
          onOpenChange={() => setRevoking(undefined)}
          title={t("package.revoke_title", { publisher: revoking.publisher })}
          description={t("package.revoke_hint")}
          confirm={labels.action(RESOURCE, "revoke")}
          danger
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(revoking.id)}
        />
      ) : null}
    </Card>
  );
}

function PublisherRow({ publisher: key, onRevoke }: { publisher: PublisherKey; onRevoke: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const can = useCan();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <bdi className="font-semibold">{key.publisher}</bdi>
          <Badge tone={key.status === "trusted" ? "ok" : toneOf(key.status)} dot>
            {labels.choice(RESOURCE, "status", key.status)}
          </Badge>
        </p>
        <bdi dir="ltr" className="mt-1 block break-all font-mono text-muted text-xs">
          {key.public_key}
        </bdi>
        <p className="mt-0.5 text-faint text-xs">{t("package.since", { when: format.instant(key.created_at) })}</p>
      </div>
      {key.status === "trusted" && can("plugin_keys.revoke") ? (
        <Button size="sm" variant="ghost" onClick={onRevoke}>
          {labels.action(RESOURCE, "revoke")}
        </Button>
      ) : null}
    </li>
  );
}

function AddPublisher({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [publisher, setPublisher] = useState("");
  const [key, setKey] = useState("");
  const add = useMutation({
    mutationFn: () => trustPublisher(publisher.trim(), key.trim()),
    onSuccess: () => {
      toast(t("package.publisher_added"));
      onClose();
    },
  });
  const errorOf = (field: string) =>
    add.error instanceof Problem ? add.error.errors.find((one) => one.field === field)?.message : undefined;
  const help = labels.help(RESOURCE, "public_key");
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("package.add_publisher")}
      description={t("package.add_publisher_hint")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            variant="primary"
            type="submit"
            form="publisher-form"
            busy={add.isPending}
            disabled={!publisher.trim() || !key.trim()}
          >
            {t("package.trust")}
          </Button>
        </>
      }
    >
      <form
        id="publisher-form"
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {add.error && !errorOf("publisher") && !errorOf("public_key") ? <ErrorNote error={add.error} /> : null}
        <Field id="publisher-name" label={labels.field(RESOURCE, "publisher")} error={errorOf("publisher")} required>
          <Input
            id="publisher-name"
            value={publisher}
            aria-describedby={describedBy("publisher-name", undefined, errorOf("publisher"))}
            aria-invalid={errorOf("publisher") !== undefined}
            onChange={(event) => setPublisher(event.target.value)}
          />
        </Field>
        <Field
          id="publisher-key"
          label={labels.field(RESOURCE, "public_key")}
          help={help}
          error={errorOf("public_key")}
          required
        >
          <Input
            id="publisher-key"
            dir="ltr"
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
            value={key}
            aria-describedby={describedBy("publisher-key", help, errorOf("public_key"))}
            aria-invalid={errorOf("public_key") !== undefined}
            onChange={(event) => setKey(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
