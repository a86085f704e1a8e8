import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { MapPin, MapPinOff, ShieldAlert, UsersRound } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { fold } from "@/lib/fold";
import { timeZone, today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { DateField } from "@/ui/date-field";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd, ChevronStart } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { SearchField } from "@/ui/search-field";
import { PageSkeleton } from "@/ui/skeleton";
import {
  type BoardFilter,
  countsOf,
  FILTERS,
  filtered,
  isFlagged,
  isLate,
  lateBy,
  type Placed,
  placed,
} from "./board-rows";
import { addDays } from "./calendar-grid";
import { ReviewPlace } from "./review-place";
import { ATTENDANCE, type Board, boardQuery, LEAVES } from "./time-api";

const TONES: Record<string, Tone> = {
  in: "ok",
  left: "info",
  missing: "bad",
  absent: "bad",
  expected: "neutral",
  on_leave: "warn",
  holiday: "neutral",
};

/** More rows than this are found by searching. */
const SHOWN = 100;

/** A day of attendance: who is in, who came late, who is missing, from which place, and what looks wrong about it. */
export function AttendanceBoard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const on = search.on ?? today();
  const resource = useResource(ATTENDANCE);
  const board = useQuery({ ...boardQuery(on, on === today()), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  const go = (day: string) =>
    navigate({ to: "/hr/attendance-board", search: day === today() ? {} : { on: day }, replace: true });
  return (
    <>
      <PageHead title={t("nav.attendance_board")} hint={t("time.board_hint")} />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <Button size="icon" aria-label={t("time.day_before")} onClick={() => go(addDays(on, -1))}>
          <ChevronStart />
        </Button>
        <div className="w-44">
          <DateField
            id="board-day"
            label={t("time.day")}
            value={on}
            onChange={(day) => (day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? go(day) : undefined)}
          />
        </div>
        <Button size="icon" aria-label={t("time.day_after")} onClick={() => go(addDays(on, 1))}>
          <ChevronEnd />
        </Button>
        <Button onClick={() => go(today())}>{t("date.today")}</Button>
      </div>
      {board.isPending ? <PageSkeleton /> : null}
      {board.isError ? <ErrorNote error={board.error} onRetry={board.refetch} /> : null}
      {board.data ? <Day board={board.data} /> : null}
    </>
  );
}

function Day({ board }: { board: Board }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [filter, setFilter] = useState<BoardFilter>("all");
  const [search, setSearch] = useState("");
  // A board is looked at when it is drawn; it is drawn again with every fetch.
  const people = useMemo(
    () => placed(board.data, board.on, { today: today(), time: timeNow() }),
    [board.data, board.on],
  );
  const counts = useMemo(() => countsOf(people), [people]);
  const words = fold(search);
  const rows = filtered(people, filter).filter(({ row }) => fold(row.courier_name).includes(words));
  return (
    <>
      <div
        role="toolbar"
        aria-label={t("time.by_state")}
        className="mb-4 grid grid-cols-2 gap-3 sm:grid-cols-4 xl:grid-cols-7"
      >
        {FILTERS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={filter === one}
            onClick={() => setFilter(filter === one ? "all" : one)}
            className="rounded-card border border-line bg-surface px-4 py-3 text-start shadow-card hover:border-line-strong aria-pressed:border-accent aria-pressed:bg-accent-soft"
          >
            <span className="block truncate text-muted text-sm">{t(`time.filter_${one}`)}</span>
            <span
              className={cn(
                "num block font-semibold text-xl",
                counts[one] > 0 && (one === "missing" || one === "flagged") && "text-bad",
                counts[one] > 0 && one === "late" && "text-warn",
              )}
            >
              {format.number(counts[one])}
            </span>
          </button>
        ))}
      </div>
      <Card>
        <SearchField
          label={t("time.find")}
          className="m-4 max-w-sm"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {rows.length === 0 ? (
          <Empty icon={UsersRound} title={people.length === 0 ? t("time.nobody_planned") : t("common.nothing_found")} />
        ) : null}
        <ul className="divide-y divide-line border-line border-t empty:hidden">
          {rows.slice(0, SHOWN).map((one) => (
            <Item key={one.row.courier_id} one={one} />
          ))}
        </ul>
        {rows.length > SHOWN ? (
          <p className="border-line border-t px-5 py-3 text-faint text-xs">
            {t("time.shown_of", { shown: format.number(SHOWN), total: format.number(rows.length) })}
          </p>
        ) : null}
      </Card>
    </>
  );
}

