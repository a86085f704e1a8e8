import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { findResource, useDescription } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import type en from "@/locales/later/en.json";

type Verb = keyof (typeof en)["audit"]["verb"];
type Kept = keyof (typeof en)["audit"]["resource"];

const TEXT: Field = { name: "", kind: "text" };

/** Names for what the audit tells of: records of the description, and what is kept beside them. */
export function useAuditWords() {
  const { t, i18n } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  return useMemo(() => {
    const own = (resource: string) => i18n.exists(`audit.resource.${resource.replaceAll(".", "_")}`);
    function resourceOf(key: string): Resource {
      const [module = "", name = ""] = key.split(".");
      return findResource(description, module, name) ?? { module, name, path: "", title: [], verbs: [], fields: [] };
    }
    return {
      resourceOf,
      isShown: (key: string) => resourceOf(key).path !== "",
      verb: (resource: string, verb: string) =>
        i18n.exists(`audit.verb.${verb}`) ? t(`audit.verb.${verb as Verb}`) : labels.action(resource, verb),
      kind: (resource: string) =>
        own(resource) ? t(`audit.resource.${resource.replaceAll(".", "_") as Kept}`) : labels.many(resource),
      field: (resource: string, name: string) => {
        const known = resourceOf(resource).fields.some((field) => field.name === name);
        if (known) return labels.field(resource, name);
        const setting = `company.field.${name}`;
        if (i18n.exists(setting)) return t(setting as "company.field.name");
        const kept = `audit.field_of.${name}`;
        return i18n.exists(kept) ? t(kept as "audit.field_of.name") : labels.word(resourceOf(resource), name);
      },
      fieldOf: (resource: string, name: string): Field =>
        resourceOf(resource).fields.find((field) => field.name === name) ?? { ...TEXT, name },
    };
  }, [t, i18n, labels, description]);
}
