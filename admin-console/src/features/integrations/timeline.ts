import type { LogLine, Recording, Step } from "./shapes";

/** One thing that happened during a call: something asked of the host, or a line written for people. */
export interface Moment {
  after_us: number;
  step?: Step;
  line?: LogLine;
}

const LOG = "log.write";

/**
 * The steps of a call with its log lines where they were written. A line stands at the step that wrote it; one without a
 * step (the host's own, about a crash) stands where the clock puts it.
 */
export function momentsOf({ steps, lines }: Recording, startedAt: string): Moment[] {
  const start = new Date(startedAt).getTime();
  const left = [...lines];
  const moments: Moment[] = steps.map((step) => {
    const line = step.call === LOG ? left.shift() : undefined;
    return line ? { after_us: step.after_us, line } : { after_us: step.after_us, step };
  });
  const last = steps.at(-1)?.after_us ?? 0;
  for (const line of left) {
    const after_us = Math.max((new Date(line.at).getTime() - start) * 1000, last);
    moments.push({ after_us, line });
  }
  return moments.sort((one, other) => one.after_us - other.after_us);
}

/** A time short enough to be read: 850 µs, 12.4 ms, 3.2 s. */
export function shortTime(us: number): { value: number; unit: "us" | "ms" | "s"; digits: number } {
  if (us < 1_000) return { value: us, unit: "us", digits: 0 };
  if (us < 1_000_000) return { value: us / 1_000, unit: "ms", digits: us < 100_000 ? 1 : 0 };
  return { value: us / 1_000_000, unit: "s", digits: 1 };
}

export type Said =
  | { words: "http"; status: number; bytes: number }
  | { words: "stored"; bytes: number; version: number }
  | { words: "bytes"; bytes: number }
  | { words: "keys" | "rows"; count: number }
  | { words: "nothing" | "done" | "yes" | "no" }
  | { words: "at"; iso: string }
  | { words: "text"; text: string };

/** What the host answered, as far as it is one of the answers that have words here; anything else as it was written. */
export function said({ call, answered }: Step): Said {
  const text = answered.trim();
  const numbers = (pattern: RegExp) => pattern.exec(text)?.slice(1).map(Number);
  const http = numbers(/^(\d{3}), (\d+) bytes$/);
  if (http) return { words: "http", status: http[0] ?? 0, bytes: http[1] ?? 0 };
  const stored = numbers(/^(\d+) bytes, version (\d+)$/);
  if (stored) return { words: "stored", bytes: stored[0] ?? 0, version: stored[1] ?? 0 };
  const bytes = numbers(/^(\d+) bytes$/);
  if (bytes) return { words: "bytes", bytes: bytes[0] ?? 0 };
  const counted = /^(\d+) (key|row)s?$/.exec(text);
  if (counted) return { words: counted[2] === "key" ? "keys" : "rows", count: Number(counted[1]) };
  if (text === "nothing" || text === "done") return { words: text };
  if (text === "true") return { words: "yes" };
  if (text === "false") return { words: "no" };
  if (call === "clock.now" && /^\d{12,14}$/.test(text)) {
    return { words: "at", iso: new Date(Number(text)).toISOString() };
  }
  return { words: "text", text };
}
