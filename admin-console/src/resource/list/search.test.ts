import { describe, expect, it } from "vitest";
import { vehicles } from "../../../test/server";
import { filtersIn, nextSort, pageSize, queryOf, withSearch } from "./search";

describe("an address", () => {
  it("is asked for every field of the resource, and for nothing else that stands in it", () => {
    const search = {
      "status.in": "active",
      "purchase_price.gte": "1",
      "created_at.lt": "x",
      "owner.in": "y",
      tab: "x",
    };
    const filters = { "status.in": "active", "purchase_price.gte": "1", "created_at.lt": "x" };
    expect(filtersIn(vehicles, search)).toEqual(filters);
    expect(queryOf(vehicles, { ...search, q: "abc" })).toEqual({
      ...filters,
      search: "abc",
      sort: undefined,
      after: undefined,
      limit: 50,
    });
  });

  it("takes only page sizes that the server takes", () => {
    expect(pageSize({ limit: "100" })).toBe(100);
    expect(pageSize({ limit: "5000" })).toBe(50);
  });

  it("starts again at the first page when the question changes", () => {
    expect(withSearch({ after: "c1", q: "a" }, { sort: "year" })).toEqual({ q: "a", sort: "year" });
    expect(withSearch({ q: "a" }, { after: "c2" })).toEqual({ q: "a", after: "c2" });
    expect(withSearch({ q: "a" }, { q: undefined })).toEqual({});
    expect(withSearch({ after: "c1", page: "2" }, { columns: "year" })).toEqual({
      after: "c1",
      page: "2",
      columns: "year",
    });
  });

  it("sorts up, down, and not at all", () => {
    expect(nextSort({}, "year")).toBe("year");
    expect(nextSort({ sort: "year" }, "year")).toBe("-year");
    expect(nextSort({ sort: "-year" }, "year")).toBeUndefined();
    expect(nextSort({ sort: "-year" }, "status")).toBe("status");
  });
});
