import { fold } from "@/lib/fold";
import type { PayRule } from "./shapes";

export interface RuleHistory {
  id: string;
  /** The row that holds on the day. */
  now: PayRule | undefined;
  /** All of them, the newest first. */
  rows: PayRule[];
}

/** Days are ISO text, so they compare as they are. The last day is one on which the row still holds. */
export function holdsOn(rule: Pick<PayRule, "from" | "to">, day: string): boolean {
  return rule.from <= day && (rule.to === null || day <= rule.to);
}

/** Rows put together by what they are about, as far as the search finds them by name, article or source. */
export function ruleHistories(rules: PayRule[], on: string, search: string): RuleHistory[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  const byId = new Map<string, PayRule[]>();
  for (const rule of rules) byId.set(rule.id, [...(byId.get(rule.id) ?? []), rule]);
  return [...byId]
    .filter(([, rows]) => {
      const text = fold(rows.map((row) => `${row.title} ${row.article} ${row.source}`).join(" "));
      return words.every((word) => text.includes(word));
    })
    .map(([id, rows]) => {
      const sorted = rows.toSorted((a, b) => b.from.localeCompare(a.from));
      // Where a company has rows of its own, those hold.
      const holding = sorted.filter((row) => holdsOn(row, on));
      return { id, now: holding.find((row) => row.own) ?? holding[0], rows: sorted };
    });
}

/** Where a number comes from, as people name it; nothing for a row of the company's own, whose source is that row. */
export function sourceOf({ source }: Pick<PayRule, "source">): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(source) ? undefined : source;
}
