/** How often something runs, as far as it can be said in a few words; a pattern that cannot is shown as it is written. */
export type Often =
  | { words: "minutes" | "hours" | "days"; count: number }
  | { words: "hourly"; minute: string }
  | { words: "daily"; time: string }
  | { words: "weekly"; time: string; day: number }
  | { words: "monthly"; time: string; day: number }
  | { words: "pattern"; text: string };

const UNITS = { m: "minutes", h: "hours", d: "days" } as const;

/** `15m`, `6h`, `1d`, or five fields of cron. */
export function oftenOf(text: string): Often {
  const every = /^(\d+)([mhd])$/.exec(text);
  if (every) return { words: UNITS[every[2] as keyof typeof UNITS], count: Number(every[1]) };
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = text.trim().split(/\s+/);
  const isNumber = (field: string) => /^\d{1,2}$/.test(field);
  const step = /^\*\/(\d{1,2})$/.exec(minute);
  if (step && [hour, day, month, weekday].every((field) => field === "*")) {
    return { words: "minutes", count: Number(step[1]) };
  }
  if (!isNumber(minute) || month !== "*") return { words: "pattern", text };
  if (hour === "*" && day === "*" && weekday === "*") return { words: "hourly", minute: minute.padStart(2, "0") };
  if (!isNumber(hour)) return { words: "pattern", text };
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*" && weekday === "*") return { words: "daily", time };
  if (day === "*" && isNumber(weekday)) return { words: "weekly", time, day: Number(weekday) % 7 };
  if (isNumber(day) && weekday === "*") return { words: "monthly", time, day: Number(day) };
  return { words: "pattern", text };
}
