import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { type Draft, type Past, settingsHistoryQuery } from "./organization-api";
import { Changed, Moment, Timeline } from "./timeline";
import { CALENDARS, WEEK_STARTS } from "./ways";

const FIELDS: readonly (keyof Draft)[] = [
  "name",
  "logo_file_id",
  "currency",
  "time_zone",
  "calendar",
  "week_start",
  "locale",
];

/** Who changed which setting, and when. */
export function OrganizationHistory() {
  const { t } = useTranslation();
  const history = useQuery(settingsHistoryQuery);
  return (
    <Card className="pb-5">
      <CardHead title={t("company.history")} />
      {history.isPending ? <RowsSkeleton rows={3} /> : null}
      {history.isError ? <ErrorNote error={history.error} onRetry={history.refetch} className="mx-5" /> : null}
      {history.data?.length === 0 ? <p className="px-5 text-muted text-sm">{t("company.history_none")}</p> : null}
      {history.data && history.data.length > 0 ? (
        <div className="px-5">
          <Timeline>
            {history.data.map((past) => (
              <Entry key={`${past.at} ${past.by_name}`} past={past} />
            ))}
          </Timeline>
        </div>
      ) : null}
    </Card>
  );
}

function Entry({ past }: { past: Past }) {
  const { t } = useTranslation();
  const format = useFormat();
  function worded(field: keyof Draft, value: unknown): string {
    if (value === null || value === undefined || value === "") return t("company.nothing");
    const text = String(value);
    if (field === "logo_file_id") return t("company.picture");
    if (field === "currency") return format.currency(text);
    const calendar = CALENDARS.find((one) => one === text);
    if (field === "calendar" && calendar) return t(`company.calendar.${calendar}`);
    const day = WEEK_STARTS.find((one) => one === text);
    if (field === "week_start" && day) return t(`company.week_start.${day}`);
    if (field === "locale" && (text === "en" || text === "ar")) return t(`view.language_${text}`);
    return text;
  }
  return (
    <Moment at={past.at} by={past.by_name}>
      {FIELDS.filter((field) => past.changes[field]).map((field) => (
        <Changed
          key={field}
          label={t(`company.field.${field as "name"}`)}
          before={<bdi>{worded(field, past.changes[field]?.before)}</bdi>}
          after={<bdi>{worded(field, past.changes[field]?.after)}</bdi>}
        />
      ))}
    </Moment>
  );
}
