import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { CalendarDays, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan, useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd, ChevronStart } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { barOf, daysOf, monthSpan } from "./calendar-grid";
import { useCalendarWords } from "./calendar-words";
import { type Away, type DayOff, LEAVES, type Leave, type LeaveCalendar, leaveCalendarQuery } from "./time-api";

/** Who is away when: a month of the reader's calendar, a line for each courier with leave in it. */
export function LeaveCalendarPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const words = useCalendarWords();
  const navigate = useNavigate();
  const can = useCan();
  const { calendar } = usePreferences();
  const search = useLocation().search as Record<string, string>;
  const resource = useResource(LEAVES);
  const span = monthSpan(search.day ?? today(), calendar);
  const leaves = useQuery({ ...leaveCalendarQuery(span.from, span.to), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  const go = (day: string | undefined) =>
    navigate({ to: "/hr/leave-calendar", search: day ? { day } : {}, replace: true });
  return (
    <>
      <PageHead
        title={t("nav.leave_calendar")}
        hint={t("time.calendar_hint")}
        actions={
          can("leaves.create") && resource.verbs.includes("create") ? (
            <Button asChild variant="primary">
              <Link to="/$module/$resource/new" params={{ module: "hr", resource: "leaves" }}>
                <Plus aria-hidden />
                {t("list.new", { what: labels.one(LEAVES) })}
              </Link>
            </Button>
          ) : null
        }
      />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <Button size="icon" aria-label={t("date.previous_month")} onClick={() => go(span.previous)}>
          <ChevronStart />
        </Button>
        <h2 className="min-w-44 text-center font-semibold text-lg" aria-live="polite">
          {words.month(span.from)}
        </h2>
        <Button size="icon" aria-label={t("date.next_month")} onClick={() => go(span.next)}>
          <ChevronEnd />
        </Button>
        <Button onClick={() => go(undefined)}>{t("date.today")}</Button>
      </div>
      {leaves.isPending ? <PageSkeleton /> : null}
      {leaves.isError ? <ErrorNote error={leaves.error} onRetry={leaves.refetch} /> : null}
      {leaves.data ? <Month calendar={leaves.data} /> : null}
    </>
  );
}

function Month({ calendar }: { calendar: LeaveCalendar }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  return (
    <>
      <Holidays holidays={calendar.holidays} />
      {calendar.is_cut ? (
        <Note kind="warn" className="mb-4">
          {t("time.calendar_cut")}
        </Note>
      ) : null}
      <Card>
        {calendar.data.length === 0 ? (
          <Empty icon={CalendarDays} title={t("time.nobody_away")}>
            {t("time.nobody_away_hint")}
          </Empty>
        ) : narrow ? (
          <List people={calendar.data} />
        ) : (
          <Grid calendar={calendar} />
        )}
      </Card>
      {calendar.data.length > 0 ? <Legend people={calendar.data} /> : null}
    </>
  );
}

function useHolidayName() {
  const { t } = useTranslation();
  return (holiday: DayOff) => holiday.name ?? t(`time.holiday.${holiday.kind as "eid_al_fitr"}`);
}

function Holidays({ holidays }: { holidays: DayOff[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useHolidayName();
  if (holidays.length === 0) return null;
  return (
    <ul className="mb-4 flex flex-wrap gap-2 text-sm">
      {holidays.map((holiday) => (
        <li key={`${holiday.kind} ${holiday.from}`} className="rounded-lg bg-info-soft px-3 py-1.5 text-info">
          <span className="font-medium">{nameOf(holiday)}</span>{" "}
          <span className="num">
            {t("time.from_to", { from: format.date(holiday.from), to: format.date(holiday.until) })}
          </span>
          {holiday.is_announced ? null : <span className="ms-1.5 opacity-80">{t("time.not_announced")}</span>}
        </li>
      ))}
    </ul>
  );
}

/** Kinds of leave by what they mean for the company: planned rest, illness, events of life, and leave without pay. */
const FILL: Record<string, string> = {
  annual: "bg-accent-soft text-accent-text ring-accent/40",
  sick: "bg-bad-soft text-bad ring-bad/30",
  maternity: "bg-bad-soft text-bad ring-bad/30",
  unpaid: "bg-sunken text-muted ring-line-strong",
  emergency: "bg-warn-soft text-warn ring-warn/30",
  bereavement: "bg-warn-soft text-warn ring-warn/30",
  bereavement_sibling: "bg-warn-soft text-warn ring-warn/30",
  iddah: "bg-warn-soft text-warn ring-warn/30",
  iddah_other: "bg-warn-soft text-warn ring-warn/30",
};
const fillOf = (type: string) => FILL[type] ?? "bg-ok-soft text-ok ring-ok/30";

function Grid({ calendar }: { calendar: LeaveCalendar }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const words = useCalendarWords();
  const days = daysOf(calendar.from, calendar.to);
  const now = today();
  const off = new Set(calendar.holidays.flatMap((holiday) => daysOf(holiday.from, holiday.until)));
  const columns = { gridTemplateColumns: `minmax(11rem, 15rem) repeat(${days.length}, minmax(1.55rem, 1fr))` };
  const shade = (day: string) => (day === now ? "bg-accent-soft/60" : off.has(day) ? "bg-info-soft/70" : "");
  return (
    <div className="scroll-thin overflow-x-auto">
      <div className="min-w-[62rem]">
        <div className="grid border-line border-b bg-sunken text-center text-xs" style={columns}>
          <span className="px-4 py-2 text-start font-medium text-muted">{labels.field(LEAVES, "courier_id")}</span>
          {days.map((day) => (
            <span
              key={day}
              className={cn("py-1.5", shade(day), day === now ? "font-semibold text-accent-text" : "text-muted")}
            >
              <span className="block text-2xs text-faint">{words.letter(day)}</span>
              <span className="num">{words.dayOfMonth(day)}</span>
            </span>
          ))}
        </div>
        <ul>
          {calendar.data.map((person) => (
            <li
              key={person.courier_id}
              className="relative grid min-h-11 items-center border-line border-b last:border-b-0"
              style={columns}
            >
              <span className="truncate px-4 py-2 text-sm" style={{ gridRow: 1, gridColumn: 1 }}>
                <bdi>{person.courier_name}</bdi>
              </span>
              {days.map((day, index) => (
                <span
                  key={day}
                  aria-hidden="true"
                  className={cn("h-full border-line/60 border-s", shade(day))}
                  style={{ gridRow: 1, gridColumn: index + 2 }}
                />
              ))}
              {person.leaves.map((leave) => (
                <LeaveBar key={leave.id} leave={leave} from={calendar.from} to={calendar.to} />
              ))}
            </li>
          ))}
        </ul>
        <p className="sr-only">{t("time.calendar_hint")}</p>
      </div>
    </div>
  );
}

function LeaveBar({ leave, from, to }: { leave: Leave; from: string; to: string }) {
  const labels = useLabels();
  const says = useLeaveWords();
  const bar = barOf(leave.starts_on, leave.ends_on, from, to);
  if (!bar) return null;
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: "hr", resource: "leaves", id: leave.id }}
      title={says(leave)}
      aria-label={says(leave)}
      style={{ gridRow: 1, gridColumn: `${bar.first + 1} / ${bar.last + 2}` }}
      className={cn(
        "relative mx-0.5 flex h-7 min-w-0 items-center rounded-md px-2 font-medium text-xs ring-1 ring-inset hover:brightness-95",
        fillOf(leave.leave_type),
        leave.status === "pending" && "border border-current border-dashed bg-transparent ring-0",
        bar.cutStart && "rounded-s-none",
        bar.cutEnd && "rounded-e-none",
      )}
    >
      <span className="truncate">{labels.choice(LEAVES, "leave_type", leave.leave_type)}</span>
    </Link>
  );
}

