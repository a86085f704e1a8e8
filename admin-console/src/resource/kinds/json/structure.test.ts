import { describe, expect, it } from "vitest";
import { asRecords, faultLine, itemsOf, listOf, pairsOf, parsed, treeOf } from "./structure";

describe("structured data as lines", () => {
  it("comes back as it was when nothing was changed", () => {
    const tree = { name: "عنيزة", radius_km: 12.5, active: false, days: ["sun"], none: null };
    expect(treeOf(pairsOf(tree) ?? [])).toEqual(tree);
    const list = ["a", 2, true, { b: 1 }];
    expect(listOf(itemsOf(list) ?? [])).toEqual(list);
  });

  it("keeps a number as text until it is one", () => {
    expect(treeOf([{ key: "rate", kind: "number", text: "1." }])).toEqual({ rate: "1." });
    expect(treeOf([{ key: "rate", kind: "number", text: "1.5" }])).toEqual({ rate: 1.5 });
  });

  it("leaves out a line that has no name yet", () => {
    expect(treeOf([{ key: " ", kind: "text", text: "x" }])).toEqual({});
  });

  it("are a table only where all records hold plain values", () => {
    expect(asRecords([{ a: 1 }, { b: "x" }])?.columns).toEqual(["a", "b"]);
    expect(asRecords([{ a: [1] }])).toBeUndefined();
    expect(asRecords(["a"])).toBeUndefined();
  });
});

describe("text that should be structured data", () => {
  it("is told from text that is none, with the line to look at", () => {
    expect(parsed('{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(parsed("")).toEqual({ value: null });
    expect(parsed('{"a": }')).toBeUndefined();
    expect(faultLine('{\n"a": }')).toBe(2);
    expect(faultLine("[]")).toBeUndefined();
  });
});
