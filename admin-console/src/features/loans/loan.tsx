import { useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan, useResource } from "@/lib/account";
import { ResourceDetail } from "@/resource/detail/resource-detail";
import { Note } from "@/ui/note";
import { LOANS } from "./loan-api";
import { LoanSchedule } from "./loan-schedule";

/** A loan as every row is shown, with its instalments above. */
export function LoanPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const search = useLocation().search as Record<string, string>;
  const navigate = useNavigate();
  const can = useCan();
  const resource = useResource(LOANS);
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  return (
    <ResourceDetail
      resource={resource}
      id={id}
      tab={search.tab}
      onTab={(tab) => navigate({ to: "/hr/loan/$id", params: { id }, search: tab ? { tab } : {}, replace: true })}
    >
      {can("loans.read_pay") ? <LoanSchedule resource={resource} id={id} /> : null}
    </ResourceDetail>
  );
}
