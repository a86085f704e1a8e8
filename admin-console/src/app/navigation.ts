import { Blocks, ChartColumn, Hourglass, LayoutDashboard, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Description } from "@/api/model";
import { useCan, useDescription } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { iconOf } from "./icons";

export interface NavItem {
  to: string;
  label: string;
  icon: LucideIcon;
}

export interface NavGroup {
  name: string;
  label: string | undefined;
  items: NavItem[];
}

/** Drawn resources that a page of our own replaces in the menu. */
const REPLACED = new Set(["integrations.installations", "integrations.runs"]);

function sees(description: Description, key: string): boolean {
  return description.modules.some((module) =>
    module.resources.some((resource) => `${module.name}.${resource.name}` === key && resource.verbs.includes("list")),
  );
}

/** The menu: what the description lets this caller list, by module, and the pages made by hand. */
export function useNavigation(): NavGroup[] {
  const { t } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  const can = useCan();
  const groups: NavGroup[] = description.modules.map((module) => ({
    name: module.name,
    label: labels.module(module.name),
    items: module.resources
      .filter((resource) => resource.verbs.includes("list") && !REPLACED.has(`${module.name}.${resource.name}`))
      .map((resource) => ({
        to: `/${module.name}/${resource.name}`,
        label: labels.many({ module: module.name, name: resource.name }),
        icon: iconOf(module.name, resource.name),
      })),
  }));
  const add = (module: string, item: NavItem) => {
    const group = groups.find((one) => one.name === module);
    if (group) group.items.push(item);
    else groups.push({ name: module, label: labels.module(module), items: [item] });
  };
  if (sees(description, "fleet.fuel_transactions")) {
    add("fleet", { to: "/fleet/fuel-waiting", label: t("nav.fuel_waiting"), icon: Hourglass });
  }
  if (can("fuel_costs.read")) {
    add("fleet", { to: "/fleet/fuel-costs", label: t("nav.fuel_costs"), icon: ChartColumn });
  }
  if (can("plugins.read")) {
    add("integrations", { to: "/integrations/plugins", label: t("nav.plugins"), icon: Blocks });
  }
  return [
    { name: "home", label: undefined, items: [{ to: "/", label: t("nav.dashboard"), icon: LayoutDashboard }] },
    ...groups.filter((group) => group.items.length > 0),
  ];
}