function useLeaveWords() {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  return (leave: Leave) =>
    [
      labels.choice(LEAVES, "leave_type", leave.leave_type),
      t("time.from_to", { from: format.date(leave.starts_on), to: format.date(leave.ends_on) }),
      t("time.days", { count: leave.days, shown: format.number(leave.days) }),
      labels.choice(LEAVES, "status", leave.status),
    ].join(" · ");
}

function List({ people }: { people: Away[] }) {
  const says = useLeaveWords();
  return (
    <ul className="divide-y divide-line">
      {people.map((person) => (
        <li key={person.courier_id} className="px-4 py-3">
          <p className="font-medium text-sm">
            <bdi>{person.courier_name}</bdi>
          </p>
          <ul className="mt-1.5 space-y-1.5">
            {person.leaves.map((leave) => (
              <li key={leave.id}>
                <Link
                  to="/$module/$resource/$id"
                  params={{ module: "hr", resource: "leaves", id: leave.id }}
                  className={cn(
                    "block rounded-md px-3 py-2 text-xs ring-1 ring-inset",
                    fillOf(leave.leave_type),
                    leave.status === "pending" && "border border-current border-dashed bg-transparent ring-0",
                  )}
                >
                  {says(leave)}
                </Link>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Legend({ people }: { people: Away[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const leaves = people.flatMap((person) => person.leaves);
  const types = [...new Set(leaves.map((leave) => leave.leave_type))];
  return (
    <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-2 text-muted text-xs">
      {types.map((type) => (
        <li key={type} className="flex items-center gap-2">
          <span aria-hidden="true" className={cn("size-3.5 rounded ring-1 ring-inset", fillOf(type))} />
          {labels.choice(LEAVES, "leave_type", type)}
        </li>
      ))}
      {leaves.some((leave) => leave.status === "pending") ? (
        <li className="flex items-center gap-2">
          <span aria-hidden="true" className="size-3.5 rounded border border-current border-dashed" />
          {t("time.waits")}
        </li>
      ) : null}
    </ul>
  );
}
