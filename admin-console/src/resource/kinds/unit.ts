import i18next from "i18next";
import type { Field } from "@/api/model";

const FROM_NAME: [RegExp, string][] = [
  [/_km$/, "km"],
  [/_(l|litres)$/, "l"],
  [/_percent$/, "percent"],
];

/** What a number counts: the description says, or the name carries it (`distance_km`). */
export function unitOf(field: Field): string | undefined {
  const unit = field.unit ?? FROM_NAME.find(([pattern]) => pattern.test(field.name))?.[1];
  if (!unit) return undefined;
  return i18next.t(`unit.${unit}` as "unit.km", { defaultValue: unit });
}
