import { useState } from "react";
import type { Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { randomKey } from "@/lib/id";
import { keep, kept } from "@/lib/kept";
import type { ListSearch } from "./search";

/** A list as somebody wants to see it again: its filters, order and columns under a name. */
export interface View {
  id: string;
  name: string;
  search: ListSearch;
}

const key = (resource: Resource) => `views.${resourceKey(resource)}`;

function areViews(value: unknown): value is View[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one) => typeof one?.id === "string" && typeof one?.name === "string" && typeof one?.search === "object",
    )
  );
}

/** The address of a view: everything but the page one happened to be on. */
export function viewSearch(search: ListSearch, columns?: string[]): ListSearch {
  const { after: _after, page: _page, ...rest } = search;
  return columns ? { ...rest, columns: columns.join(",") } : rest;
}

/** Whether a list stands as the view has it. Columns count only where the address names them. */
export function isView(view: View, search: ListSearch): boolean {
  const [one, other] = [viewSearch(search), view.search];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

export interface Views {
  all: View[];
  save: (name: string, search: ListSearch) => void;
  remove: (id: string) => void;
}

/** The views this member keeps of a resource, in this browser. A view is shared by its address. */
export function useViews(resource: Resource): Views {
  const [all, setAll] = useState(() => kept(key(resource), areViews) ?? []);
  function change(next: View[]) {
    setAll(next);
    keep(key(resource), next.length > 0 ? next : undefined);
  }
  return {
    all,
    // The same name again means: as it is now.
    save: (name, search) => {
      const same = all.find((view) => view.name === name);
      const view = { id: same?.id ?? randomKey(), name, search };
      change(same ? all.map((one) => (one.id === same.id ? view : one)) : [...all, view]);
    },
    remove: (id) => change(all.filter((view) => view.id !== id)),
  };
}
