import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { RUNS } from "./pay-api";
import { reached, STATES, stateOfRun } from "./run-steps";
import type { Run } from "./shapes";

/** The way of a run from draft to locked: where it stands, and who brought it there and when. */
export function RunTrack({ run, small }: { run: Run; small?: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const at = STATES.indexOf(stateOfRun(run));
  return (
    <ol aria-label={t("pay.way")} className={cn("grid grid-cols-6", small ? "gap-1" : "gap-1 sm:gap-2")}>
      {STATES.map((state, index) => {
        const past = index < at || (index === at && state === "locked");
        const here = index === at;
        const { by, at: when, isDay } = reached(run, state);
        const told = index <= at;
        return (
          <li key={state} aria-current={here ? "step" : undefined} className="min-w-0">
            <span
              className={cn(
                "block h-1.5 rounded-full",
                past ? "bg-accent" : here ? "bg-accent ring-2 ring-accent/25" : "bg-hover",
              )}
            />
            {small ? (
              <span className="sr-only">{labels.choice(RUNS, "status", state)}</span>
            ) : (
              <>
                <span
                  className={cn(
                    "mt-2 flex items-center gap-1 text-xs sm:text-sm",
                    here ? "font-semibold text-ink" : past ? "text-muted" : "text-faint",
                    here ? "" : "max-sm:sr-only",
                  )}
                >
                  {past ? <Check className="size-3.5 shrink-0 text-accent-text" aria-hidden /> : null}
                  <span className={here ? "max-sm:whitespace-nowrap" : "truncate"}>
                    {labels.choice(RUNS, "status", state)}
                  </span>
                </span>
                {told ? (
                  <span className="mt-0.5 hidden text-faint text-xs sm:block">
                    {by ? (
                      <span className="block truncate">
                        <bdi>{by}</bdi>
                      </span>
                    ) : null}
                    {when ? (
                      <time
                        dateTime={when}
                        className="block truncate"
                        title={isDay ? format.date(when) : format.instant(when)}
                      >
                        {format.date(when)}
                      </time>
                    ) : null}
                  </span>
                ) : null}
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
}
