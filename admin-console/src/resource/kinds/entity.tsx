import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Resource } from "@/api/model";
import { useDescription, useResource } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { rowQuery, titleOf } from "@/lib/resource-api";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isId(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** "fleet.vehicles" as people call one of them. */
export function EntityKind({ name }: { name: string }) {
  const labels = useLabels();
  const target = useResource(name);
  return <bdi>{target ? labels.one(target) : name}</bdi>;
}

/** Leads to the row that an id stands for, by the row's name: an id says nothing to anybody. */
export function EntityLink({ target, id }: { target: Resource; id: string }) {
  const row = useQuery({ ...rowQuery(target, id), retry: false });
  const labels = useLabels();
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: target.module, resource: target.name, id }}
      className="rounded text-accent-text underline-offset-4 hover:underline"
    >
      <bdi>{row.data ? titleOf(target, row.data) : labels.one(target)}</bdi>
    </Link>
  );
}

/** The row of an id whose kind stands beside it; the end of the id where this caller may not see such rows. */
export function EntityById({ of, id }: { of: string; id: string }) {
  const target = useResource(of);
  return target ? <EntityLink target={target} id={id} /> : <bdi>{id.slice(-8)}</bdi>;
}

/** Names of resources are unique over all modules, so `courier_id` says enough. */
export function EntityByName({ name, id }: { name: string; id: string }) {
  const plural = `${name.replace(/_id$/, "")}s`;
  const target = useDescription()
    .modules.flatMap((module) => module.resources)
    .find((resource) => resource.name === plural);
  return target ? <EntityLink target={target} id={id} /> : <bdi>{id.slice(-8)}</bdi>;
}
