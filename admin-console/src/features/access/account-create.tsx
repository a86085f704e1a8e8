import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";
import { toast } from "@/ui/toast";
import { createAccount, type Position } from "./access-api";
import { PositionFields } from "./position-fields";

/** A new service account: a name, and a position as everybody else has one. */
export function AccountCreate({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [position, setPosition] = useState<Position>({ membership: "viewer", roles: [] });
  const create = useMutation({
    mutationFn: () => createAccount({ name: name.trim(), ...position }),
    onSuccess: (account) => {
      toast(t("form.saved", { title: account.name }));
      onCreated();
    },
  });
  const errorOf = (field: string) =>
    isProblem(create.error) ? create.error.errors.find((one) => one.field === field)?.message : undefined;
  const elsewhere = create.error && !["name", "membership", "roles"].some(errorOf) ? create.error : null;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="md"
      title={t("api_key.new_account")}
      description={t("api_key.new_account_hint")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="primary" busy={create.isPending} disabled={!name.trim()} onClick={() => create.mutate()}>
            {t("form.create")}
          </Button>
        </>
      }
    >
      {elsewhere ? <ErrorNote error={elsewhere} className="mb-4" /> : null}
      <Field
        id="account-name"
        label={t("people.name")}
        help={t("api_key.account_name_help")}
        required
        error={errorOf("name")}
        className="mb-4"
      >
        <Input
          id="account-name"
          dir="auto"
          maxLength={100}
          autoComplete="off"
          value={name}
          aria-invalid={errorOf("name") ? true : undefined}
          aria-describedby={describedBy("account-name", true, errorOf("name"))}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <PositionFields value={position} onChange={setPosition} forProgram errorOf={errorOf} />
    </Dialog>
  );
}
