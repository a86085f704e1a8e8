import { describe, expect, it } from "vitest";
import { vehicles } from "../../../test/server";
import { filtersIn, nextSort, queryOf, withSearch } from "./search";

describe("an address", () => {
  it("is asked only for what the resource can be filtered by", () => {
    const search = { "status.in": "active", "year.gte": "2020", "purchase_price.gte": "1", tab: "x", q: "abc" };
    expect(filtersIn(vehicles, search)).toEqual({ "status.in": "active", "year.gte": "2020" });
    expect(queryOf(vehicles, search)).toMatchObject({ search: "abc", "status.in": "active", total: true });
  });

  it("starts again at the first page when the question changes", () => {
    expect(withSearch({ after: "c1", q: "a" }, { sort: "year" })).toEqual({ q: "a", sort: "year" });
    expect(withSearch({ q: "a" }, { after: "c2" })).toEqual({ q: "a", after: "c2" });
    expect(withSearch({ q: "a" }, { q: undefined })).toEqual({});
  });

  it("sorts up, down, and not at all", () => {
    expect(nextSort({}, "year")).toBe("year");
    expect(nextSort({ sort: "year" }, "year")).toBe("-year");
    expect(nextSort({ sort: "-year" }, "year")).toBeUndefined();
    expect(nextSort({ sort: "-year" }, "status")).toBe("status");
  });
});
