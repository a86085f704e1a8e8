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
  attendance_id: string | null;
  state: string;
  is_late: boolean;
  late_minutes: number | null;
  shift_name: string | null;
  shift_starts_at: string | null;
  shift_ends_at: string | null;
  check_in: string | null;
  check_out: string | null;
  place: string | null;
  distance_m: number | null;
  flags: string[];
  worked_minutes: number | null;
}

export interface Board {
  on: string;
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
  day: string;
  entry_id: string;
  shift_id: string;
  shift_name: string;
  starts_at: string;
  ends_at: string;
  crosses_midnight: boolean;
}

export interface RosterRow {
  courier_id: string;
  courier_name: string;
  days: RosterDay[];
}

export interface Roster {
  from: string;
  to: string;
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
