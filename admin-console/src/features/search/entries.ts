import type { LucideIcon } from "lucide-react";
import { fold } from "@/lib/fold";

export interface PageEntry {
  to: string;
  label: string;
  icon: LucideIcon;
  /** The module it stands in, where it stands in one. */
  under: string | undefined;
}

/** One line that can be chosen. */
export interface Entry {
  key: string;
  label: string;
  note?: string | undefined;
  icon: LucideIcon;
  to: string;
  search?: Record<string, string>;
}

export interface Section {
  name: string;
  title: string;
  entries: Entry[];
}

/** How well a label fits what was typed: 0 begins with it, 1 a word begins with it, 2 holds all its words. */
export function grade(label: string, text: string): number | undefined {
  const [where, what] = [fold(label), fold(text)];
  if (what === "") return undefined;
  if (where.startsWith(what)) return 0;
  if (where.includes(` ${what}`)) return 1;
  return what.split(/\s+/).every((word) => where.includes(word)) ? 2 : undefined;
}

export function fitting<T>(all: T[], text: string, labelOf: (one: T) => string, most: number): T[] {
  return all
    .flatMap((one) => {
      const fits = grade(labelOf(one), text);
      return fits === undefined ? [] : [{ one, fits }];
    })
    .sort((a, b) => a.fits - b.fits)
    .slice(0, most)
    .map(({ one }) => one);
}
