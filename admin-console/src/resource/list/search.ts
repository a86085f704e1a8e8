import type { Field, Resource } from "@/api/model";
import type { ListQuery } from "@/lib/resource-api";
import type { Operator } from "../kinds/kind";
import { fieldsOf } from "../system-fields";

/** A list's address is the server's own query, so a filtered list can be sent to a colleague or kept as a bookmark. */
export type ListSearch = Record<string, string>;

export const PAGE_SIZES = [25, 50, 100] as const;
const PAGE_SIZE = 50;

const OPERATORS: readonly Operator[] = ["", "ne", "gt", "gte", "lt", "lte", "in", "contains", "starts", "null"];

export function filterName(field: string, operator: Operator): string {
  return operator === "" ? field : `${field}.${operator}`;
}

/** Every plain field can be filtered by; structured data and files only by whether they are there. */
export function filterFields(resource: Resource): { main: Field[]; more: Field[] } {
  const all = fieldsOf(resource);
  return { main: all.filter((field) => field.filter), more: all.filter((field) => !field.filter) };
}

/** The filters in an address that this resource really has; anything else in it is not sent on. */
export function filtersIn(resource: Resource, search: ListSearch): ListSearch {
  const filters: ListSearch = {};
  for (const field of fieldsOf(resource)) {
    for (const operator of OPERATORS) {
      const name = filterName(field.name, operator);
      const value = search[name];
      if (value !== undefined && value !== "") filters[name] = value;
    }
  }
  return filters;
}

export function pageSize(search: ListSearch): number {
  return PAGE_SIZES.find((size) => String(size) === search.limit) ?? PAGE_SIZE;
}

/** What is asked for without the page: what a count of the list has to name. */
export function questionOf(resource: Resource, search: ListSearch): ListQuery {
  return { ...filtersIn(resource, search), search: search.q };
}

export function queryOf(resource: Resource, search: ListSearch): ListQuery {
  return {
    ...questionOf(resource, search),
    sort: search.sort,
    after: search.after,
    limit: pageSize(search),
  };
}

/** Changes one thing in the address. A different question starts again at its first page. */
export function withSearch(search: ListSearch, changes: Record<string, string | undefined>): ListSearch {
  const next: ListSearch = {};
  const merged: Record<string, string | undefined> = { ...search, ...changes };
  const keepsPlace = Object.keys(changes).every((name) => name === "columns");
  for (const [name, value] of Object.entries(merged)) {
    if ((name === "after" || name === "page") && !keepsPlace && !(name in changes)) continue;
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
