import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Checkbox } from "@/ui/field";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { uninstall } from "./plugin-api";
import type { Installation } from "./shapes";

interface UninstallProps {
  installation: Installation;
  title: string;
  onClose: () => void;
}

/** Takes a plugin away; what it kept stays for another time unless one says otherwise. */
export function Uninstall({ installation, title, onClose }: UninstallProps) {
  const { t } = useTranslation();
  const id = useId();
  const [withData, setWithData] = useState(false);
  const remove = useMutation({
    mutationFn: () => uninstall(installation.id, withData),
    onSuccess: () => {
      toast(t("plugins.uninstalled"));
      onClose();
    },
  });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("plugins.uninstall_title", { title })}
      description={t("plugins.uninstall_hint")}
      confirm={t(withData ? "plugins.uninstall_all" : "plugins.uninstall")}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      <div className="mt-1 flex gap-3 text-sm">
        <Checkbox id={id} checked={withData} onChange={() => setWithData(!withData)} className="mt-1" />
        <label htmlFor={id} className="min-w-0">
          <span className="font-medium">{t("plugins.with_data")}</span>
          <span className="block text-muted">{t("plugins.with_data_hint")}</span>
        </label>
      </div>
    </Confirm>
  );
}

/** Whether a plugin that was taken away left something that could be deleted. */
export function leftSomething(installation: Installation | undefined): installation is Installation {
  if (installation?.status !== "removed") return false;
  return Object.keys(installation.settings ?? {}).length > 0 || (installation.secrets_set?.length ?? 0) > 0;
}

/** What an uninstalled plugin left: it is used when it comes back, or deleted. */
export function LeftBehind({ installation }: { installation: Installation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const canManage = useCan()("plugins.manage");
  const [asking, setAsking] = useState(false);
  const wipe = useMutation({
    mutationFn: () => uninstall(installation.id, true),
    onSuccess: () => {
      toast(t("plugins.wiped"));
      setAsking(false);
    },
  });
  return (
    <Note
      kind="info"
      title={t("plugins.left_behind", {
        when: installation.removed_at ? format.instant(installation.removed_at) : "",
      })}
      className="mb-4 max-w-3xl"
      actions={
        canManage ? (
          <Button size="sm" onClick={() => setAsking(true)} className="self-center">
            {t("plugins.wipe")}
          </Button>
        ) : null
      }
    >
      {t("plugins.left_behind_hint")}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t("plugins.wipe_title")}
        description={t("plugins.with_data_hint")}
        confirm={t("plugins.wipe")}
        danger
        busy={wipe.isPending}
        error={wipe.error}
        onConfirm={() => wipe.mutate()}
      />
    </Note>
  );
}
