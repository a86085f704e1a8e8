import { useInfiniteQuery } from "@tanstack/react-query";
import { History as HistoryIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Field, HistoryEntry, Page, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { api } from "@/lib/api";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { RowsSkeleton } from "@/ui/skeleton";
import { kindOf } from "../kinds/registry";

const TEXT: Field = { name: "", kind: "text" };

/** Everything that ever happened to a row: who, when, and what was before and after. */
export function History({ resource, id }: { resource: Resource; id: string }) {
  const { t } = useTranslation();
  const history = useInfiniteQuery({
    queryKey: ["rows", resourceKey(resource), "history", id],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<HistoryEntry>>(`${resource.path}/${id}/history`, { query: { after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (history.isPending) return <RowsSkeleton />;
  if (history.isError) return <ErrorNote error={history.error} onRetry={history.refetch} />;
  const entries = history.data.pages.flatMap((page) => page.data);
  if (entries.length === 0) return <Empty icon={HistoryIcon} title={t("history.none")} />;
  return (
    <Card className="px-5 py-4">
      <ol className="space-y-5">
        {entries.map((entry) => (
          <Entry key={`${entry.at} ${entry.verb}`} entry={entry} resource={resource} />
        ))}
      </ol>
      {history.hasNextPage ? (
        <Button className="mt-5" busy={history.isFetchingNextPage} onClick={() => history.fetchNextPage()}>
          {t("history.earlier")}
        </Button>
      ) : null}
    </Card>
  );
}

function Entry({ entry, resource }: { entry: HistoryEntry; resource: Resource }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const known = {
    create: "history.create",
    update: "history.update",
    delete: "history.delete",
    import: "history.import",
  };
  const verb =
    entry.verb in known ? t(known[entry.verb as "create"] as "history.create") : labels.action(resource, entry.verb);
  const changes = Object.entries(entry.changes ?? {}).filter(
    ([, change]) => entry.verb !== "create" || (change.after !== null && change.after !== undefined),
  );
  return (
    <li className="group relative ps-6">
      <span
        aria-hidden="true"
        className="absolute inset-y-0 -bottom-5 start-[0.3125rem] w-px bg-line group-last:hidden"
      />
      <span
        aria-hidden="true"
        className="absolute start-0 top-1.5 size-2.5 rounded-full bg-accent ring-4 ring-surface"
      />
      <p className="text-sm">
        <span className="font-medium">{verb}</span>
        {entry.actor ? (
          <>
            {" · "}
            <bdi>{entry.actor.name}</bdi>
          </>
        ) : null}
        <time dateTime={entry.at} title={format.instant(entry.at)} className="ms-2 text-faint">
          {format.instant(entry.at)}
        </time>
      </p>
      {changes.length > 0 ? (
        <dl className="mt-2 grid gap-1.5 text-sm sm:grid-cols-[minmax(8rem,14rem)_1fr]">
          {changes.map(([name, change]) => {
            const field = resource.fields.find((one) => one.name === name) ?? { ...TEXT, name };
            const { Cell } = kindOf(field.kind);
            return (
              <div key={name} className="contents">
                <dt className="text-muted">{labels.field(resource, name)}</dt>
                <dd className="flex min-w-0 flex-wrap items-center gap-2">
                  {entry.verb === "create" ? null : (
                    <>
                      <span className="text-muted line-through decoration-faint/60">
                        <Cell field={field} resource={resource} value={change.before} />
                      </span>
                      <ArrowEnd className="size-3.5 text-faint" />
                    </>
                  )}
                  <Cell field={field} resource={resource} value={change.after} />
                </dd>
              </div>
            );
          })}
        </dl>
      ) : null}
    </li>
  );
}
