import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { accessQueries, type RoleChange } from "./access-api";
import { type Difference, type Part, type Places, type Scope, turnOf } from "./permissions";
import { Differences, TurnCounts } from "./turn-badge";

/** How many differences are shown at once; of more, how many there are. */
const SHOWN = 12;

interface RoleHistoryProps {
  id: string;
  parts: Part[];
  places: Places;
}

/** Who changed the role, and how. */
export function RoleHistory({ id, parts, places }: RoleHistoryProps) {
  const { t } = useTranslation();
  const history = useQuery(accessQueries.roleHistory(id));
  if (history.isPending) return <RowsSkeleton />;
  if (history.isError) return <ErrorNote error={history.error} onRetry={history.refetch} />;
  if (history.data.length === 0) return <Empty icon={History} title={t("history.none")} />;
  return (
    <Card>
      <ol className="divide-y divide-line">
        {history.data.map((change) => (
          <li key={`${change.at} ${change.verb}`} className="px-5 py-4">
            <OneChange change={change} parts={parts} places={places} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

interface Turned {
  before?: unknown;
  after?: unknown;
}

const TEXTS = ["name", "description"];

function differencesOf(change: RoleChange): Difference[] {
  return Object.entries(change.changes as Record<string, Turned>).flatMap(([name, { before, after }]) => {
    if (TEXTS.includes(name)) return [];
    const scopes = [before, after].map((scope) => (scope ?? undefined) as Scope | undefined);
    const turn = turnOf(scopes[0], scopes[1]);
    return turn ? [{ name, before: scopes[0], after: scopes[1], turn }] : [];
  });
}

function OneChange({ change, parts, places }: { change: RoleChange; parts: Part[]; places: Places }) {
  const { t } = useTranslation();
  const format = useFormat();
  const items = differencesOf(change);
  const texts = TEXTS.flatMap((name) => {
    const turned = (change.changes as Record<string, Turned>)[name];
    return turned && (turned.before ?? turned.after) !== undefined && turned.before !== turned.after
      ? [{ name, ...turned }]
      : [];
  });
  const verbs: Record<string, string> = {
    created: t("history.create"),
    updated: t("history.update"),
    deleted: t("history.delete"),
  };
  return (
    <>
      <p className="text-sm">
        <span className="font-medium">{verbs[change.verb] ?? change.verb}</span>
        {" · "}
        <bdi>{change.by_name}</bdi>
        <time dateTime={change.at} title={format.instant(change.at)} className="ms-2 text-faint">
          {format.ago(change.at)}
        </time>
      </p>
      {change.verb === "updated"
        ? texts.map((text) => (
            <p key={text.name} className="mt-1 text-muted text-sm">
              {text.name === "name"
                ? t("roles.renamed", { before: String(text.before ?? ""), after: String(text.after ?? "") })
                : t("roles.redescribed")}
            </p>
          ))
        : null}
      {items.length > 0 ? (
        <details className="mt-2" open={items.length <= SHOWN && change.verb === "updated"}>
          <summary className="cursor-pointer text-muted text-sm">
            <TurnCounts items={items} />
          </summary>
          <div className="mt-2">
            <Differences items={items} parts={parts} places={places} />
          </div>
        </details>
      ) : null}
    </>
  );
}
