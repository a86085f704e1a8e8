import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { Select } from "@/ui/field";
import { ArrowEnd } from "@/ui/icons";
import type { Source } from "./import-api";

interface ValueTranslationProps {
  resource: Resource;
  field: Field;
  /** Values that the file holds. */
  found: string[];
  source: Source;
  onChange: (source: Source) => void;
}

/** "scooter" in the file means "motorcycle" here: for fields that allow only certain values. */
export function ValueTranslation({ resource, field, found, source, onChange }: ValueTranslationProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const choices = field.values ?? [];
  const strange = found.filter((value) => !choices.includes(value.toLowerCase()));
  if (strange.length === 0) return null;

  function translate(from: string, to: string) {
    const values = { ...source.values };
    if (to === "") delete values[from];
    else values[from] = to;
    const { values: _, ...rest } = source;
    onChange(Object.keys(values).length > 0 ? { ...rest, values } : rest);
  }

  return (
    <div className="mt-3">
      <p className="mb-2 text-muted text-xs">{t("import.translate_hint")}</p>
      <ul className="space-y-2">
        {strange.map((value) => (
          <li key={value} className="flex items-center gap-2 text-sm">
            <bdi className="max-w-40 truncate rounded bg-sunken px-2 py-1 font-medium">{value}</bdi>
            <ArrowEnd className="size-4 text-faint" />
            <Select
              aria-label={t("import.means", { value })}
              className="h-8 max-w-52"
              value={source.values?.[value] ?? ""}
              onChange={(event) => translate(value, event.target.value)}
            >
              <option value="">{t("import.as_it_is")}</option>
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {labels.choice(resource, field.name, choice)}
                </option>
              ))}
            </Select>
          </li>
        ))}
      </ul>
    </div>
  );
}
