import { UserRoundCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action } from "@/api/model";
import { useResource } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { useSession } from "@/lib/session";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { actionApplies } from "@/resource/detail/applies";
import { Button } from "@/ui/button";
import { RUNS } from "./pay-api";
import { hindrance, nextStep } from "./run-steps";
import type { Run } from "./shapes";

/** What comes next for a run, and whether it is the reader's to do. */
export function NextStep({ run, size = "md" }: { run: Run; size?: "sm" | "md" }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const resource = useResource(RUNS);
  const session = useSession();
  const [running, setRunning] = useState<Action>();
  const step = nextStep(run);
  if (!step || !resource) return null;
  const action = resource.actions?.find((one) => one.name === step && actionApplies(one, run));
  const stopped = hindrance(run, step, action !== undefined, session.user.id);
  const name = labels.action(RUNS, step);
  if (stopped || !action) {
    return (
      <p className="flex items-start gap-2 text-muted text-sm">
        <UserRoundCheck className="mt-0.5 size-4 shrink-0 text-faint" aria-hidden />
        <span>
          {stopped === "own_calculation"
            ? t("pay.waits_for_another", { step: name })
            : t("pay.waits_for_right", { step: name })}
        </span>
      </p>
    );
  }
  return (
    <>
      <Button variant="primary" size={size} onClick={() => setRunning(action)}>
        {name}
      </Button>
      {running ? (
        <ActionDialog resource={resource} row={run} action={running} onClose={() => setRunning(undefined)} />
      ) : null}
    </>
  );
}
