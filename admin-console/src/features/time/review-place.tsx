import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Row } from "@/api/model";
import { useResource } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { queryClient } from "@/lib/query";
import { rowQuery } from "@/lib/resource-api";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { ATTENDANCE } from "./time-api";

const REVIEWS = ["confirm_location", "dismiss_location"];

/** Decides about a doubtful place where it is seen. */
export function ReviewPlace({ attendanceId }: { attendanceId: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const resource = useResource(ATTENDANCE);
  const [running, setRunning] = useState<{ row: Row; action: Action }>();
  const begin = useMutation({
    mutationFn: async (action: Action) => {
      if (!resource) return;
      setRunning({ row: await queryClient.fetchQuery(rowQuery(resource, attendanceId)), action });
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const actions = (resource?.actions ?? []).filter((action) => REVIEWS.includes(action.name));
  if (!resource || actions.length === 0) return null;
  return (
    <span className="mt-1.5 flex flex-wrap gap-2">
      {actions.map((action) => (
        <Button
          key={action.name}
          size="sm"
          busy={begin.isPending && begin.variables === action}
          onClick={() => begin.mutate(action)}
        >
          {labels.action(resource, action.name)}
        </Button>
      ))}
      {running ? <ActionDialog resource={resource} {...running} onClose={() => setRunning(undefined)} /> : null}
    </span>
  );
}
