import type { Resource } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { type Crumb, Trail } from "@/ui/trail";

/** The way up from a page of a resource: its module, its list. */
export function ResourceTrail({ resource, more = [] }: { resource: Resource; more?: Crumb[] }) {
  const labels = useLabels();
  return (
    <Trail
      crumbs={[
        { label: labels.module(resource.module), to: `/m/${resource.module}` },
        { label: labels.many(resource), to: `/${resource.module}/${resource.name}` },
        ...more,
      ]}
    />
  );
}

/** The way up from a list. */
export function ModuleTrail({ resource }: { resource: Resource }) {
  const labels = useLabels();
  return <Trail crumbs={[{ label: labels.module(resource.module), to: `/m/${resource.module}` }]} />;
}
