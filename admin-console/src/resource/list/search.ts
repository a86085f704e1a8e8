import type { Resource } from "@/api/model";
import type { ListQuery } from "@/lib/resource-api";
import type { Operator } from "../kinds/kind";

/** A list's address is the server's own query, so a filtered list can be sent to a colleague or kept as a bookmark. */
export type ListSearch = Record<string, string>;

export const PAGE_SIZE = 50;

const OPERATORS: readonly Operator[] = ["", "gte", "lte", "in", "contains", "null"];

export function filterName(field: string, operator: Operator): string {
  return operator === "" ? field : `${field}.${operator}`;
}

/** The filters in an address that this resource really has; anything else in it is not sent on. */
export function filtersIn(resource: Resource, search: ListSearch): ListSearch {
  const filters: ListSearch = {};
  for (const field of resource.fields) {
    if (!field.filter) continue;
    for (const operator of OPERATORS) {
      const name = filterName(field.name, operator);
      const value = search[name];
      if (value !== undefined && value !== "") filters[name] = value;
    }
  }
  return filters;
}

export function queryOf(resource: Resource, search: ListSearch): ListQuery {
  return {
    ...filtersIn(resource, search),
    search: search.q,
    sort: search.sort,
    after: search.after,
    limit: PAGE_SIZE,
    total: true,
  };
}

/** Changes one thing in the address. A different question starts again at its first page. */
export function withSearch(search: ListSearch, changes: Record<string, string | undefined>): ListSearch {
  const next: ListSearch = {};
  const merged: Record<string, string | undefined> = { ...search, ...changes };
  for (const [name, value] of Object.entries(merged)) {
    if (name === "after" && !("after" in changes)) continue;
    if (value !== undefined && value !== "") next[name] = value;
  }
  return next;
}

export function sortIn(search: ListSearch): { field: string; descending: boolean } | undefined {
  const first = search.sort?.split(",")[0];
  if (!first) return undefined;
  return first.startsWith("-") ? { field: first.slice(1), descending: true } : { field: first, descending: false };
}

/** Ascending, descending, the list's own order again. */
export function nextSort(search: ListSearch, field: string): string | undefined {
  const current = sortIn(search);
  if (current?.field !== field) return field;
  return current.descending ? undefined : `-${field}`;
}
