/** Structured data as people read and change it: pairs of a name and a plain value, lists of words, lists of records. */

export type Plain = string | number | boolean | null;
export type Tree = { [name: string]: unknown };

export function isPlain(value: unknown): value is Plain {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Records that are alike enough for a table: a short list of objects with plain values. */
export function asRecords(value: unknown): { columns: string[]; records: Tree[] } | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isTree)) return undefined;
  const columns = [...new Set(value.flatMap((record) => Object.keys(record)))];
  const flat = value.every((record) => Object.values(record).every(isPlain));
  return flat && columns.length <= 8 ? { columns, records: value } : undefined;
}

export type PairKind = "text" | "number" | "boolean" | "other";

/** One line of the editor. What it holds stays text until it is sent, so that a half-typed number is not lost. */
export interface Pair {
  key: string;
  kind: PairKind;
  text: string;
}

export function kindOfValue(value: unknown): PairKind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "text" : "other";
}

function pairOf(key: string, value: unknown): Pair {
  const kind = kindOfValue(value);
  return { key, kind, text: kind === "other" ? JSON.stringify(value) : String(value) };
}

/** An object as lines; nothing where the value is no object. */
export function pairsOf(value: unknown): Pair[] | undefined {
  if (!isTree(value)) return undefined;
  return Object.entries(value).map(([key, one]) => pairOf(key, one));
}

/** A list as lines without names; nothing where the value is no list. */
export function itemsOf(value: unknown): Pair[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((one, index) => pairOf(String(index), one));
}

export function plainOf({ kind, text }: Pair): unknown {
  if (kind === "boolean") return text === "true";
  if (kind === "number") return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
  if (kind === "text") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function treeOf(pairs: Pair[]): Tree {
  return Object.fromEntries(pairs.filter((pair) => pair.key.trim() !== "").map((pair) => [pair.key, plainOf(pair)]));
}

export function listOf(items: Pair[]): unknown[] {
  return items.map(plainOf);
}

/** What an input holds as a value: text is read as JSON. Nothing comes back where it is none. */
export function parsed(value: unknown): { value: unknown } | undefined {
  if (typeof value !== "string") return { value };
  if (value.trim() === "") return { value: null };
  try {
    return { value: JSON.parse(value) };
  } catch {
    return undefined;
  }
}

/** Where text stops being JSON, as a line that a person can find. */
export function faultLine(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message : "";
    const line = words.match(/line (\d+)/)?.[1];
    if (line) return Number(line);
    const position = words.match(/position (\d+)/)?.[1];
    const until = position === undefined ? text : text.slice(0, Number(position));
    return until.split("\n").length;
  }
}
