import type { Version } from "./shapes";

/** `1.10.0` stands after `1.9.2`; a first release stands after what came before it (`1.0.0-rc.1`). */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [parts(one), parts(other)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (left.numbers[at] ?? 0) - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.before === right.before) return 0;
  if (left.before === "") return 1;
  if (right.before === "") return -1;
  return left.before.localeCompare(right.before, "en", { numeric: true });
}

function parts(version: string) {
  const [numbers = "", before = ""] = version.split(/-(.*)/s);
  return { numbers: numbers.split(".").map(Number), before };
}

export interface VersionLine {
  number: string;
  /** What the company knows of it; nothing while it has never been here. */
  row: Version | undefined;
}

/** Every version that there is, the newest first: those that the company has, and those that it can get. */
export function versionLines(rows: Version[], offered: string[]): VersionLine[] {
  const numbers = new Set([...rows.map((row) => row.plugin_version), ...offered]);
  return [...numbers]
    .sort((one, other) => compareVersions(other, one))
    .map((number) => ({ number, row: rows.find((row) => row.plugin_version === number) }));
}
