/** Amounts are counted in halalas, as whole numbers: sums of riyals as fractions would drift. */
export function halalas(amount: string | null | undefined): number {
  const match = /^([-−]?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount ?? "");
  if (!match) return 0;
  const [, sign, whole = "0", part = ""] = match;
  const count = Number(whole) * 100 + Number(part.padEnd(2, "0"));
  return sign && count !== 0 ? -count : count;
}

export function riyals(count: number): string {
  const size = Math.abs(count);
  return `${count < 0 ? "-" : ""}${Math.floor(size / 100)}.${String(size % 100).padStart(2, "0")}`;
}

/** The sum of amounts, exact to the halala. */
export function sumOf(amounts: (string | null | undefined)[]): string {
  return riyals(amounts.reduce((sum, amount) => sum + halalas(amount), 0));
}

/** What one amount is above another. */
export function differenceOf(now: string, before: string): string {
  return riyals(halalas(now) - halalas(before));
}