/** The time of day on the organization's clock. */
function timeNow(): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: timeZone(),
  }).format(new Date());
}

function Item({ one: { row, state } }: { one: Placed }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const late = lateBy(row);
  const span = (...times: (string | null | undefined)[]) =>
    times
      .filter((time): time is string => !!time)
      .map((time) => time.slice(0, 5))
      .join("–");
  return (
    <li className="grid gap-x-6 gap-y-1.5 px-5 py-3 text-sm md:grid-cols-[minmax(12rem,1.2fr)_11rem_minmax(9rem,1fr)_minmax(12rem,1.4fr)] md:items-center">
      <p className="min-w-0 truncate font-medium">
        {row.attendance_id ? (
          <Link
            to="/$module/$resource/$id"
            params={{ module: "hr", resource: "attendance", id: row.attendance_id }}
            className="rounded hover:text-accent-text hover:underline"
          >
            <bdi>{row.courier_name}</bdi>
          </Link>
        ) : (
          <bdi>{row.courier_name}</bdi>
        )}
        {row.city ? (
          <span className="block truncate font-normal text-faint text-xs">
            <bdi>{row.city}</bdi>
          </span>
        ) : null}
      </p>
      <p className="flex flex-wrap gap-1.5">
        <Badge tone={TONES[state] ?? "neutral"} dot>
          {state === "on_leave" && row.leave_type
            ? labels.choice(LEAVES, "leave_type", row.leave_type)
            : t(`time.state.${state}`)}
        </Badge>
        {isLate(row) ? (
          <Badge tone="warn">
            {late ? t("time.late_by", { minutes: format.number(late) }) : t("time.filter_late")}
          </Badge>
        ) : null}
        {row.status === "half_day" ? <Badge>{labels.choice(ATTENDANCE, "status", "half_day")}</Badge> : null}
      </p>
      <p className="num text-muted">
        {row.check_in ? <bdi dir="ltr">{span(row.check_in, row.check_out)}</bdi> : "—"}
        {row.shift ? (
          <span className="block text-faint text-xs">
            {row.shift.name ? <bdi>{row.shift.name}</bdi> : null}{" "}
            <bdi dir="ltr">{span(row.shift.starts_at, row.shift.ends_at)}</bdi>
          </span>
        ) : null}
      </p>
      <div className="min-w-0">
        {row.work_place || row.distance_m !== null ? (
          <p className="flex items-center gap-1.5 text-muted">
            {row.work_place ? (
              <MapPin className="size-4 shrink-0 text-faint" aria-hidden />
            ) : (
              <MapPinOff className="size-4 shrink-0 text-warn" aria-hidden />
            )}
            <span className="truncate">
              {row.work_place ? <bdi>{row.work_place}</bdi> : t("time.no_place")}
              {row.distance_m === null ? null : (
                <span className="num ms-1.5 text-faint text-xs">
                  {t("time.metres", { distance: format.number(row.distance_m) })}
                </span>
              )}
            </span>
          </p>
        ) : null}
        {row.doubt !== "none" ? (
          <p className={cn("mt-0.5 flex items-center gap-1.5 text-xs", isFlagged(row) ? "text-bad" : "text-faint")}>
            <ShieldAlert className="size-4 shrink-0" aria-hidden />
            {t(`time.flag.${row.doubt as "mock_location"}`)}
            {isFlagged(row) ? null : ` · ${labels.choice(ATTENDANCE, "location_review", row.location_review)}`}
          </p>
        ) : null}
        {isFlagged(row) && row.attendance_id ? <ReviewPlace attendanceId={row.attendance_id} /> : null}
      </div>
    </li>
  );
}
