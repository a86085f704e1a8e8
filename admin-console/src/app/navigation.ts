import { House, LayoutDashboard, type LucideIcon, SlidersHorizontal } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Description } from "@/api/model";
import { resourceKey, useCan, useDescription } from "@/lib/account";
import { type Labels, useLabels } from "@/lib/labels";
import { iconOf, moduleIcon } from "@/resource/icons";
import { type OwnPage, ownPages, REPLACED } from "@/resource/own-pages";
import { type GroupName, isGrouped, placesOf } from "@/resource/places";

export interface NavItem {
  to: string;
  label: string;
  icon: LucideIcon;
}

export interface NavGroup {
  name: GroupName;
  /** Without one the entries stand directly under their module. */
  label: string | undefined;
  items: NavItem[];
}

export interface NavModule {
  name: string;
  label: string;
  icon: LucideIcon;
  home: NavItem;
  groups: NavGroup[];
}

export interface Navigation {
  top: NavItem[];
  modules: NavModule[];
  bottom: NavItem[];
}

interface Words {
  label: (key: OwnPage["label"] | "nav.dashboard" | "nav.module_home" | "nav.settings") => string;
  group: (name: GroupName) => string;
  labels: Labels;
}

/** The menu: what the description lets this caller list, by module and sub-heading, and the pages made by hand. */
export function navigationOf(
  description: Description,
  can: (permission: string) => boolean,
  { label, group, labels }: Words,
): Navigation {
  const own = ownPages(description, can);
  const places = placesOf(description).map((module) => ({
    name: module.name,
    groups: module.groups.map(({ name, resources }) => ({
      name,
      resources: resources.filter((resource) => !REPLACED.has(resourceKey(resource))),
    })),
  }));
  for (const page of own) {
    if (!places.some((module) => module.name === page.module)) places.push({ name: page.module, groups: [] });
  }
  const modules = places.flatMap((module): NavModule[] => {
    const pages = own.filter((page) => page.module === module.name);
    const names = [...new Set([...module.groups.map((one) => one.name), ...pages.map((page) => page.group)])];
    const itemsOf = (group: GroupName, first: boolean) =>
      pages
        .filter((page) => page.group === group && (page.first ?? false) === first)
        .map((page) => ({ to: page.to, label: label(page.label), icon: page.icon }));
    const filled = names
      .map((name) => ({
        name,
        resources: [
          ...itemsOf(name, true),
          ...(module.groups.find((one) => one.name === name)?.resources ?? []).map((resource) => ({
            to: `/${module.name}/${resource.name}`,
            label: labels.many(resource),
            icon: iconOf(module.name, resource.name),
          })),
          ...itemsOf(name, false),
        ],
      }))
      .filter((one) => one.resources.length > 0);
    if (filled.length === 0) return [];
    const grouped = isGrouped(filled);
    return [
      {
        name: module.name,
        label: labels.module(module.name),
        icon: moduleIcon(module.name),
        home: { to: `/m/${module.name}`, label: label("nav.module_home"), icon: House },
        groups: grouped
          ? filled.map((one) => ({ name: one.name, label: group(one.name), items: one.resources }))
          : [{ name: "more", label: undefined, items: filled.flatMap((one) => one.resources) }],
      },
    ];
  });
  return {
    top: [{ to: "/", label: label("nav.dashboard"), icon: LayoutDashboard }],
    modules,
    bottom: [{ to: "/settings", label: label("nav.settings"), icon: SlidersHorizontal }],
  };
}

export function useNavigation(): Navigation {
  const { t } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  const can = useCan();
  return useMemo(
    () => navigationOf(description, can, { label: (key) => t(key), group: (name) => t(`place.${name}`), labels }),
    [description, can, labels, t],
  );
}

/** The entry that a page stands under: of two that lead here the longer one is meant. */
export function entryOf(navigation: Navigation, path: string): { module: string | undefined; to: string | undefined } {
  const found = [
    ...[...navigation.top, ...navigation.bottom].map((item) => ({ item, module: undefined })),
    ...navigation.modules.flatMap((module) =>
      [module.home, ...module.groups.flatMap((group) => group.items)].map((item) => ({ item, module: module.name })),
    ),
  ]
    .filter(({ item }) => item.to === path || (item.to !== "/" && path.startsWith(`${item.to}/`)))
    .sort((a, b) => b.item.to.length - a.item.to.length)[0];
  // A row of something that has no entry of its own still belongs to its module.
  const byPath = navigation.modules.find((module) => path.startsWith(`/${module.name}/`))?.name;
  return { module: found?.module ?? byPath, to: found?.item.to };
}
