import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { ArrowEnd } from "@/ui/icons";
import { Note } from "@/ui/note";
import { type Remedy, remedyFor } from "./mend";
import type { CatalogueEntry, Installation } from "./shapes";

interface AttentionProps {
  entry: CatalogueEntry;
  installation: Installation;
  /** Where the reader is already. */
  tab: string;
  onGo: (tab: Remedy) => void;
}

/** What a plugin waits for, and the way to where one mends it. */
export function Attention({ entry, installation, tab, onGo }: AttentionProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const { language } = usePreferences();
  const asked = [...entry.settings, ...entry.secrets];
  // The server says what is missing by its names in the manifest.
  const namesOf = (names: string) =>
    format.list(
      names.split(", ").map((name) => inLanguage(asked.find((one) => one.name === name)?.label, language) || name),
    );
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
        <span className="mt-1 block break-words text-muted">
          <bdi dir="auto">{reason?.endsWith("_missing") ? namesOf(detail) : detail}</bdi>
        </span>
      ) : null}
    </Note>
  );
}
