import { useState } from "react";
import type { Field, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";

const key = (resource: Resource) => `barq.columns.${resourceKey(resource)}`;

/** The fields a list shows at first: what its description lists, with the name of the row in front. */
export function defaultColumns(resource: Resource): string[] {
  const listed = resource.fields.filter((field) => field.list).map((field) => field.name);
  const title = resource.title.find((name) => listed.includes(name) && isName(resource, name));
  return [...new Set([...(title ? [title] : []), ...listed])];
}

/** A day may be a row's title, but nobody looks for a row by it in the first column. */
function isName(resource: Resource, name: string): boolean {
  const kind = resource.fields.find((field) => field.name === name)?.kind;
  return kind !== "date" && kind !== "instant";
}

function remembered(resource: Resource): string[] | undefined {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(key(resource)) ?? "null");
    if (!Array.isArray(names)) return undefined;
    const known = names.filter((name) => resource.fields.some((field) => field.name === name));
    return known.length > 0 ? known : undefined;
  } catch {
    return undefined;
  }
}

export interface Columns {
  shown: Field[];
  isShown: (name: string) => boolean;
  toggle: (name: string) => void;
  reset: () => void;
}

/** Which columns this reader wants, kept in this browser. */
export function useColumns(resource: Resource): Columns {
  const [chosen, setChosen] = useState(() => remembered(resource));
  const names = chosen ?? defaultColumns(resource);
  function change(next: string[] | undefined) {
    setChosen(next);
    try {
      if (next) localStorage.setItem(key(resource), JSON.stringify(next));
      else localStorage.removeItem(key(resource));
    } catch {
      // without storage the choice lasts for the visit
    }
  }
  return {
    shown: names.flatMap((name) => resource.fields.find((field) => field.name === name) ?? []),
    isShown: (name) => names.includes(name),
    toggle: (name) => {
      const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
      if (next.length > 0) change(next);
    },
    reset: () => change(undefined),
  };
}
