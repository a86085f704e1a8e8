import { Link } from "@tanstack/react-router";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { keep, kept } from "@/lib/kept";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { type Step, useSteps } from "./steps";

const DISMISSED = "setup.dismissed";
const isTrue = (value: unknown): value is true => value === true;

/** What is still to be done before a company works with this: gone once it is done, or when the reader sends it away. */
export function Setup() {
  const { support, membership } = useMe();
  const [dismissed, setDismissed] = useState(() => kept(DISMISSED, isTrue) ?? false);
  // Who is only visiting sets nothing up.
  if (dismissed || support || membership === "visitor") return null;
  return (
    <Checklist
      onDismiss={() => {
        keep(DISMISSED, true);
        setDismissed(true);
      }}
    />
  );
}

function Checklist({ onDismiss }: { onDismiss: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const steps = useSteps();
  const done = steps?.filter((step) => step.done).length ?? 0;
  if (!steps || done === steps.length) return null;
  const next = steps.find((step) => !step.done);
  return (
    <Card className="mb-5 pb-2">
      <CardHead
        title={t("first.title")}
        hint={t("first.hint")}
        actions={
          <>
            <span className="num text-muted text-sm">
              {t("first.progress", { done: format.number(done), all: format.number(steps.length) })}
            </span>
            <Button variant="ghost" size="icon" aria-label={t("first.dismiss")} onClick={onDismiss}>
              <X aria-hidden />
            </Button>
          </>
        }
      />
      <div
        role="progressbar"
        aria-label={t("first.title")}
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={steps.length}
        className="mx-5 mb-2 h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <div className="h-full rounded-full bg-accent" style={{ inlineSize: `${(done / steps.length) * 100}%` }} />
      </div>
      <ol className="grid lg:grid-cols-2">
        {steps.map((step) => (
          <Row key={step.name} step={step} isNext={step === next} />
        ))}
      </ol>
    </Card>
  );
}

function Row({ step, isNext }: { step: Step; isNext: boolean }) {
  const { t } = useTranslation();
  const Icon = step.done ? Check : step.icon;
  return (
    <li className="flex items-center gap-3 px-5 py-2.5">
      <span
        className={cn(
          "grid size-9 shrink-0 place-items-center rounded-full",
          step.done ? "bg-ok-soft text-ok" : "bg-accent-soft text-accent-text",
        )}
      >
        <Icon className="size-4.5" aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className={cn("font-medium text-sm", step.done && "text-muted")}>
          {t(`first.${step.name}`)}
          {step.done ? <span className="sr-only">{t("first.done")}</span> : null}
        </p>
        {step.done ? null : <p className="text-muted text-xs">{t(`first.${step.name}_hint`)}</p>}
      </div>
      {step.done ? null : (
        <Button asChild size="sm" variant={isNext ? "primary" : "secondary"}>
          <Link to={step.to} search={step.search ?? {}}>
            {t(`first.${step.name}_action`)}
          </Link>
        </Button>
      )}
    </li>
  );
}
