import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { queryClient } from "@/lib/query";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { Field, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { accessChanged, accessQueries, deleteRole, type Role, setPosition } from "./access-api";
import { seesEverything } from "./position";
import { type Holder, useHolders } from "./role-holders";

interface RoleDeleteProps {
  role: Role;
  onClose: () => void;
}

/** Deletes a role; while somebody has it, first the way to give them another one. */
export function RoleDelete({ role, onClose }: RoleDeleteProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteRole(role.id),
    onSuccess: async () => {
      onClose();
      // The list that one comes back to does not show it for a moment more.
      queryClient.setQueryData(accessQueries.roles.queryKey, (roles) => roles?.filter((one) => one.id !== role.id));
      await navigate({ to: "/settings/roles" });
      toast(t("roles.deleted", { name: role.name }));
      queryClient.removeQueries({ queryKey: accessQueries.role(role.id).queryKey });
      await accessChanged();
    },
  });
  if (role.members > 0) return <InUse role={role} onClose={onClose} />;
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("detail.delete_title", { what: role.name })}
      description={t("roles.delete_hint")}
      confirm={t("common.delete")}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    />
  );
}

const without = (holder: Holder, role: Role, instead: string) => [
  ...new Set([...holder.roles.filter((one) => one !== role.id), ...(instead ? [instead] : [])]),
];

function InUse({ role, onClose }: RoleDeleteProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const roles = useQuery(accessQueries.roles);
  const { holders, error } = useHolders(role);
  const [instead, setInstead] = useState("");
  // A viewer who loses his last role sees everything: that is never meant by tidying up.
  const opened = holders.filter((one) =>
    seesEverything({ membership: one.membership, roles: without(one, role, instead) }),
  );
  const move = useMutation({
    mutationFn: async () => {
      try {
        for (const one of holders) await setPosition(one.id, { roles: without(one, role, instead) });
      } finally {
        await accessChanged();
      }
    },
    onSuccess: () => toast(t("roles.moved")),
  });
  const unseen = role.members - holders.length;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("roles.in_use_title")}
      description={t("roles.in_use_hint", { count: role.members, shown: format.number(role.members) })}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          {can("members.update") && holders.length > 0 ? (
            <Button variant="primary" busy={move.isPending} disabled={opened.length > 0} onClick={() => move.mutate()}>
              {t("roles.move")}
            </Button>
          ) : null}
        </>
      }
    >
      {error ? <ErrorNote error={error} className="mb-3" /> : null}
      {move.error ? <ErrorNote error={move.error} className="mb-3" /> : null}
      <ul className="mb-4 max-h-48 overflow-y-auto rounded-lg border border-line px-3 py-1.5 text-sm">
        {holders.map((one) => (
          <li key={one.id} className="py-1">
            <bdi>{one.name}</bdi>
          </li>
        ))}
        {unseen > 0 ? <li className="py-1 text-muted">{t("roles.unseen", { count: unseen })}</li> : null}
      </ul>
      {can("members.update") ? (
        <Field id="instead" label={t("roles.instead")}>
          <Select id="instead" value={instead} onChange={(event) => setInstead(event.target.value)}>
            <option value="">{t("roles.instead_none")}</option>
            {roles.data
              ?.filter((one) => one.id !== role.id)
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
          </Select>
        </Field>
      ) : null}
      {opened.length > 0 ? (
        <Note kind="warn" className="mt-3">
          {t("roles.would_open", { who: format.list(opened.slice(0, 5).map((one) => one.name)) })}
        </Note>
      ) : null}
    </Dialog>
  );
}
