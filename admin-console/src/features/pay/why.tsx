import { queryOptions, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatFor, timeZone, useFormat } from "@/lib/format";
import { wordsIn } from "@/lib/i18n";
import { directionOf, type Language, usePreferences } from "@/lib/preferences";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { Amount } from "./amount";
import { explanationQuery } from "./pay-api";
import { sourceOf } from "./rule-histories";
import type { ExplainedLine, ExplainedStep, UsedRule } from "./shapes";

interface WhyProps {
  salaryId: string;
  line: ExplainedLine;
  onClose: () => void;
}

const LANGUAGES: readonly Language[] = ["ar", "en"];

/**
 * How a line came about: what was known, each step with its formula and numbers, the rows of the law and of the company, and
 * the rounding. In either language, because who asks and who answers may read different ones.
 */
export function Why({ salaryId, line, onClose }: WhyProps) {
  const { t } = useTranslation();
  const preferences = usePreferences();
  const [language, setLanguage] = useState<Language>(preferences.language);
  const explanation = useQuery(explanationQuery(salaryId, language));
  const words = useQuery(wordsQuery(language)).data;
  const shown = explanation.data?.lines.find((one) => one.id === line.id);
  return (
    <Dialog
      sheet
      open
      onOpenChange={onClose}
      title={shown?.label ?? line.label}
      description={
        <span className="flex flex-wrap items-center justify-between gap-3">
          <Amount value={line.amount} className="font-semibold text-base text-ink" />
          <span className="inline-flex rounded-lg border border-line-strong bg-surface p-0.5">
            {LANGUAGES.map((one) => (
              <button
                key={one}
                type="button"
                lang={one}
                aria-pressed={one === language}
                onClick={() => setLanguage(one)}
                className="h-7 rounded-md px-2.5 text-muted text-sm hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text"
              >
                {t(`pay.in_${one as "ar"}`)}
              </button>
            ))}
          </span>
        </span>
      }
    >
      {explanation.isPending ? <RowsSkeleton /> : null}
      {explanation.isError ? <ErrorNote error={explanation.error} onRetry={explanation.refetch} /> : null}
      {shown && words ? (
        <div dir={directionOf(language)} lang={language} className="space-y-6">
          <Steps line={shown} t={words} />
          <Rules rules={shown.rules} t={words} language={language} />
        </div>
      ) : null}
    </Dialog>
  );
}

/** An explanation in the other language is in that language as a whole. */
const wordsQuery = (language: Language) =>
  queryOptions({
    queryKey: ["words", language],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => wordsIn(language),
  });

function Steps({ line, t }: { line: ExplainedLine; t: TFunction }) {
  if (line.steps.length === 0) return <p className="whitespace-pre-line text-sm">{line.text}</p>;
  return (
    <section>
      <h3 className="mb-3 font-semibold text-sm">{t("pay.steps")}</h3>
      <ol className="space-y-3">
        {line.steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are in their order and do not move
          <StepItem key={index} step={step} place={index + 1} />
        ))}
      </ol>
      {line.rounding ? <p className="mt-3 text-muted text-sm">{line.rounding}</p> : null}
    </section>
  );
}

function StepItem({ step, place }: { step: ExplainedStep; place: number }) {
  const format = useFormat();
  return (
    <li className="flex gap-3">
      <span className="num grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft font-medium text-accent-text text-xs">
        {format.number(place)}
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-4 font-medium text-sm">
          <span className="inline-block first-letter:uppercase">{step.label}</span>
          <bdi className="num whitespace-nowrap">{step.result}</bdi>
        </p>
        <p className="mt-0.5 text-muted text-sm first-letter:uppercase">{step.formula}</p>
        {step.numbers ? (
          <p className="num mt-1 overflow-x-auto rounded-md bg-sunken px-2.5 py-1.5 text-sm">
            <bdi dir="ltr">{step.numbers}</bdi>
          </p>
        ) : null}
        {step.inputs.length > 0 ? (
          <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 text-xs">
            {step.inputs.map((input) => (
              <div key={input.name} className="flex gap-1.5">
                <dt className="text-faint">{input.label}</dt>
                <dd className="num font-medium">
                  <bdi>{input.value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        ) : null}
      </div>
    </li>
  );
}

function Rules({ rules, t, language }: { rules: UsedRule[]; t: TFunction; language: Language }) {
  const { calendar } = usePreferences();
  const format = formatFor(language, calendar, timeZone());
  if (rules.length === 0) return null;
  return (
    <section>
      <h3 className="mb-3 font-semibold text-sm">{t("pay.rules_used")}</h3>
      <ul className="divide-y divide-line rounded-xl border border-line">
        {rules.map((rule) => (
          <li key={`${rule.id} ${rule.label}`} className="px-4 py-3 text-sm">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="inline-block font-medium first-letter:uppercase">{rule.label}</span>
              <span className="num whitespace-nowrap font-medium">
                <bdi>{rule.value}</bdi> {rule.unit}
              </span>
            </p>
            <p className="mt-0.5 text-muted text-xs">
              {rule.article}
              {" · "}
              {sourceOf(rule) ?? t("pay.own_rule")}
            </p>
            <p className="num mt-0.5 text-faint text-xs">
              {rule.to
                ? t("pay.holds_between", { from: format.date(rule.from), to: format.date(rule.to) })
                : t("pay.holds_since", { from: format.date(rule.from) })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
