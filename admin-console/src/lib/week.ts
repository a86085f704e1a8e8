import { createStore, useStore } from "./store";

const WEEK_STARTS = { saturday: "sat", sunday: "sun", monday: "mon" } as const;

type WeekStart = (typeof WEEK_STARTS)[keyof typeof WEEK_STARTS];

const week = createStore<WeekStart>("sun");

/** Calendars to pick from begin their weeks where the organization's do. */
export function setWeekStart(day: string) {
  const start = WEEK_STARTS[day as keyof typeof WEEK_STARTS] ?? "sun";
  if (start !== week.get()) week.set(start);
}

export function useWeekStart(): WeekStart {
  return useStore(week);
}
