import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Resource } from "@/api/model";
import { useCurrency } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { rowQuery } from "@/lib/resource-api";
import { ActionDialog } from "@/resource/detail/action-dialog";
import { actionApplies } from "@/resource/detail/applies";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { RowsSkeleton } from "@/ui/skeleton";
import { type Instalment, LOANS, type Schedule, scheduleQuery } from "./loan-api";

const TONES: Record<string, Tone> = {
  planned: "neutral",
  skipped: "warn",
  postponed: "warn",
  reduced: "info",
  paid: "ok",
  called_off: "neutral",
};

/** What is done with one month's instalment; paying the whole off is an action of the loan. */
const OF_A_MONTH = ["pay_part", "skip", "postpone"] as const;

/** The instalments of a loan: what is paid, what is due next, and each month's own arrangements. */
export function LoanSchedule({ resource, id }: { resource: Resource; id: string }) {
  const { t } = useTranslation();
  const schedule = useQuery(scheduleQuery(id));
  if (schedule.isPending) return <RowsSkeleton rows={4} />;
  if (schedule.isError) return <ErrorNote error={schedule.error} onRetry={schedule.refetch} className="mb-4" />;
  if (schedule.data.instalments.length === 0) return null;
  return (
    <Card className="mb-6">
      <CardHead
        title={t("loan.schedule")}
        hint={schedule.data.status === "pending" ? t("loan.as_planned") : undefined}
      />
      <Paid schedule={schedule.data} />
      <ol className="divide-y divide-line border-line border-t">
        {schedule.data.instalments.map((one) => (
          <Item key={one.position} one={one} resource={resource} loanId={id} schedule={schedule.data} />
        ))}
      </ol>
    </Card>
  );
}

function Paid({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const format = useFormat();
  const currency = format.currency(useCurrency());
  const share = Number(schedule.principal) > 0 ? Number(schedule.paid) / Number(schedule.principal) : 0;
  const amount = (value: string) => `\u2068${format.number(value, 2)}\u2069 ${currency}`;
  return (
    <div className="px-5 pb-4">
      <span aria-hidden="true" className="block h-2 overflow-hidden rounded-full bg-hover">
        <span className="block h-full rounded-full bg-ok" style={{ width: `${share * 100}%` }} />
      </span>
      <p className="num mt-2 flex flex-wrap justify-between gap-x-6 gap-y-1 text-muted text-sm">
        <span>{t("loan.paid_of", { paid: amount(schedule.paid), principal: amount(schedule.principal) })}</span>
        <span>{t("loan.outstanding", { amount: amount(schedule.outstanding) })}</span>
        {Number(schedule.called_off) > 0 ? (
          <span>{t("loan.called_off", { amount: amount(schedule.called_off) })}</span>
        ) : null}
      </p>
    </div>
  );
}

interface ItemProps {
  one: Instalment;
  resource: Resource;
  loanId: string;
  schedule: Schedule;
}

function Item({ one, resource, loanId, schedule }: ItemProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const row = useQuery(rowQuery(resource, loanId)).data;
  const [running, setRunning] = useState<Action>();
  const open = one.state !== "paid" && one.state !== "called_off" && one.id !== null;
  const actions = row
    ? OF_A_MONTH.flatMap((name) => resource.actions?.find((action) => action.name === name) ?? []).filter((action) =>
        actionApplies(action, row),
      )
    : [];
  const isNext = schedule.next_due_on === one.due_on && open;
  const moved = one.planned_on !== one.due_on;
  return (
    <li
      className={cn(
        "flex flex-wrap items-center gap-x-2 gap-y-1 px-5 py-2.5 text-sm sm:gap-x-4",
        isNext && "bg-accent-soft/50",
      )}
    >
      <span className="num w-6 shrink-0 text-faint max-sm:hidden">{format.number(one.position)}</span>
      <span className="min-w-32 flex-1">
        <span className={cn("font-medium", !open && "text-muted")}>{format.month(one.due_on.slice(0, 7))}</span>
        {moved ? (
          <span className="ms-2 text-faint text-xs">
            {t("loan.first_planned", { month: format.month(one.planned_on.slice(0, 7)) })}
          </span>
        ) : null}
        {one.settled_on && !open ? (
          <span className="ms-2 text-faint text-xs">{t("loan.settled", { day: format.date(one.settled_on) })}</span>
        ) : null}
      </span>
      <Badge tone={isNext ? "accent" : (TONES[one.state] ?? "neutral")}>
        {isNext && one.state === "planned" ? t("loan.next") : t(`loan.state.${one.state as "planned"}`)}
      </Badge>
      <span className="num num-column w-20 sm:w-36 whitespace-nowrap">
        <bdi className="font-medium">{format.number(one.amount, 2)}</bdi>
        {open && Number(one.paid) > 0 ? (
          <span className="block text-faint text-xs">{t("loan.left", { amount: format.number(one.left, 2) })}</span>
        ) : null}
      </span>
      <span className="w-8 max-sm:empty:hidden">
        {open && actions.length > 0 ? (
          <Menu
            trigger={
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("loan.change_of", { month: format.month(one.due_on.slice(0, 7)) })}
              >
                <Ellipsis aria-hidden />
              </Button>
            }
          >
            {actions.map((action) => (
              <MenuItem key={action.name} onSelect={() => setRunning(action)}>
                {labels.action(LOANS, action.name)}
              </MenuItem>
            ))}
          </Menu>
        ) : null}
      </span>
      {running && row ? (
        <ActionDialog
          resource={resource}
          row={row}
          action={running}
          preset={{ month: one.due_on }}
          onClose={() => setRunning(undefined)}
        />
      ) : null}
    </li>
  );
}
