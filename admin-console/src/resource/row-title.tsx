import { Fragment } from "react";
import type { Resource, Row } from "@/api/model";
import { titleParts } from "@/lib/resource-api";

/** What a row is called. Its parts stand in the page's order, and each keeps its own direction inside. */
export function RowTitle({ resource, row }: { resource: Resource; row: Row }) {
  return titleParts(resource, row).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same words may stand twice, and parts do not move
    <Fragment key={index}>
      {index > 0 ? " · " : null}
      <bdi>{part}</bdi>
    </Fragment>
  ));
}
