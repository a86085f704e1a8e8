import { useMutation } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource, Row } from "@/api/model";
import { deleteRows } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { toast } from "@/ui/toast";

interface SelectionBarProps {
  resource: Resource;
  rows: Row[];
  onDone: () => void;
}

/** What can be done with the chosen rows at once. The server does all of it or none. */
export function SelectionBar({ resource, rows, onDone }: SelectionBarProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteRows(resource, rows),
    onSuccess: () => {
      toast(t("list.deleted", { count: rows.length }));
      setAsking(false);
      onDone();
    },
  });
  return (
    <div className="flex items-center gap-3 border-line border-t bg-accent-soft px-4 py-2 text-sm">
      <p className="font-medium text-accent-text">{t("list.selected", { count: rows.length })}</p>
      <Button size="sm" variant="ghost" onClick={onDone}>
        {t("list.clear_selection")}
      </Button>
      <Button size="sm" className="ms-auto text-bad" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
        {t("common.delete")}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={(open) => {
          remove.reset();
          setAsking(open);
        }}
        title={t("list.delete_title", { count: rows.length })}
        description={t("list.delete_hint")}
        confirm={t("common.delete")}
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </div>
  );
}
