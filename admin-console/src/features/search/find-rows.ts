import type { Found, Page, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { api } from "@/lib/api";

/** The rows of one resource that fit what was typed. */
export interface Hits {
  resource: Resource;
  rows: { id: string; title: string }[];
}

/** So many rows of each resource; behind the last of them its list shows the others. */
const EACH = 5;

/** The order in which finds are shown: the module at hand first, and in each module what it is mainly about. */
export function inOrder(resources: Resource[], module: string | undefined, main: Set<string>): Resource[] {
  const weight = (resource: Resource) =>
    (resource.module === module ? 0 : 2) + (main.has(resourceKey(resource)) ? 0 : 1);
  return resources.toSorted((a, b) => weight(a) - weight(b));
}

/** Looks in everything the caller may read, in one call. */
export async function findRows(resources: Resource[], text: string, signal: AbortSignal): Promise<Hits[]> {
  const answer = await api.get<Page<Found>>("/search", { query: { q: text, limit: EACH }, signal });
  return resources
    .map((resource) => ({
      resource,
      rows: answer.data
        .filter((found) => found.resource === resourceKey(resource))
        .map(({ id, title }) => ({ id, title: title || id.slice(-8) })),
    }))
    .filter((hits) => hits.rows.length > 0);
}
