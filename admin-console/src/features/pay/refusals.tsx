import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheckBig } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { refusalsQuery } from "./pay-api";
import { placeToMend } from "./refusal-places";
import { useRefusalWords } from "./refusal-words";
import type { Refusal, Run } from "./shapes";

/** Who could not be paid, why, and where it is put right. */
export function Refusals({ run }: { run: Run }) {
  const { t } = useTranslation();
  const refusals = useQuery(refusalsQuery(run.id));
  if (refusals.isPending) return <RowsSkeleton />;
  if (refusals.isError) return <ErrorNote error={refusals.error} onRetry={refusals.refetch} />;
  if (refusals.data.length === 0) {
    return (
      <Card>
        <Empty icon={CircleCheckBig} title={t("pay.no_refusals")}>
          {t("pay.no_refusals_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <ul className="divide-y divide-line">
        {refusals.data.map((refusal) => (
          <RefusalItem key={refusal.id} refusal={refusal} run={run} />
        ))}
      </ul>
    </Card>
  );
}

function RefusalItem({ refusal, run }: { refusal: Refusal; run: Run }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const words = useRefusalWords();
  const place = placeToMend(refusal, run);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3.5">
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {refusal.courier_id ? (
            <Link
              to="/$module/$resource/$id"
              params={{ module: "fleet", resource: "couriers", id: refusal.courier_id }}
              className="rounded hover:text-accent-text hover:underline"
            >
              <bdi>{refusal.courier_title ?? labels.one("fleet.couriers")}</bdi>
            </Link>
          ) : (
            t("pay.whole_run")
          )}
        </p>
        <p className="mt-0.5 text-sm">{words.why(refusal)}</p>
        <p className="mt-0.5 text-muted text-sm">{words.todo(refusal)}</p>
      </div>
      {place ? (
        <Button asChild size="sm">
          <Link to={place.to} search={place.search}>
            {place.edits ? t("common.edit") : labels.many(place.resource)}
          </Link>
        </Button>
      ) : null}
    </li>
  );
}
