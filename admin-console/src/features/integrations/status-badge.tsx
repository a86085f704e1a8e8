import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toneOf } from "@/resource/kinds/tone";
import { Badge } from "@/ui/badge";
import type { Installation, Run } from "./plugin-api";

export function StatusBadge({ status }: { status: Installation["status"] }) {
  const { t } = useTranslation();
  return (
    <Badge tone={toneOf(status)} dot>
      {t(`plugins.status_${status}`)}
    </Badge>
  );
}

export function RunBadge({ status }: { status: Run["status"] }) {
  const { t } = useTranslation();
  const going = status === "queued" || status === "running";
  return (
    <Badge tone={toneOf(status)} dot={!going}>
      {going ? <LoaderCircle className="me-1 inline size-3 animate-spin" aria-hidden /> : null}
      {t(`run.status_${status}`)}
    </Badge>
  );
}
