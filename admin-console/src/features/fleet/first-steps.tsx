import { Link } from "@tanstack/react-router";
import { Bike, Blocks, Check, type LucideIcon, Truck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan, useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";

interface Step {
  name: "couriers" | "vehicles" | "connect";
  icon: LucideIcon;
  count: number;
  to: string;
  allowed: boolean;
}

/** What a new company does first, one thing after another, and how far it has come. */
export function FirstSteps({ vehicles, couriers }: { vehicles: number; couriers: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const canImport = (verbs: string[] | undefined) => verbs?.includes("import") ?? false;
  const steps: Step[] = [
    {
      name: "couriers",
      icon: Bike,
      count: couriers,
      to: "/fleet/couriers/import",
      allowed: canImport(useResource("fleet.couriers")?.verbs),
    },
    {
      name: "vehicles",
      icon: Truck,
      count: vehicles,
      to: "/fleet/vehicles/import",
      allowed: canImport(useResource("fleet.vehicles")?.verbs),
    },
    { name: "connect", icon: Blocks, count: 0, to: "/integrations/plugins", allowed: useCan()("plugins.read") },
  ];
  const next = steps.findIndex((step) => step.count === 0);
  return (
    <section aria-labelledby="first-steps" className="max-w-4xl">
      <h2 id="first-steps" className="font-semibold text-lg">
        {t("first.title")}
      </h2>
      <p className="mt-1 mb-4 text-muted text-sm">{t("first.hint")}</p>
      <ol className="space-y-3">
        {steps.map((step, index) => {
          const done = step.count > 0;
          const Icon = done ? Check : step.icon;
          return (
            <li key={step.name}>
              <Card
                className={cn(
                  "flex flex-wrap items-center gap-4 p-5",
                  index === next && "border-accent ring-1 ring-accent/30",
                )}
              >
                <span
                  className={cn(
                    "grid size-11 shrink-0 place-items-center rounded-full",
                    done ? "bg-ok-soft text-ok" : "bg-accent-soft text-accent-text",
                  )}
                >
                  <Icon className="size-5" aria-hidden />
                </span>
                <div className="min-w-52 flex-1">
                  <h3 className="font-medium">
                    <span className="num me-1.5 text-faint">{format.number(index + 1)}</span>
                    {t(`first.${step.name}`)}
                  </h3>
                  <p className="text-muted text-sm">
                    {done
                      ? t("first.done", { count: step.count, shown: format.number(step.count) })
                      : t(`first.${step.name}_hint`)}
                  </p>
                </div>
                {step.allowed ? (
                  <Button asChild variant={index === next ? "primary" : "secondary"}>
                    <Link to={step.to}>{t(`first.${step.name}_action`)}</Link>
                  </Button>
                ) : null}
              </Card>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
