import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { CalendarRange, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { fold } from "@/lib/fold";
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
import { SearchField } from "@/ui/search-field";
import { PageSkeleton } from "@/ui/skeleton";
import { addDays, crossesMidnight, daysOf, weekOf } from "./calendar-grid";
import { useCalendarWords } from "./calendar-words";
import { LEAVES, type Roster, type RosterDay, type RosterRow, rosterQuery } from "./time-api";

const ENTRIES = "hr.roster_entries";
/** More couriers than this are found by searching. */
const SHOWN = 100;

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
            <Link to="/$module/$resource" params={{ module: "hr", resource: "work_shifts" }}>
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
  const format = useFormat();
  const narrow = useNarrow();
  const [search, setSearch] = useState("");
  const words = fold(search);
  const found = roster.data.filter((row) => fold(row.courier_name).includes(words));
  const rows = found.slice(0, SHOWN);
  if (roster.data.length === 0) {
    return (
      <Card>
        <Empty icon={CalendarRange} title={t("time.no_shifts")}>
          {t("time.no_shifts_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <SearchField
        label={t("time.find")}
        className="m-4 max-w-sm"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {narrow ? <List rows={rows} /> : <Grid roster={roster} rows={rows} creates={creates} />}
      {found.length > SHOWN ? (
        <p className="border-line border-t px-5 py-3 text-faint text-xs">
          {t("time.shown_of", { shown: format.number(SHOWN), total: format.number(found.length) })}
        </p>
      ) : null}
    </Card>
  );
}

function Grid({ roster, rows, creates }: { roster: Roster; rows: RosterRow[]; creates: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const words = useCalendarWords();
  const days = daysOf(roster.from, roster.to);
  const now = today();
  const off = new Set(roster.holidays);
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
                className={cn(
                  "px-2 py-2 text-center font-medium",
                  off.has(day) && "bg-info-soft text-info",
                  day === now && "bg-accent-soft text-accent-text",
                )}
              >
                {words.weekday(day)} <span className="num">{words.dayOfMonth(day)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.courier_id} className="border-line border-t">
              <th scope="row" className="truncate px-4 py-2 font-medium">
                <bdi>{row.courier_name}</bdi>
                {row.planned_minutes > 0 ? (
                  <span className="num block font-normal text-faint text-xs">
                    {t("time.hours", { hours: format.upTo(row.planned_minutes / 60, 1) })}
                  </span>
                ) : null}
              </th>
              {days.map((day) => {
                const shifts = row.entries.filter((one) => one.day === day);
                const leave = row.leaves.find((one) => one.from <= day && day <= one.until);
                return (
                  <td key={day} className={cn("group px-1 py-1 align-top", day === now && "bg-accent-soft/40")}>
                    {shifts.map((shift) => (
                      <ShiftLink key={shift.id} shift={shift} />
                    ))}
                    {leave ? (
                      <span className="block truncate rounded-md bg-warn-soft px-2 py-1 text-center text-warn text-xs">
                        {labels.choice(LEAVES, "leave_type", leave.leave_type)}
                      </span>
                    ) : null}
                    {shifts.length === 0 && !leave && creates ? (
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

/** The colours that a shift may be given; without one it has the page's own. */
const FILL: Record<string, string> = {
  blue: "bg-info-soft text-info",
  green: "bg-ok-soft text-ok",
  amber: "bg-warn-soft text-warn",
  red: "bg-bad-soft text-bad",
  violet: "bg-accent-soft text-accent-text",
  grey: "bg-sunken text-muted",
};

function ShiftLink({ shift }: { shift: RosterDay }) {
  const { t } = useTranslation();
  const times = [shift.starts_at, shift.ends_at].map((time) => time?.slice(0, 5));
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: "hr", resource: "roster_entries", id: shift.id }}
      className={cn(
        "mb-1 block rounded-md px-2 py-1 text-center text-xs last:mb-0 hover:brightness-95",
        FILL[shift.colour ?? "violet"] ?? FILL.violet,
      )}
    >
      <span className="block truncate font-medium">
        <bdi>{shift.shift_name}</bdi>
      </span>
      <span className="num">
        <bdi dir="ltr">{times.filter(Boolean).join("–")}</bdi>
        {crossesMidnight(shift.starts_at, shift.ends_at) ? <span title={t("time.next_day")}>{" +1"}</span> : null}
      </span>
    </Link>
  );
}

function List({ rows }: { rows: RosterRow[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const words = useCalendarWords();
  const busy = rows.filter((row) => row.entries.length > 0 || row.leaves.length > 0);
  if (busy.length === 0) return <Empty icon={CalendarRange} title={t("time.no_shifts")} />;
  return (
    <ul className="divide-y divide-line border-line border-t">
      {busy.map((row) => (
        <li key={row.courier_id} className="px-4 py-3">
          <p className="font-medium text-sm">
            <bdi>{row.courier_name}</bdi>
          </p>
          <ul className="mt-1.5 space-y-1">
            {row.entries.map((shift) => (
              <li key={shift.id} className="flex items-center gap-3 text-sm">
                <span className="w-20 shrink-0 text-muted">
                  {words.weekday(shift.day)} <span className="num">{words.dayOfMonth(shift.day)}</span>
                </span>
                <span className="min-w-0 flex-1">
                  <ShiftLink shift={shift} />
                </span>
              </li>
            ))}
            {row.leaves.map((leave) => (
              <li key={`${leave.leave_type} ${leave.from}`} className="text-warn text-xs">
                {labels.choice(LEAVES, "leave_type", leave.leave_type)}
                {" · "}
                <span className="num">{`${format.date(leave.from)} – ${format.date(leave.until)}`}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
