import { queryOptions } from "@tanstack/react-query";
import type { Field, Page, Resource, Row } from "@/api/model";
import { resourceKey } from "./account";
import { api } from "./api";
import { limiter } from "./limit";
import type { ListQuery } from "./resource-api";

/** Pages of figures count many things: a few at a time, so that what the reader presses is not kept waiting. */
const counting = limiter(4);

/** How many rows there are for these filters, counted when it is this one's turn. */
export const quietCountQuery = (resource: Resource, query: ListQuery = {}) =>
  queryOptions({
    queryKey: ["rows", resourceKey(resource), "count", query],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      counting(async () => {
        const page = await api.get<Page<Row>>(resource.path, { query: { ...query, limit: 1, total: true }, signal });
        return page.total ?? page.data.length;
      }, signal),
  });

/** The counts of one state each, in the order in which the states are declared. */
export const stateCountQueries = (resource: Resource, field: Field) =>
  (field.values ?? []).map((value) => quietCountQuery(resource, { [field.name]: value }));
