import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Field, Option, Page, Resource, Row } from "@/api/model";
import { descriptionQuery, findResource, resourceKey } from "./account";
import { api, type QueryValue } from "./api";
import { formatFor, timeZone } from "./format";
import { randomKey } from "./id";
import { catalogueQuery, labelsOf } from "./labels";
import { currentPreferences } from "./preferences";
import { queryClient } from "./query";

export type ListQuery = Record<string, QueryValue>;

export const listQuery = (resource: Resource, query: ListQuery) =>
  queryOptions({
    queryKey: ["rows", resourceKey(resource), "list", query],
    queryFn: ({ signal }) => api.get<Page<Row>>(resource.path, { query: { titles: true, ...query }, signal }),
    placeholderData: keepPreviousData,
  });

/** How many rows there are for these filters, without fetching them. */
export const countQuery = (resource: Resource, query: ListQuery = {}) =>
  queryOptions({
    queryKey: ["rows", resourceKey(resource), "count", query],
    queryFn: async ({ signal }) => {
      const page = await api.get<Page<Row>>(resource.path, { query: { ...query, limit: 1, total: true }, signal });
      return page.total ?? page.data.length;
    },
  });

export const rowQuery = (resource: Resource, id: string) =>
  queryOptions({
    queryKey: ["rows", resourceKey(resource), "one", id],
    queryFn: ({ signal }) => api.get<Row>(`${resource.path}/${id}`, { query: { titles: true }, signal }),
  });

export const optionsQuery = (resource: Resource, search: string) =>
  queryOptions({
    queryKey: ["rows", resourceKey(resource), "options", search],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Option>>(`${resource.path}/options`, { query: { search, limit: 20 }, signal })).data,
    placeholderData: keepPreviousData,
  });

/** The members of the company, for a field that names one of them. */
export const membersQuery = (search: string) =>
  queryOptions({
    queryKey: ["members", "options", search],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Option>>("/members/options", { query: { search, limit: 50 }, signal })).data,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** After a write anything drawn from rows may be old: references show other resources' titles, figures count them. */
export async function rowsChanged() {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["rows"] }),
    queryClient.invalidateQueries({ queryKey: ["figures"] }),
  ]);
}

export async function createRow(resource: Resource, values: object, idempotencyKey: string): Promise<Row> {
  const row = await api.post<Row>(resource.path, { body: values, headers: { "Idempotency-Key": idempotencyKey } });
  await rowsChanged();
  return row;
}

export async function updateRow(resource: Resource, row: Row, values: object): Promise<Row> {
  const saved = await api.patch<Row>(`${resource.path}/${row.id}`, {
    body: values,
    headers: { "If-Match": `"${row.version}"` },
  });
  await rowsChanged();
  return saved;
}

/** The page of the row must be left before lists are renewed, or it would ask for what is gone. */
export async function deleteRow(resource: Resource, row: Row) {
  await api.delete(`${resource.path}/${row.id}`, { headers: { "If-Match": `"${row.version}"` } });
}

export async function deleteRows(resource: Resource, rows: Row[]) {
  const operations = rows.map(({ id, version }) => ({ op: "delete", id, version }));
  await api.post(`${resource.path}/bulk`, { body: { operations } });
  await rowsChanged();
}

export async function runAction(resource: Resource, id: string, action: string, inputs: object): Promise<Row> {
  const row = await api.post<Row>(`${resource.path}/${id}/${action}`, {
    body: inputs,
    headers: { "Idempotency-Key": randomKey() },
  });
  await rowsChanged();
  return row;
}

/** A number for people that the server gives each row ("TKT-20261122-0001"): it names the row and is never typed. */
export function isNumber(field: Field): boolean {
  return field.kind === "text" && !!field.unique && !!field.required && !!field.read_only;
}

/**
 * What a row is called: its title fields, or a piece of its id when they are all empty. Where the title is only a day
 * (a fill, an assignment), the rows it connects say more, so they stand in front.
 */
export function titleOf(resource: Resource, row: Row): string {
  return titleParts(resource, row).join(" · ");
}

/** The parts of a row's name, each of which may be written in another direction. */
export function titleParts(resource: Resource, row: Row): string[] {
  const fields = resource.title.flatMap((name) => resource.fields.find((field) => field.name === name) ?? []);
  const onlyDays = fields.every((field) => field.kind === "date" || field.kind === "instant");
  const connected = resource.fields.filter((field) => field.kind === "reference" && field.required);
  const number = fields.some(isNumber) ? [] : resource.fields.filter(isNumber).slice(0, 1);
  const parts = [...number, ...(onlyDays ? connected : []), ...fields]
    .map((field) => titlePart(resource, field, row))
    .filter(Boolean);
  return parts.length > 0 ? parts : [row.id.slice(-8)];
}

function labels() {
  return labelsOf(queryClient.getQueryData(catalogueQuery(currentPreferences().language).queryKey));
}

/** The server names a row by its first title field as it is stored; a stored word or day is not what people read. */
export function titleGiven(target: Resource | undefined, text: string): string {
  const field = target?.fields.find((one) => one.name === target.title[0]);
  if (!target || !field) return text;
  if (field.kind === "choice" && field.values?.includes(text)) return labels().choice(target, field.name, text);
  if (field.kind !== "date" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const { language, calendar } = currentPreferences();
  return formatFor(language, calendar, timeZone()).date(text);
}

function targetOf(field: Field): Resource | undefined {
  const [module = "", name = ""] = (field.to ?? "").split(".");
  const description = queryClient.getQueryData(descriptionQuery.queryKey);
  return description && findResource(description, module, name);
}

function titlePart(resource: Resource, field: Field, row: Row): string {
  const value = row[field.name];
  if (value === null || value === undefined || value === "") return "";
  const { language, calendar } = currentPreferences();
  const format = formatFor(language, calendar, timeZone());
  if (field.kind === "reference" || field.kind === "member") {
    return titleGiven(targetOf(field), String(row[`${field.name.replace(/_id$/, "")}_title`] ?? ""));
  }
  if (field.kind === "choice") return labels().choice(resource, field.name, String(value));
  if (field.kind === "date") return format.date(String(value));
  if (field.kind === "instant") return format.instant(String(value));
  return String(value);
}
