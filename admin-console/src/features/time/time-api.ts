import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { api } from "@/lib/api";

export const LEAVES = "hr.leaves";
export const ATTENDANCE = "hr.attendance";

/** The document lets a field be missing where the server writes null. */
type Told<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

type Leaves = Answer<"/api/v1/hr/leave_calendar", "get">;
export type DayOff = Told<Leaves["holidays"][number]>;
export type Away = Leaves["data"][number];
export type Leave = Away["leaves"][number];
export type LeaveCalendar = Omit<Leaves, "holidays"> & { holidays: DayOff[] };

type Day = Answer<"/api/v1/hr/attendance_board", "get">;
type Seen = Told<Day["data"][number]>;
export type BoardRow = Omit<Seen, "shift"> & { shift: Told<NonNullable<Seen["shift"]>> | null };
export type Board = Omit<Told<Day>, "data"> & { data: BoardRow[] };

type Plan = Answer<"/api/v1/hr/roster", "get">;
export type RosterDay = Told<Plan["data"][number]["entries"][number]>;
export type RosterRow = Omit<Told<Plan["data"][number]>, "entries"> & { entries: RosterDay[] };
export type Roster = Omit<Told<Plan>, "data"> & { data: RosterRow[] };

export const leaveCalendarQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["rows", LEAVES, "calendar", from, to],
    queryFn: ({ signal }) => api.get<LeaveCalendar>("/hr/leave_calendar", { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
  });

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
