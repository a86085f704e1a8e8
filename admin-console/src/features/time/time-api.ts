import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/api";

export const LEAVES = "hr.leaves";
export const ATTENDANCE = "hr.attendance";

export interface DayOff {
  kind: string;
  name: string | null;
  from: string;
  until: string;
  calculated_from: string | null;
  is_announced: boolean;
}

export interface Leave {
  id: string;
  leave_type: string;
  starts_on: string;
  ends_on: string;
  days: number;
  status: string;
}

export interface Away {
  courier_id: string;
  courier_name: string;
  leaves: Leave[];
}

export interface LeaveCalendar {
  from: string;
  to: string;
  holidays: DayOff[];
  data: Away[];
  is_cut: boolean;
}

export const leaveCalendarQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["rows", LEAVES, "calendar", from, to],
    queryFn: ({ signal }) => api.get<LeaveCalendar>("/hr/leave_calendar", { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
  });

export interface BoardRow {
  courier_id: string;
  courier_name: string;
  city: string | null;
  attendance_id: string | null;
  /** Nothing while no row of the day is there. */
  status: string | null;
  check_in: string | null;
  check_out: string | null;
  work_place: string | null;
  distance_m: number | null;
  /** `none`, `inaccurate`, `mock_location` or `late_report`. */
  doubt: string;
  /** `not_needed`, `waiting` until somebody looked at what is doubtful, then `confirmed` or `dismissed`. */
  location_review: string;
  /** Without a name where only the day's row knows when it was to begin. */
  shift: { name: string | null; starts_at: string; ends_at: string | null } | null;
  leave_type: string | null;
}

export interface Board {
  on: string;
  is_holiday: boolean;
  counts: Record<string, number>;
  data: BoardRow[];
  next: string | null;
}

const PAGE = 100;

/** A day of attendance as a whole: it is looked at by state, not page by page. */
export const boardQuery = (on: string, isToday: boolean) =>
  queryOptions({
    queryKey: ["rows", ATTENDANCE, "board", on],
    queryFn: async ({ signal }) => {
      let whole: Board | undefined;
      let after: string | undefined;
      do {
        const page: Board = await api.get<Board>("/hr/attendance_board", { query: { on, limit: PAGE, after }, signal });
        whole = whole ? { ...whole, data: [...whole.data, ...page.data] } : page;
        after = page.next ?? undefined;
      } while (after);
      return whole;
    },
    // People come and go while somebody looks.
    refetchInterval: isToday ? 60_000 : false,
  });

export interface RosterDay {
  id: string;
  day: string;
  shift_id: string;
  shift_name: string;
  colour: string | null;
  starts_at: string | null;
  /** Not later than the beginning: on the next day. */
  ends_at: string | null;
  minutes: number;
}

export interface RosterRow {
  courier_id: string;
  courier_name: string;
  city: string | null;
  planned_minutes: number;
  entries: RosterDay[];
  leaves: { leave_type: string; from: string; until: string }[];
}

export interface Roster {
  from: string;
  to: string;
  holidays: string[];
  data: RosterRow[];
  next: string | null;
}

export const rosterQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["rows", "hr.roster_entries", "week", from, to],
    queryFn: async ({ signal }) => {
      let whole: Roster | undefined;
      let after: string | undefined;
      do {
        const page: Roster = await api.get<Roster>("/hr/roster", { query: { from, to, limit: PAGE, after }, signal });
        whole = whole ? { ...whole, data: [...whole.data, ...page.data] } : page;
        after = page.next ?? undefined;
      } while (after);
      return whole;
    },
    placeholderData: keepPreviousData,
  });
