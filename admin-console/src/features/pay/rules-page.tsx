import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { today, useFormat } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { DateField } from "@/ui/date-field";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { SearchField } from "@/ui/search-field";
import { RowsSkeleton } from "@/ui/skeleton";
import { Trail } from "@/ui/trail";
import { rulesQuery } from "./pay-api";
import { holdsOn, type RuleHistory, ruleHistories, sourceOf } from "./rule-histories";
import type { PayRule } from "./shapes";

/** The numbers that pay is counted with, of the law and of the company, on any day, each with its article and its history. */
export function RulesPage() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [on, setOn] = useState(today());
  const [search, setSearch] = useState("");
  const rules = useQuery(rulesQuery(on, language));
  const histories = useMemo(() => ruleHistories(rules.data ?? [], on, search), [rules.data, on, search]);
  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: t("nav.payroll"), to: "/hr/payroll" }]} />}
        title={t("nav.pay_rules")}
        hint={t("pay.rules_hint")}
      />
      <Card>
        <div className="flex flex-wrap items-end gap-3 p-4">
          <SearchField
            label={t("pay.find_rule")}
            className="min-w-48 flex-1 sm:max-w-sm"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <label htmlFor="rules-on" className="w-44 text-faint text-xs">
            {t("pay.on_day")}
            <DateField
              id="rules-on"
              value={on}
              onChange={(day) => (day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? setOn(day) : undefined)}
            />
          </label>
        </div>
        {rules.isPending ? <RowsSkeleton /> : null}
        {rules.isError ? <ErrorNote error={rules.error} onRetry={rules.refetch} className="m-4" /> : null}
        {rules.data && histories.length === 0 ? (
          <p className="px-5 py-8 text-center text-muted text-sm">{t("common.nothing_found")}</p>
        ) : null}
        <ul className="divide-y divide-line border-line border-t">
          {histories.map((history) => (
            <li key={history.id}>
              <RuleItem history={history} on={on} />
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function RuleItem({ history, on }: { history: RuleHistory; on: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { now, rows } = history;
  const shown = now ?? rows[0];
  if (!shown) return null;
  return (
    <details className="group">
      <summary className="flex cursor-pointer flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-sm hover:bg-hover/60">
        <ChevronEnd className="size-4 shrink-0 text-faint transition-transform group-open:rotate-90 rtl:group-open:-rotate-90" />
        <span className="min-w-48 flex-1 font-medium">{shown.title}</span>
        {shown.own ? <Badge tone="accent">{t("pay.own_rule")}</Badge> : null}
        {now ? (
          <Value rule={now} />
        ) : (
          <span className="text-warn">{t("pay.no_rule_on", { day: format.date(on) })}</span>
        )}
        <span className="w-full ps-8 text-faint text-xs">
          {shown.article}
          {rows.length > 1
            ? ` · ${t("pay.versions", { count: rows.length, shown: format.number(rows.length) })}`
            : null}
        </span>
      </summary>
      <ol className="border-line border-t bg-sunken px-5 py-2">
        {rows.map((rule) => (
          <li
            key={`${rule.from} ${rule.own}`}
            className={cn(
              "flex flex-wrap items-baseline gap-x-6 gap-y-0.5 py-2 text-sm",
              holdsOn(rule, on) || "text-muted",
            )}
          >
            <span className="num w-64 max-sm:w-full">
              {rule.to
                ? t("pay.holds_between", { from: format.date(rule.from), to: format.date(rule.to) })
                : t("pay.holds_since", { from: format.date(rule.from) })}
            </span>
            <span className="w-36">
              <Value rule={rule} />
            </span>
            <span className="min-w-60 flex-1 text-faint text-xs">
              {[rule.article, sourceOf(rule) ?? t("pay.own_rule")].join(" · ")}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Value({ rule }: { rule: PayRule }) {
  const format = useFormat();
  return (
    <span className="num whitespace-nowrap">
      <bdi className="font-medium">{format.upTo(rule.value, 6)}</bdi> <span className="text-muted">{rule.unit}</span>
    </span>
  );
}
