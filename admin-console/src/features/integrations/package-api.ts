import { queryOptions } from "@tanstack/react-query";
import type { Page } from "@/api/model";
import { api } from "@/lib/api";
import { act, changed, POLL_MS } from "./plugin-api";
import type { PublisherKey, Version } from "./shapes";

const VERSIONS = "/integrations/plugin_versions";
const KEYS = "/integrations/plugin_keys";

/** The server takes no larger package; the limit is said before a file is sent for nothing. */
export const MOST_PACKAGE_BYTES = 6 * 1024 * 1024;

const busy = (version: Version) => version.status === "checking";

/** Versions that the company knows: of one plugin, or everything that was uploaded. */
export const versionsQuery = (filter: { plugin: string } | { source: "upload" }) =>
  queryOptions({
    queryKey: ["plugins", "versions", filter],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Version>>(VERSIONS, { query: { ...filter, sort: "-created_at", limit: 100 }, signal })).data,
    refetchInterval: (query) => (query.state.data?.some(busy) ? POLL_MS : false),
  });

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "version", id],
    queryFn: ({ signal }) => api.get<Version>(`${VERSIONS}/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && !busy(query.state.data) ? false : POLL_MS),
  });

export const uploadPackage = (file: File) =>
  changed(api.post<Version>(`${VERSIONS}/upload`, { raw: new Blob([file], { type: "application/octet-stream" }) }));

export const withdraw = (id: string) => act<Version>(`${VERSIONS}/${id}/withdraw`);

export const publishersQuery = queryOptions({
  queryKey: ["plugins", "publishers"],
  queryFn: async ({ signal }) =>
    (await api.get<Page<PublisherKey>>(KEYS, { query: { sort: "publisher", limit: 100 }, signal })).data,
});

export const trustPublisher = (publisher: string, publicKey: string) =>
  act<PublisherKey>(KEYS, { publisher, public_key: publicKey });

export const revokePublisher = (id: string) => act<PublisherKey>(`${KEYS}/${id}/revoke`);
