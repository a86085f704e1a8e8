import { useState } from "react";
import type { Field, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { isTexts, keep, kept } from "@/lib/kept";
import { findField } from "../system-fields";

const key = (resource: Resource) => `columns.${resourceKey(resource)}`;

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

function known(resource: Resource, names: string[] | undefined): string[] | undefined {
  const there = [...new Set(names)].filter((name) => findField(resource, name));
  return there.length > 0 ? there : undefined;
}

export interface Columns {
  names: string[];
  shown: Field[];
  isShown: (name: string) => boolean;
  toggle: (name: string) => void;
  move: (name: string, by: -1 | 1) => void;
  reset: () => void;
}

/**
 * Which columns this reader wants and in which order, kept for this member. An address that names columns (a view
 * somebody sent) stands above what was kept; whoever changes them then makes them their own.
 */
export function useColumns(resource: Resource, addressed: string | undefined, clearAddress: () => void): Columns {
  const [chosen, setChosen] = useState(() => known(resource, kept(key(resource), isTexts)));
  const names = known(resource, addressed?.split(",")) ?? chosen ?? defaultColumns(resource);
  function change(next: string[] | undefined) {
    setChosen(next);
    keep(key(resource), next);
    if (addressed !== undefined) clearAddress();
  }
  return {
    names,
    shown: names.flatMap((name) => findField(resource, name) ?? []),
    isShown: (name) => names.includes(name),
    toggle: (name) => {
      const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
      if (next.length > 0) change(next);
    },
    move: (name, by) => {
      const from = names.indexOf(name);
      const to = from + by;
      if (from < 0 || to < 0 || to >= names.length) return;
      const next = names.toSpliced(from, 1);
      change(next.toSpliced(to, 0, name));
    },
    reset: () => change(undefined),
  };
}
