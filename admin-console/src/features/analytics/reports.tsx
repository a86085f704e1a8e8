import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChartColumn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/lib/preferences";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { AREAS, reportTypesQuery } from "./report-api";

/** Every report the caller may see, by the part of the company it is about. */
export function Reports() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const types = useQuery(reportTypesQuery(language));
  if (types.isPending) return <PageSkeleton />;
  if (types.isError) return <ErrorNote error={types.error} onRetry={types.refetch} />;
  const areas = AREAS.filter((area) => types.data.some((type) => type.area === area));
  return (
    <>
      <PageHead title={t("nav.reports")} hint={t("report.hint")} />
      {areas.length === 0 ? <Empty icon={ChartColumn} title={t("report.none")} /> : null}
      <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
        {areas.map((area) => (
          <Card key={area}>
            <CardHead title={t(`report.area_${area}`)} />
            <ul className="divide-y divide-line border-line border-t">
              {types.data
                .filter((type) => type.area === area)
                .map((type) => (
                  <li key={type.name}>
                    <Link
                      to="/analytics/live/$report"
                      params={{ report: type.name }}
                      className="flex items-center gap-3 px-5 py-2.5 text-sm hover:bg-hover/60"
                    >
                      <ChartColumn className="size-4 shrink-0 text-faint" aria-hidden />
                      <span className="min-w-0 flex-1 truncate">{type.title}</span>
                      <ChevronEnd className="size-4 text-faint" />
                    </Link>
                  </li>
                ))}
            </ul>
          </Card>
        ))}
      </div>
    </>
  );
}
