import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import type { Outcome, Upload } from "./import-api";
import { RejectedButton } from "./rejected-button";

interface OutcomeStepProps {
  resource: Resource;
  upload: Upload;
  outcome: Outcome;
  onAgain: () => void;
}

export function OutcomeStep({ resource, upload, outcome, onAgain }: OutcomeStepProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const left = [
    { name: "existing", count: outcome.existing },
    { name: "repeated", count: outcome.repeated },
    { name: "bad", count: outcome.bad },
  ] as const;
  return (
    <Card className="flex max-w-3xl flex-col items-center px-6 py-12 text-center">
      <span className="mb-4 grid size-14 place-items-center rounded-full bg-ok-soft text-ok">
        <CircleCheck className="size-7" aria-hidden />
      </span>
      <div role="status">
        <h2 className="font-semibold text-xl">
          {t("import.created", {
            count: outcome.created,
            shown: format.number(outcome.created),
            what: labels.many(resource),
          })}
        </h2>
      </div>
      <ul className="mt-2 space-y-0.5 text-muted text-sm">
        {left
          .filter((one) => one.count > 0)
          .map((one) => (
            <li key={one.name}>
              {t(`import.left_${one.name}`, { count: one.count, shown: format.number(one.count) })}
            </li>
          ))}
      </ul>
      <div className="mt-6 flex flex-wrap justify-center gap-2">
        {outcome.bad > 0 ? <RejectedButton resource={resource} upload={upload} /> : null}
        <Button onClick={onAgain}>{t("import.another")}</Button>
        <Button asChild variant="primary">
          <Link to="/$module/$resource" params={{ module: resource.module, resource: resource.name }}>
            {t("import.to_list", { what: labels.many(resource) })}
          </Link>
        </Button>
      </div>
    </Card>
  );
}
