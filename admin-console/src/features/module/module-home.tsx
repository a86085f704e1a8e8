import { Link } from "@tanstack/react-router";
import { ChartLine, FileUp, Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { resourceKey, useCan, useDescription } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { iconOf, moduleIcon } from "@/resource/icons";
import { ownPages, REPLACED } from "@/resource/own-pages";
import { mainResources, placesOf, stateOf } from "@/resource/places";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { Menu, MenuItem } from "@/ui/menu";
import { PageHead } from "@/ui/page";
import { Attention } from "./attention-card";
import { Figures } from "./figures-row";
import { Newest } from "./newest";
import { ResourceCard } from "./resource-card";

const MAIN = 4;

/** The first page of a module: its figures, what waits for somebody, what is new, and a way to everything in it. */
export function ModuleHome({ name }: { name: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  const can = useCan();
  const module = placesOf(description).find((one) => one.name === name);
  const pages = ownPages(description, can).filter((page) => page.module === name);
  const groups = (module?.groups ?? [])
    .map((group) => ({ ...group, resources: group.resources.filter((one) => !REPLACED.has(resourceKey(one))) }))
    .filter((group) => group.resources.length > 0);
  if (groups.length === 0 && pages.length === 0) {
    return (
      <Card>
        <Empty
          icon={moduleIcon(name)}
          title={<h1>{t("module.nothing", { module: labels.module(name) })}</h1>}
          actions={
            <Button asChild variant="primary">
              <Link to="/">{t("errors.to_start")}</Link>
            </Button>
          }
        >
          {t("module.nothing_hint")}
        </Empty>
      </Card>
    );
  }
  const resources = groups.flatMap((group) => group.resources);
  const main = mainResources({ name, groups }, MAIN);
  const grouped = groups.length > 1;
  return (
    <>
      <PageHead
        title={labels.module(name)}
        hint={t("module.hint")}
        actions={
          <>
            {can(`${name}_reports.read`) ? (
              <Button asChild variant="ghost">
                <Link to="/analytics/live">
                  <ChartLine aria-hidden />
                  {t("nav.reports")}
                </Link>
              </Button>
            ) : null}
            {pages.map((page) => (
              <Button key={page.to} asChild variant="ghost">
                <Link to={page.to}>
                  <page.icon aria-hidden />
                  {t(page.label)}
                </Link>
              </Button>
            ))}
            <Create resources={resources} first={main[0]} />
          </>
        }
      />
      <Figures module={name} />
      <div className="mt-4 grid items-start gap-4 xl:grid-cols-2">
        {resources.length > 0 ? <Attention resources={resources} /> : null}
        <Newest key={name} resources={main} />
      </div>
      {groups.map((group) => (
        <section key={group.name} aria-labelledby={grouped ? `group-${group.name}` : undefined} className="mt-6">
          {grouped ? (
            <h2 id={`group-${group.name}`} className="mb-2.5 font-semibold text-base">
              {t(`place.${group.name}`)}
            </h2>
          ) : null}
          {/* Cards with states are as tall as these need; the others stand together, so that none has a hole in it. */}
          <Cards resources={group.resources.filter((resource) => stateOf(resource))} />
          <Cards resources={group.resources.filter((resource) => !stateOf(resource))} />
        </section>
      ))}
    </>
  );
}

function Cards({ resources }: { resources: Resource[] }) {
  return (
    <div className="mt-3 grid gap-3 first-of-type:mt-0 empty:hidden sm:grid-cols-2 xl:grid-cols-3">
      {resources.map((resource) => (
        <ResourceCard key={resourceKey(resource)} resource={resource} />
      ))}
    </div>
  );
}

/** What can be made here: the main thing by one press, everything else from the list. */
function Create({ resources, first }: { resources: Resource[]; first: Resource | undefined }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const creatable = resources.filter((resource) => resource.verbs.includes("create"));
  const main = creatable.find((resource) => resource === first) ?? creatable[0];
  if (!main) return null;
  const importable = resources.filter((resource) => resource.verbs.includes("import"));
  return (
    <>
      {creatable.length + importable.length > 1 ? (
        <Menu
          trigger={
            <Button>
              <Plus aria-hidden />
              {t("module.create")}
            </Button>
          }
        >
          {creatable.map((resource) => {
            const Icon = iconOf(resource.module, resource.name);
            return (
              <MenuItem key={resourceKey(resource)} asChild>
                <Link to="/$module/$resource/new" params={{ module: resource.module, resource: resource.name }}>
                  <Icon aria-hidden />
                  {labels.one(resource)}
                </Link>
              </MenuItem>
            );
          })}
          {importable.slice(0, MAIN).map((resource) => (
            <MenuItem key={`import ${resourceKey(resource)}`} asChild>
              <Link to="/$module/$resource/import" params={{ module: resource.module, resource: resource.name }}>
                <FileUp aria-hidden />
                {t("import.title", { what: labels.many(resource) })}
              </Link>
            </MenuItem>
          ))}
        </Menu>
      ) : null}
      <Button asChild variant="primary">
        <Link to="/$module/$resource/new" params={{ module: main.module, resource: main.name }}>
          <Plus aria-hidden />
          {t("list.new", { what: labels.one(main) })}
        </Link>
      </Button>
    </>
  );
}
