import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Skeleton } from "@/ui/skeleton";
import { Stat } from "@/ui/stat";
import { Amount } from "./amount";
import { sumOf } from "./halalas";
import { outlierCountQuery } from "./pay-api";
import { isCalculating, stateOfRun } from "./run-steps";
import type { Run } from "./shapes";

/** Millions stand beside each other on a phone too. */
const FIGURE = "text-base sm:text-xl md:text-lg 2xl:text-xl";

/** What a run comes to, as its calculation left it. */
export function MonthFigures({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const isDraft = stateOfRun(run) === "draft";
  const compares = !isDraft && can("pay_figures.read");
  const outliers = useQuery({ ...outlierCountQuery(run.id), enabled: compares });
  if (isCalculating(run)) return <Progress run={run} />;
  if (isDraft) return <p className="text-muted text-sm">{t("pay.draft_hint")}</p>;
  const cost = run.gross_total && run.employer_total ? sumOf([run.gross_total, run.employer_total]) : null;
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Stat label={t("pay.couriers")} value={format.number(run.paid_count ?? 0)} />
      <Stat label={t("pay.gross")} value={<Amount value={run.gross_total} />} className={FIGURE} />
      <Stat label={t("pay.deducted")} value={<Amount value={run.deducted_total} />} className={FIGURE} />
      <Stat label={t("pay.net")} value={<Amount value={run.net_total} />} className={cn(FIGURE, "text-accent-text")} />
      <Stat label={t("pay.cost")} value={<Amount value={cost} />} className={FIGURE} />
      {compares ? (
        <Stat
          label={t("pay.outliers")}
          value={
            outliers.isPending ? (
              <Skeleton className="my-1 h-5 w-10" />
            ) : outliers.isError ? (
              "—"
            ) : (
              format.number(outliers.data)
            )
          }
          className={outliers.data ? "text-warn" : ""}
        />
      ) : null}
    </dl>
  );
}

/** How far a calculation is that goes on by itself. */
function Progress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [done, all] = [run.done_count ?? 0, run.courier_count ?? 0];
  return (
    <div role="status">
      <p className="num text-sm">{t("pay.calculating", { done: format.number(done), total: format.number(all) })}</p>
      <progress className="sr-only" value={done} max={Math.max(all, 1)} />
      <span aria-hidden="true" className="mt-2 block h-2 overflow-hidden rounded-full bg-hover">
        <span
          className="block h-full rounded-full bg-accent transition-[width]"
          style={{ width: `${all > 0 ? (done / all) * 100 : 0}%` }}
        />
      </span>
    </div>
  );
}
