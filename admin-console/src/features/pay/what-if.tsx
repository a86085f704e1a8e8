import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Trail } from "@/ui/trail";
import { Compared } from "./comparison";
import { askWhatIf, REFUSALS, RUNS, runQuery, salariesQuery } from "./pay-api";
import { monthOf } from "./run-steps";
import type { Run, Salary, WhatIf } from "./shapes";
import { askedFor, type Typed } from "./what-if-asked";
import { CategoryNumbers, CourierNumbers } from "./what-if-fields";

/** Other numbers tried on a run: what each courier would come to. Nothing is stored. */
export function WhatIfPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const resource = useResource(RUNS);
  const run = useQuery({ ...runQuery(id), enabled: resource !== undefined });
  const salaries = useQuery({ ...salariesQuery(id), enabled: resource !== undefined });
  if (!resource) return <Note kind="warn">{t("errors.forbidden")}</Note>;
  if (run.isPending || salaries.isPending) return <PageSkeleton />;
  if (run.isError) return <ErrorNote error={run.error} onRetry={run.refetch} />;
  if (salaries.isError) return <ErrorNote error={salaries.error} onRetry={salaries.refetch} />;
  return <WhatIfForm run={run.data} salaries={salaries.data} />;
}

const NOTHING: Typed = { category: "", numbers: {}, courierId: "", inputs: {} };

function WhatIfForm({ run, salaries }: { run: Run; salaries: Salary[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [of, setOf] = useState<"category" | "courier">("category");
  const [typed, setTyped] = useState<Typed>({ ...NOTHING, category: salaries[0]?.category ?? "" });
  const asked = askedFor(of, typed, salaries);
  const ask = useMutation({ mutationFn: () => askWhatIf(run.id, asked ?? { changes: {} }) });
  const month = format.month(monthOf(run));
  const change = (next: Partial<Typed>) => setTyped({ ...typed, ...next });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (asked) ask.mutate();
  }
  return (
    <>
      <PageHead
        trail={
          <Trail
            crumbs={[
              { label: t("nav.payroll"), to: "/hr/payroll" },
              { label: month, to: `/hr/payroll/${run.id}` },
            ]}
          />
        }
        title={t("pay.what_if")}
        hint={t("pay.what_if_hint")}
      />
      <Card className="p-5">
        <form onSubmit={submit} noValidate>
          <Tabs
            value={of}
            onChange={(next) => setOf(next === "courier" ? "courier" : "category")}
            label={t("pay.what_if")}
            tabs={[
              { value: "category", label: t("pay.of_category") },
              { value: "courier", label: t("pay.of_courier") },
            ]}
          >
            <TabPanel value="category">
              <CategoryNumbers run={run} salaries={salaries} typed={typed} onChange={change} />
            </TabPanel>
            <TabPanel value="courier">
              <CourierNumbers salaries={salaries} typed={typed} onChange={change} />
            </TabPanel>
          </Tabs>
          <div className="mt-5 flex flex-wrap items-center gap-3">
            <Button type="submit" variant="primary" busy={ask.isPending} disabled={!asked}>
              <FlaskConical aria-hidden />
              {t("pay.try_it")}
            </Button>
            <Button
              onClick={() => {
                setTyped({ ...NOTHING, category: typed.category });
                ask.reset();
              }}
            >
              {t("common.clear")}
            </Button>
            <p className="text-faint text-sm">{t("pay.nothing_stored")}</p>
          </div>
        </form>
      </Card>
      <div className="mt-6" aria-live="polite">
        {ask.error ? <ErrorNote error={ask.error} /> : null}
        {ask.data ? <Outcome outcome={ask.data} /> : null}
        {!ask.data && !ask.error ? (
          <Card>
            <Empty icon={FlaskConical} title={t("pay.what_if_none")}>
              {t("pay.what_if_none_hint")}
            </Empty>
          </Card>
        ) : null}
      </div>
    </>
  );
}

function Outcome({ outcome }: { outcome: WhatIf }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const refused = outcome.rows.flatMap((row) => (row.refused ? [{ row, refusal: row.refused }] : []));
  return (
    <>
      {refused.length > 0 ? (
        <Note
          kind="warn"
          className="mb-4"
          title={t("pay.refused", { count: refused.length, shown: format.number(refused.length) })}
        >
          <ul className="mt-1 list-disc ps-4">
            {refused.slice(0, 8).map(({ row, refusal }) => (
              <li key={row.courier_id}>
                <bdi>{row.courier_name}</bdi>
                {": "}
                {labels.choice(REFUSALS, "code", refusal.code)}
              </li>
            ))}
          </ul>
        </Note>
      ) : null}
      <Compared comparison={outcome} words={{ before: t("pay.as_it_is"), now: t("pay.with_changes") }} />
    </>
  );
}
