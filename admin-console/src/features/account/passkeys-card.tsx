import { Fingerprint, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { deviceOf } from "@/lib/device";
import type { Factors } from "@/lib/factors";
import { useFormat } from "@/lib/format";
import { makePasskey, passkeysWork } from "@/lib/passkeys";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { useFactorChange } from "./changes";
import { NameDialog } from "./name-dialog";

type Passkey = Factors["passkeys"][number];

interface PasskeysProps {
  passkeys: Passkey[];
  onCodes: (codes: string[]) => void;
}

export function Passkeys({ passkeys, onCodes }: PasskeysProps) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey>();
  const [removing, setRemoving] = useState<Passkey>();
  const add = useFactorChange({
    mutationFn: async (name: string) => {
      const { ticket, options } = await answerOf(client.POST("/api/v1/auth/passkeys/begin", { body: {} }));
      const credential = await makePasskey(options);
      return answerOf(client.POST("/api/v1/auth/passkeys", { body: { ticket, name, credential } }));
    },
    onSuccess: (made) => {
      setAdding(false);
      // Codes that are shown say it themselves, and nothing may stand in front of them.
      if (made.recovery_codes.length === 0) toast(t("account.passkey_added", { name: made.name }));
      onCodes(made.recovery_codes);
    },
    onError: undefined,
  });
  const rename = useFactorChange({
    mutationFn: ({ id, name }: { id: string; name: string }) =>
      client.PATCH("/api/v1/auth/passkeys/{id}", { params: { path: { id } }, body: { name } }),
    onSuccess: () => setRenaming(undefined),
    onError: undefined,
  });
  const remove = useFactorChange({
    mutationFn: (id: string) => client.DELETE("/api/v1/auth/passkeys/{id}", { params: { path: { id } } }),
    onSuccess: () => {
      setRemoving(undefined);
      toast(t("account.passkey_removed"));
    },
    onError: undefined,
  });
  return (
    <Card className="pb-2">
      <CardHead
        title={t("account.passkeys")}
        hint={t("account.passkeys_hint")}
        actions={
          passkeysWork() ? (
            <Button onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              {t("account.passkey_add")}
            </Button>
          ) : null
        }
      />
      {passkeysWork() ? null : (
        <Note kind="warn" className="mx-5 mb-3">
          {t("account.passkeys_nowhere")}
        </Note>
      )}
      {passkeys.length === 0 ? <p className="px-5 pb-3 text-faint text-sm">{t("account.passkeys_none")}</p> : null}
      <ul className="divide-y divide-line">
        {passkeys.map((passkey) => (
          <Row
            key={passkey.id}
            passkey={passkey}
            onRename={() => setRenaming(passkey)}
            onRemove={() => setRemoving(passkey)}
          />
        ))}
      </ul>
      {isAdding ? (
        <NameDialog
          title={t("account.passkey_add")}
          description={t("account.passkey_add_hint")}
          submit={t("account.passkey_make")}
          first={deviceOf(navigator.userAgent).system ?? ""}
          change={add}
          onSubmit={(name) => add.mutate(name)}
          onClose={() => setAdding(false)}
        />
      ) : null}
      {renaming ? (
        <NameDialog
          title={t("account.passkey_rename")}
          submit={t("account.save")}
          first={renaming.name}
          change={rename}
          onSubmit={(name) => rename.mutate({ id: renaming.id, name })}
          onClose={() => setRenaming(undefined)}
        />
      ) : null}
      {removing ? (
        <Confirm
          open
          danger
          onOpenChange={() => setRemoving(undefined)}
          title={t("account.passkey_remove_title", { name: removing.name })}
          description={t("account.passkey_remove_hint")}
          confirm={t("account.remove")}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing.id)}
        />
      ) : null}
    </Card>
  );
}

interface RowProps {
  passkey: Passkey;
  onRename: () => void;
  onRemove: () => void;
}

function Row({ passkey, onRename, onRemove }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className="flex items-center gap-3 px-5 py-3">
      <Fingerprint className="size-5 shrink-0 text-faint" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium text-sm">
          <bdi>{passkey.name}</bdi>
        </p>
        <p className="text-muted text-xs">
          {t("account.added_on", { date: format.date(passkey.created_at) })}
          {" · "}
          {passkey.last_used_at
            ? t("account.used", { ago: format.ago(passkey.last_used_at) })
            : t("account.never_used")}
        </p>
      </div>
      <Button
        variant="ghost"
        size="icon"
        aria-label={t("account.rename_this", { name: passkey.name })}
        onClick={onRename}
      >
        <Pencil aria-hidden />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        aria-label={t("account.remove_this", { name: passkey.name })}
        onClick={onRemove}
      >
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}
