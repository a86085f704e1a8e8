import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ReceiptText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { StateBadge } from "@/resource/state-badge";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { Amount } from "./amount";
import { ownSalariesQuery, SALARIES } from "./pay-api";
import { monthOf } from "./run-steps";

/** A courier's own payslips, the newest first. */
export function MyPay() {
  const { t } = useTranslation();
  const format = useFormat();
  const resource = useResource(SALARIES);
  const salaries = useQuery({ ...ownSalariesQuery, enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  if (salaries.isPending) return <PageSkeleton />;
  if (salaries.isError) return <ErrorNote error={salaries.error} onRetry={salaries.refetch} />;
  return (
    <div className="mx-auto max-w-2xl">
      <PageHead title={t("nav.my_pay")} hint={t("pay.my_hint")} />
      <Card>
        {salaries.data.length === 0 ? (
          <Empty icon={ReceiptText} title={t("pay.no_slips")}>
            {t("pay.no_slips_hint")}
          </Empty>
        ) : null}
        <ul className="divide-y divide-line empty:hidden">
          {salaries.data.map((salary) => (
            <li key={salary.id} className="relative flex items-center gap-4 px-5 py-4 hover:bg-hover/60">
              <div className="min-w-0 flex-1">
                <Link
                  to="/hr/payslips/$id"
                  params={{ id: salary.id }}
                  className="font-medium before:absolute before:inset-0"
                >
                  {format.month(monthOf(salary))}
                </Link>
                <p className="mt-1">
                  <StateBadge resource={resource} row={salary} />
                </p>
              </div>
              <Amount value={salary.net_salary} className="font-semibold" />
              <ChevronEnd className="size-4 shrink-0 text-faint" />
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
