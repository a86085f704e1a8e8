import { describe, expect, it } from "vitest";
import { countsOf, filtered } from "./board-rows";
import { addDays, barOf, daysOf, monthSpan, weekOf } from "./calendar-grid";
import type { BoardRow } from "./time-api";

describe("the calendar", () => {
  it("shows a month of the calendar that the reader chose", () => {
    expect(monthSpan("2026-02-17", "gregory")).toEqual({
      from: "2026-02-01",
      to: "2026-02-28",
      previous: "2026-01-31",
      next: "2026-03-01",
    });
    // Ramadan of 1447 by Umm al-Qura.
    expect(monthSpan("2026-03-01", "islamic-umalqura")).toMatchObject({ from: "2026-02-18", to: "2026-03-19" });
  });

  it("draws leave where it lies, and says where it goes on", () => {
    const bar = (starts: string, ends: string) => barOf(starts, ends, "2026-05-01", "2026-05-31");
    expect(bar("2026-05-03", "2026-05-03")).toEqual({ first: 3, last: 3, cutStart: false, cutEnd: false });
    expect(bar("2026-04-20", "2026-06-10")).toEqual({ first: 1, last: 31, cutStart: true, cutEnd: true });
    expect(bar("2026-06-01", "2026-06-10")).toBeUndefined();
    expect(bar("2026-05-10", "2026-05-09")).toBeUndefined();
  });

  it("counts days over the ends of months", () => {
    expect(daysOf("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
  });

  it("begins the week where the organization does", () => {
    // A Monday.
    expect(weekOf("2026-11-23", "sun")).toEqual({ from: "2026-11-22", to: "2026-11-28" });
    expect(weekOf("2026-11-23", "sat")).toEqual({ from: "2026-11-21", to: "2026-11-27" });
    expect(weekOf("2026-11-23", "mon")).toEqual({ from: "2026-11-23", to: "2026-11-29" });
  });
});

describe("the attendance board", () => {
  const row = (courier_name: string, fields: Partial<BoardRow>): BoardRow => ({
    courier_id: courier_name,
    courier_name,
    attendance_id: null,
    state: "in",
    is_late: false,
    late_minutes: null,
    shift_name: null,
    shift_starts_at: null,
    shift_ends_at: null,
    check_in: null,
    check_out: null,
    place: null,
    distance_m: null,
    flags: [],
    worked_minutes: null,
    ...fields,
  });
  const rows = [
    row("present", {}),
    row("away", { state: "on_leave" }),
    row("late", { is_late: true }),
    row("missing", { state: "missing" }),
    row("flagged", { flags: ["mock_location"], is_late: true }),
  ];

  it("puts first what somebody has to act on", () => {
    expect(filtered(rows, "all").map((one) => one.courier_name)).toEqual([
      "flagged",
      "missing",
      "late",
      "present",
      "away",
    ]);
  });

  it("counts somebody late and flagged under both", () => {
    expect(countsOf(rows)).toEqual({ in: 3, left: 0, late: 2, missing: 1, expected: 0, away: 1, flagged: 1 });
  });
});
