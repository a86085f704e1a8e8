import { useQuery } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { comparisonQuery, salariesQuery } from "./pay-api";
import { RunTable } from "./run-table";
import type { Run } from "./shapes";
import { payRows } from "./table-rows";

/** Everybody whom the run pays. What last month says of them comes a moment later, into the same rows. */
export function People({ run, isDraft }: { run: Run; isDraft: boolean }) {
  const { t } = useTranslation();
  const salaries = useQuery({ ...salariesQuery(run.id), enabled: !isDraft });
  const can = useCan();
  const comparison = useQuery({ ...comparisonQuery(run.id), enabled: !isDraft && can("pay_figures.read") });
  const rows = useMemo(
    () => payRows(salaries.data ?? [], comparison.data?.rows ?? []),
    [salaries.data, comparison.data],
  );
  if (isDraft || salaries.data?.length === 0) {
    return (
      <Card>
        <Empty icon={UsersRound} title={t("pay.nobody_yet")}>
          {t("pay.draft_hint")}
        </Empty>
      </Card>
    );
  }
  if (salaries.isPending) return <RowsSkeleton />;
  if (salaries.isError) return <ErrorNote error={salaries.error} onRetry={salaries.refetch} />;
  return (
    <>
      {comparison.isError ? <ErrorNote error={comparison.error} onRetry={comparison.refetch} className="mb-4" /> : null}
      <RunTable rows={rows} />
    </>
  );
}
