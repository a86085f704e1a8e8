import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { readable, useLabels } from "@/lib/labels";

/** What a subject is called: by the resource's catalogue, or by ours for the two that every resource may have. */
export function useGroupName(resource: Resource): (group: string) => string {
  const { t } = useTranslation();
  const labels = useLabels();
  return (group) => {
    if (group === "main" || group === "notes") return labels.group(resource, group) ?? t(`group.${group}`);
    return labels.group(resource, group) ?? readable(group);
  };
}
