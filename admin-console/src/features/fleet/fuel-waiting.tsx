import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { CircleCheckBig, CreditCard, MapPin, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Resource, Row } from "@/api/model";
import { useCan, useCurrency, useResource } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { countQuery, listQuery, runAction } from "@/lib/resource-api";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { Plate } from "@/resource/kinds/plate";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { ChevronEnd } from "@/ui/icons";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { RowsSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { matchAgain } from "./fuel-api";

const STATES = ["doubtful", "unmatched"] as const;
const ALL = STATES.join(",");
const PAGE = 20;

/** Card transactions that the rules could not give to a vehicle: a person reads why, and settles them. */
export function FuelWaiting() {
  const { t } = useTranslation();
  const resource = useResource("fleet.fuel_transactions");
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  return <Waiting resource={resource} />;
}

function Waiting({ resource }: { resource: Resource }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const can = useCan();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const state = STATES.find((one) => one === search.match_status);
  const query = { "match_status.in": state ?? ALL, sort: "-at", limit: PAGE, after: search.after };
  const rows = useQuery(listQuery(resource, query));
  const [settling, setSettling] = useState<{ row: Row; action: Action }>();
  const go = (next: Record<string, string>) => navigate({ to: "/fleet/fuel-waiting", search: next });

  return (
    <>
      <PageHead
        title={t("waiting.title")}
        hint={t("waiting.hint")}
        actions={can("fuel_transactions.match") ? <MatchAgain /> : null}
      />
      <Tabs
        value={state ?? "all"}
        onChange={(next) => go(next === "all" ? {} : { match_status: next })}
        label={t("waiting.title")}
        tabs={[
          { value: "all", label: t("waiting.all"), count: <Count resource={resource} states={ALL} /> },
          ...STATES.map((one) => ({
            value: one,
            label: labels.choice(resource, "match_status", one),
            count: <Count resource={resource} states={one} />,
          })),
        ]}
      >
        <TabPanel value={state ?? "all"}>
          {rows.isPending ? <RowsSkeleton /> : null}
          {rows.isError ? <ErrorNote error={rows.error} onRetry={rows.refetch} /> : null}
          {rows.data?.data.length === 0 ? (
            <Card>
              <Empty icon={CircleCheckBig} title={t("waiting.none")}>
                {t("waiting.none_hint")}
              </Empty>
            </Card>
          ) : null}
          <ul className="space-y-3">
            {rows.data?.data.map((row) => (
              <li key={row.id}>
                <Transaction resource={resource} row={row} onSettle={(action) => setSettling({ row, action })} />
              </li>
            ))}
          </ul>
          {rows.data?.next || search.after ? (
            <div className="mt-4 flex justify-between">
              <Button disabled={!search.after} onClick={() => go(state ? { match_status: state } : {})}>
                {t("list.first_page")}
              </Button>
              <Button
                disabled={!rows.data?.next}
                onClick={() => go({ ...(state ? { match_status: state } : {}), after: rows.data?.next ?? "" })}
              >
                {t("list.next")}
                <ChevronEnd />
              </Button>
            </div>
          ) : null}
        </TabPanel>
      </Tabs>
      {settling ? (
        <ActionDialog
          resource={resource}
          row={settling.row}
          action={settling.action}
          onClose={() => setSettling(undefined)}
        />
      ) : null}
    </>
  );
}

function MatchAgain() {
  const { t } = useTranslation();
  const again = useMutation({
    mutationFn: matchAgain,
    onSuccess: (result) => toast(t("waiting.matched_again", { count: result.changed })),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Button busy={again.isPending} onClick={() => again.mutate()}>
      {again.isPending ? null : <RotateCw aria-hidden />}
      {t("waiting.match_again")}
    </Button>
  );
}

function Count({ resource, states }: { resource: Resource; states: string }) {
  const format = useFormat();
  const count = useQuery(countQuery(resource, { "match_status.in": states }));
  return count.data === undefined ? null : format.number(count.data);
}

interface TransactionProps {
  resource: Resource;
  row: Row;
  onSettle: (action: Action) => void;
}

function Transaction({ resource, row, onSettle }: TransactionProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const own = useCurrency();
  const status = String(row.match_status);
  const assign = resource.actions?.find((action) => action.name === "assign");
  const ignore = resource.actions?.find((action) => action.name === "ignore");
  const currency = typeof row.currency === "string" ? row.currency : own;
  const place = [row.station_name, row.station_city].filter(Boolean).join(" · ");
  return (
    <Card className="p-4 sm:px-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2">
            <Link
              to="/$module/$resource/$id"
              params={{ module: resource.module, resource: resource.name, id: row.id }}
              className="font-medium hover:text-accent-text hover:underline"
            >
              {format.instant(String(row.at))}
            </Link>
            <Badge tone={status === "doubtful" ? "warn" : "bad"} dot>
              {labels.choice(resource, "match_status", status)}
            </Badge>
          </p>
          {place ? (
            <p className="mt-1 flex items-center gap-1.5 text-muted text-sm">
              <MapPin className="size-4 shrink-0 text-faint" aria-hidden />
              <bdi>{place}</bdi>
            </p>
          ) : null}
        </div>
        <p className="num text-end">
          <span className="font-semibold">
            {format.number(String(row.amount), 2)} {format.currency(currency)}
          </span>
          <span className="block text-muted text-sm">
            {format.upTo(String(row.volume_l), 3)} {t("unit.l")}
          </span>
        </p>
      </div>
      <div className="mt-3 grid items-start gap-3 lg:grid-cols-2">
        <References resource={resource} row={row} />
        <Reasons reasons={row.match_reasons} />
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        {assign && row.vehicle_id ? <ConfirmMatch resource={resource} row={row} /> : null}
        {assign ? (
          <Button size="sm" variant={row.vehicle_id ? "secondary" : "primary"} onClick={() => onSettle(assign)}>
            {row.vehicle_id ? t("waiting.other_vehicle") : t("waiting.assign")}
          </Button>
        ) : null}
        {ignore ? (
          <Button size="sm" variant="ghost" onClick={() => onSettle(ignore)}>
            {labels.action(resource, "ignore")}
          </Button>
        ) : null}
      </div>
    </Card>
  );
}

const REFERENCES = ["card_ref", "plate_ref", "plate_ref_ar", "vin_ref", "internal_ref", "driver_ref"] as const;

/** What the provider said about the vehicle, as it said it. */
function References({ resource, row }: { resource: Resource; row: Row }) {
  const labels = useLabels();
  const known = REFERENCES.filter((name) => row[name]);
  if (known.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-2 text-sm">
      {known.map((name) => (
        <div key={name}>
          <dt className="text-faint text-xs">{labels.field(resource, name)}</dt>
          <dd className="mt-0.5">
            {name.startsWith("plate") ? (
              <Plate value={String(row[name])} />
            ) : (
              <span className="num inline-flex items-center gap-1.5">
                {name === "card_ref" ? <CreditCard className="size-4 text-faint" aria-hidden /> : null}
                <bdi>{String(row[name])}</bdi>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Reasons({ reasons }: { reasons: unknown }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const list = Array.isArray(reasons) ? reasons.map(String) : [];
  if (list.length === 0) return null;
  return (
    <div className="rounded-lg bg-sunken px-3 py-2 text-sm">
      <p className="text-faint text-xs">{t("waiting.why")}</p>
      <ul className="mt-0.5 space-y-0.5">
        {list.map((reason) => (
          <li key={reason}>{labels.problem(reason) ?? reason}</li>
        ))}
      </ul>
    </div>
  );
}

/** The rules have a vehicle in mind but are not sure: one press says that they are right. */
function ConfirmMatch({ resource, row }: { resource: Resource; row: Row }) {
  const { t } = useTranslation();
  const vehicle = String(row.vehicle_title ?? String(row.vehicle_id).slice(-8));
  const confirm = useMutation({
    mutationFn: () => runAction(resource, row.id, "assign", { vehicle_id: row.vehicle_id }),
    onSuccess: () => toast(t("waiting.assigned", { vehicle })),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Button size="sm" variant="primary" busy={confirm.isPending} onClick={() => confirm.mutate()}>
      {t("waiting.confirm")}
      <bdi>{vehicle}</bdi>
    </Button>
  );
}
