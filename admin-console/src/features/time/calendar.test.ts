import { describe, expect, it } from "vitest";
import { countsOf, filtered, lateBy, placed, stateOf } from "./board-rows";
import { addDays, barOf, crossesMidnight, daysOf, monthSpan, weekOf } from "./calendar-grid";
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

describe("a shift", () => {
  it("ends on the next day where its end is not later than its beginning", () => {
    expect(crossesMidnight("08:00:00", "16:30:00")).toBe(false);
    expect(crossesMidnight("20:00:00", "04:30:00")).toBe(true);
    expect(crossesMidnight("08:00:00", null)).toBe(false);
  });
});

describe("the attendance board", () => {
  const shift = { name: "Morning", starts_at: "08:00", ends_at: "16:30" };
  const row = (courier_name: string, fields: Partial<BoardRow>): BoardRow => ({
    courier_id: courier_name,
    courier_name,
    city: null,
    attendance_id: null,
    status: "present",
    check_in: "08:00",
    check_out: null,
    work_place: null,
    distance_m: null,
    doubt: "none",
    location_review: "not_needed",
    shift,
    leave_type: null,
    ...fields,
  });
  const rows = [
    row("present", {}),
    row("away", { status: "on_leave", check_in: null }),
    row("late", { status: "late", check_in: "08:22" }),
    row("missing", { status: null, check_in: null }),
    row("flagged", { status: "late", check_in: "08:40", doubt: "mock_location", location_review: "waiting" }),
    row("free", { status: null, check_in: null, shift: null }),
  ];
  const now = { today: "2026-11-23", time: "08:30" };
  const people = placed(rows, "2026-11-23", now);

  it("puts first what somebody has to act on", () => {
    expect(filtered(people, "all").map(({ row: one }) => one.courier_name)).toEqual([
      "flagged",
      "missing",
      "late",
      "present",
      "free",
      "away",
    ]);
  });

  it("counts somebody late and flagged under both", () => {
    expect(countsOf(people)).toEqual({ in: 3, left: 0, late: 2, missing: 1, expected: 1, away: 1, flagged: 1 });
  });

  it("misses nobody before his shift, on a day to come, or without a shift", () => {
    const nobody = row("a", { status: null, check_in: null });
    expect(stateOf(nobody, "2026-11-23", { today: "2026-11-23", time: "07:59" })).toBe("expected");
    expect(stateOf(nobody, "2026-11-23", { today: "2026-11-23", time: "08:00" })).toBe("missing");
    expect(stateOf(nobody, "2026-11-24", now)).toBe("expected");
    expect(stateOf(nobody, "2026-11-20", now)).toBe("missing");
    expect(stateOf(row("b", { check_out: "16:31" }), "2026-11-23", now)).toBe("left");
  });

  it("says how late somebody came, over midnight too", () => {
    expect(lateBy(row("a", { status: "late", check_in: "08:22:00" }))).toBe(22);
    const night = { ...shift, starts_at: "23:50" };
    expect(lateBy(row("a", { status: "late", check_in: "00:10", shift: night }))).toBe(20);
    expect(lateBy(row("a", {}))).toBeUndefined();
  });
});
