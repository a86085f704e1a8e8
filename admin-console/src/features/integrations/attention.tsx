import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { ArrowEnd } from "@/ui/icons";
import { Note } from "@/ui/note";
import { type Remedy, remedyFor } from "./mend";
import type { Installation } from "./shapes";

interface AttentionProps {
  installation: Installation;
  /** Where the reader is already. */
  tab: string;
  onGo: (tab: Remedy) => void;
}

/** What a plugin waits for, and the way to where one mends it. */
export function Attention({ installation, tab, onGo }: AttentionProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const remedy = remedyFor(installation);
  if (!remedy) return null;
  const { status, status_reason: reason, status_detail: detail } = installation;
  const isNew = status === "needs_settings";
  return (
    <Note
      kind={isNew ? "info" : "warn"}
      title={isNew ? t("plugins.needs_settings_hint") : t(`plugins.status_${status}`)}
      className="mb-4"
      actions={
        tab === remedy ? null : (
          <Button size="sm" onClick={() => onGo(remedy)} className="self-center">
            {t(`plugins.mend_${remedy}`)}
            <ArrowEnd />
          </Button>
        )
      }
    >
      {reason ? (labels.problem(reason) ?? reason) : isNew ? null : t("plugins.needs_attention_hint")}
      {detail ? (
        <bdi dir="auto" className="mt-1 block break-words text-muted">
          {detail}
        </bdi>
      ) : null}
    </Note>
  );
}
