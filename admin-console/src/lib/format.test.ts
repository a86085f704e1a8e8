import { describe, expect, it } from "vitest";
import { readDate, toReader } from "./calendar";
import { addMonths, formatFor, latinDigits } from "./format";

const english = formatFor("en", "gregory", "Asia/Riyadh");
const arabic = formatFor("ar", "gregory", "Asia/Riyadh");
const hijri = formatFor("ar", "islamic-umalqura", "Asia/Riyadh");

describe("numbers", () => {
  it("keep every digit of a decimal that came as text", () => {
    expect(english.number("12345678901234.56", 2)).toBe("12,345,678,901,234.56");
  });

  it("are written with 0 to 9 in Arabic too", () => {
    expect(arabic.number("1234.5", 2)).toBe("1,234.50");
  });
});

describe("moments", () => {
  it("are shown on the organization's clock, not the reader's", () => {
    expect(english.instant("2026-01-31T22:30:00Z")).toContain("1 Feb 2026");
  });

  it("follow the calendar that was chosen", () => {
    expect(arabic.date("2026-02-18")).toContain("2026");
    expect(hijri.date("2026-02-18")).toMatch(/^1 رمضان 1447/);
  });

  it("that are no moments are shown as they came", () => {
    expect(english.instant("soon")).toBe("soon");
  });
});

describe("months", () => {
  it.each([
    ["2026-01", -1, "2025-12"],
    ["2026-12", 1, "2027-01"],
    ["2026-06", -18, "2024-12"],
  ])("%s and %i is %s", (month, count, expected) => {
    expect(addMonths(month, count)).toBe(expected);
  });
});

describe("typed dates", () => {
  it.each([
    ["2026-05-01", "gregory", "2026-05-01"],
    ["01/05/2026", "gregory", "2026-05-01"],
    ["٢٠٢٦-٠٥-٠١", "gregory", "2026-05-01"],
    ["1447-09-01", "islamic-umalqura", "2026-02-18"],
    ["1447/09/01", "gregory", "2026-02-18"],
    ["2026-02-18", "islamic-umalqura", "2026-02-18"],
    ["2026-02-30", "gregory", undefined],
    ["1447-13-01", "islamic-umalqura", undefined],
    ["yesterday", "gregory", undefined],
  ] as const)("%s in %s is %s", (text, calendar, expected) => {
    expect(readDate(text, calendar)).toBe(expected);
  });

  it("come back in the reader's calendar", () => {
    const date = toReader("2026-02-18", "islamic-umalqura");
    expect([date?.year, date?.month, date?.day]).toEqual([1447, 9, 1]);
  });
});

it("takes digits of Arabic and Persian keyboards", () => {
  expect(latinDigits("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ ١٫٥")).toBe("0123456789 0123456789 1.5");
});
