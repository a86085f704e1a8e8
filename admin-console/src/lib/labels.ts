import { queryOptions, useQuery } from "@tanstack/react-query";
import i18next from "i18next";
import { useMemo } from "react";
import type { Catalogue, Resource, ResourceLabels } from "@/api/model";
import { resourceKey } from "./account";
import { api } from "./api";
import { type Language, usePreferences } from "./preferences";

/** The words for modules, resources, fields and problems belong to the server; the console only asks for them. */
export const catalogueQuery = (language: Language) =>
  queryOptions({
    queryKey: ["locales", language],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    queryFn: () => api.get<Catalogue>(`/locales/${language}`),
  });

type Named = Pick<Resource, "module" | "name">;

export interface Labels {
  module(name: string): string;
  one(resource: Named | string): string;
  many(resource: Named | string): string;
  field(resource: Named | string, field: string): string;
  help(resource: Named | string, field: string): string | undefined;
  choice(resource: Named | string, field: string, value: string): string;
  action(resource: Named | string, action: string): string;
  group(resource: Named | string, group: string): string | undefined;
  problem(code: string): string | undefined;
  /** A job role or a membership. */
  role(name: string): string;
  /** What a name inside structured data means: the field of that name here, in this module, or anywhere. */
  word(resource: Named, name: string): string;
  /** The same for a value under such a name. */
  wordOf(resource: Named, name: string, value: string): string;
}

export function labelsOf(catalogue: Catalogue | undefined): Labels {
  const of = (resource: Named | string) =>
    catalogue?.resource?.[typeof resource === "string" ? resource : resourceKey(resource)];
  const nameOf = (resource: Named | string) =>
    typeof resource === "string" ? (resource.split(".").at(-1) ?? resource) : resource.name;
  /** The first answer of this resource, of its neighbours, of any other. */
  function nearest(resource: Named, ask: (labels: ResourceLabels) => string | undefined): string | undefined {
    const all = Object.entries(catalogue?.resource ?? {});
    const own = of(resource);
    const near = all.filter(([key]) => key.startsWith(`${resource.module}.`));
    for (const one of [...(own ? [own] : []), ...[...near, ...all].map(([, labels]) => labels)]) {
      const found = ask(one);
      if (found) return found;
    }
    return undefined;
  }
  return {
    module: (name) => catalogue?.module?.[name] ?? readable(name),
    one: (resource) => of(resource)?.one ?? readable(nameOf(resource)),
    many: (resource) => of(resource)?.many ?? readable(nameOf(resource)),
    field: (resource, field) => of(resource)?.fields?.[field]?.label ?? ownField(field) ?? readable(field),
    help: (resource, field) => of(resource)?.fields?.[field]?.help,
    choice: (resource, field, value) => of(resource)?.choices?.[field]?.[value] ?? readable(value),
    action: (resource, action) => of(resource)?.actions?.[action] ?? readable(action),
    group: (resource, group) => of(resource)?.groups?.[group],
    problem: (code) => catalogue?.problem?.[code],
    role: (name) => catalogue?.role?.[name] ?? catalogue?.membership?.[name] ?? readable(name),
    word: (resource, name) =>
      commonWord(name) ??
      nearest(resource, ({ fields }) => fields?.[name]?.label ?? fields?.[`${name}_id`]?.label) ??
      ownField(name) ??
      readable(name),
    wordOf: (resource, name, value) =>
      commonWord(value) ??
      catalogue?.role?.[value] ??
      nearest(resource, ({ choices }) => choices?.[name]?.[value]) ??
      (/^[a-z]+(_[a-z]+)+$/.test(value) ? readable(value) : value),
  };
}

/** What every row has is named by the console: no resource declares it. */
function ownField(field: string): string | undefined {
  return field === "created_at" || field === "updated_at" ? i18next.t(`field.${field}`) : undefined;
}

/** Names so general that another resource's field of the same name would mislead. */
function commonWord(name: string): string | undefined {
  return i18next.t(`word.${name}` as "word.kind", { defaultValue: "" }) || undefined;
}

/** A name without a label still reads as words: "national_id" → "National id". */
export function readable(name: string): string {
  const words = name.replace(/_id$/, "").replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function useLabels(): Labels {
  const { language } = usePreferences();
  const catalogue = useQuery(catalogueQuery(language)).data;
  return useMemo(() => labelsOf(catalogue), [catalogue]);
}
