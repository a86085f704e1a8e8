import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { CalendarRange, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { useWeekStart } from "@/lib/week";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd, ChevronStart } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { addDays, daysOf, weekOf } from "./calendar-grid";
import { useCalendarWords } from "./calendar-words";
import { type Roster, type RosterDay, type RosterRow, rosterQuery } from "./time-api";

const ENTRIES = "hr.roster_entries";

/** The shifts of a week: a line for each courier, a column for each day. */
export function RosterPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const start = useWeekStart();
  const search = useLocation().search as Record<string, string>;
  const resource = useResource(ENTRIES);
  const week = weekOf(search.day ?? today(), start);
  const roster = useQuery({ ...rosterQuery(week.from, week.to), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  const go = (day: string | undefined) => navigate({ to: "/hr/roster", search: day ? { day } : {}, replace: true });
  return (
    <>
      <PageHead
        title={t("nav.roster")}
        hint={t("time.roster_hint")}
        actions={
          <Button asChild>
            <Link to="/$module/$resource" params={{ module: "hr", resource: "shifts" }}>
              {t("time.kinds_of_shift")}
            </Link>
          </Button>
        }
      />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <Button size="icon" aria-label={t("time.week_before")} onClick={() => go(addDays(week.from, -7))}>
          <ChevronStart />
        </Button>
        <h2 className="num min-w-56 text-center font-semibold" aria-live="polite">
          {t("time.from_to", { from: format.date(week.from), to: format.date(week.to) })}
        </h2>
        <Button size="icon" aria-label={t("time.week_after")} onClick={() => go(addDays(week.from, 7))}>
          <ChevronEnd />
        </Button>
        <Button onClick={() => go(undefined)}>{t("date.today")}</Button>
      </div>
      {roster.isPending ? <PageSkeleton /> : null}
      {roster.isError ? <ErrorNote error={roster.error} onRetry={roster.refetch} /> : null}
      {roster.data ? <Week roster={roster.data} creates={resource.verbs.includes("create")} /> : null}
    </>
  );
}

function Week({ roster, creates }: { roster: Roster; creates: boolean }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  if (roster.data.length === 0) {
    return (
      <Card>
        <Empty icon={CalendarRange} title={t("time.no_shifts")}>
          {t("time.no_shifts_hint")}
        </Empty>
      </Card>
    );
  }
  return <Card>{narrow ? <List rows={roster.data} /> : <Grid roster={roster} creates={creates} />}</Card>;
}

function Grid({ roster, creates }: { roster: Roster; creates: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const words = useCalendarWords();
  const days = daysOf(roster.from, roster.to);
  const now = today();
  return (
    <div className="scroll-thin relative overflow-x-auto">
      <table className="w-full min-w-[56rem] table-fixed border-collapse text-sm">
        <thead>
          <tr className="bg-sunken text-muted text-xs">
            <th scope="col" className="w-52 px-4 py-2 font-medium">
              {labels.field(ENTRIES, "courier_id")}
            </th>
            {days.map((day) => (
              <th
                key={day}
                scope="col"
                className={cn("px-2 py-2 text-center font-medium", day === now && "bg-accent-soft text-accent-text")}
              >
                {words.weekday(day)} <span className="num">{words.dayOfMonth(day)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {roster.data.map((row) => (
            <tr key={row.courier_id} className="border-line border-t">
              <th scope="row" className="truncate px-4 py-2 font-medium">
                <bdi>{row.courier_name}</bdi>
              </th>
              {days.map((day) => {
                const shifts = row.days.filter((one) => one.day === day);
                return (
                  <td key={day} className={cn("group px-1 py-1 align-top", day === now && "bg-accent-soft/40")}>
                    {shifts.map((shift) => (
                      <ShiftLink key={shift.entry_id} shift={shift} />
                    ))}
                    {shifts.length === 0 && creates ? (
                      <Link
                        to="/$module/$resource/new"
                        params={{ module: "hr", resource: "roster_entries" }}
                        search={{ courier_id: row.courier_id, day }}
                        aria-label={t("time.add_shift", { courier: row.courier_name, day: words.weekday(day) })}
                        className="grid h-9 place-items-center rounded-md text-faint opacity-0 hover:bg-hover focus-visible:opacity-100 group-hover:opacity-100"
                      >
                        <Plus className="size-4" aria-hidden />
                      </Link>
                    ) : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ShiftLink({ shift }: { shift: RosterDay }) {
  const { t } = useTranslation();
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: "hr", resource: "roster_entries", id: shift.entry_id }}
      className="mb-1 block rounded-md bg-accent-soft px-2 py-1 text-center text-accent-text text-xs last:mb-0 hover:brightness-95"
    >
      <bdi className="block truncate font-medium">{shift.shift_name}</bdi>
      <span className="num">
        <bdi dir="ltr">{`${shift.starts_at.slice(0, 5)}–${shift.ends_at.slice(0, 5)}`}</bdi>
        {shift.crosses_midnight ? <span title={t("time.next_day")}>{" +1"}</span> : null}
      </span>
    </Link>
  );
}

function List({ rows }: { rows: RosterRow[] }) {
  const words = useCalendarWords();
  return (
    <ul className="divide-y divide-line">
      {rows.map((row) => (
        <li key={row.courier_id} className="px-4 py-3">
          <p className="font-medium text-sm">
            <bdi>{row.courier_name}</bdi>
          </p>
          <ul className="mt-1.5 space-y-1">
            {row.days.map((shift) => (
              <li key={shift.entry_id} className="flex items-center gap-3 text-sm">
                <span className="w-20 shrink-0 text-muted">
                  {words.weekday(shift.day)} <span className="num">{words.dayOfMonth(shift.day)}</span>
                </span>
                <span className="min-w-0 flex-1">
                  <ShiftLink shift={shift} />
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
