import { useMutation } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { useLabels } from "@/lib/labels";
import { PageHead } from "@/ui/page";
import { Trail } from "@/ui/trail";
import { CheckStep } from "./check-step";
import { FileStep } from "./file-step";
import {
  type CheckResult,
  checkImport,
  commitImport,
  type Mapping,
  type Outcome,
  type Upload,
  uploadFile,
} from "./import-api";
import { MapStep } from "./map-step";
import { OutcomeStep } from "./outcome-step";

type Stage =
  | { step: "file" }
  | { step: "map"; upload: Upload; checked?: CheckResult }
  | { step: "check"; upload: Upload; checked: CheckResult }
  | { step: "done"; upload: Upload; outcome: Outcome };

const STEPS = ["file", "map", "check", "done"] as const;

/** From a file to rows: choose it, say what its columns mean, see what would happen, and only then let it happen. */
export function ImportWizard({ resource }: { resource: Resource }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [stage, setStage] = useState<Stage>({ step: "file" });
  const [mapping, setMapping] = useState<Mapping>({});

  const upload = useMutation({
    mutationFn: ({ file, encoding }: { file: File; encoding: string }) => uploadFile(resource, file, encoding),
    onSuccess: (result) => {
      setMapping(result.mapping ?? {});
      setStage({ step: "map", upload: result });
    },
  });
  const check = useMutation({
    mutationFn: (of: Upload) => checkImport(resource, of.id, mapping),
    onSuccess: (checked, of) => {
      setStage({ step: "check", upload: of, checked });
      window.scrollTo({ top: 0 });
    },
  });
  const commit = useMutation({
    mutationFn: (of: Upload) => commitImport(resource, of.id),
    onSuccess: (outcome, of) => setStage({ step: "done", upload: of, outcome }),
  });

  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: labels.many(resource), to: `/${resource.module}/${resource.name}` }]} />}
        title={t("import.title", { what: labels.many(resource) })}
      />
      <Steps at={STEPS.indexOf(stage.step)} />
      {stage.step === "file" ? (
        <FileStep
          busy={upload.isPending}
          error={upload.error}
          onFile={(file, encoding) => upload.mutate({ file, encoding })}
        />
      ) : null}
      {stage.step === "map" ? (
        <MapStep
          resource={resource}
          upload={stage.upload}
          checked={stage.checked}
          mapping={mapping}
          onMapping={setMapping}
          busy={check.isPending}
          error={check.error}
          onBack={() => setStage({ step: "file" })}
          onCheck={() => check.mutate(stage.upload)}
        />
      ) : null}
      {stage.step === "check" ? (
        <CheckStep
          resource={resource}
          upload={stage.upload}
          checked={stage.checked}
          mapping={mapping}
          onMapping={setMapping}
          rechecking={check.isPending}
          onRecheck={() => check.mutate(stage.upload)}
          busy={commit.isPending}
          error={commit.error ?? check.error}
          onBack={() => setStage({ step: "map", upload: stage.upload, checked: stage.checked })}
          onCommit={() => commit.mutate(stage.upload)}
        />
      ) : null}
      {stage.step === "done" ? (
        <OutcomeStep
          resource={resource}
          upload={stage.upload}
          outcome={stage.outcome}
          onAgain={() => {
            upload.reset();
            check.reset();
            commit.reset();
            setStage({ step: "file" });
          }}
        />
      ) : null}
    </>
  );
}

function Steps({ at }: { at: number }) {
  const { t } = useTranslation();
  return (
    <ol className="mb-5 flex flex-wrap gap-x-2 gap-y-2 text-sm">
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === at ? "step" : undefined} className="flex items-center gap-2">
          <span
            className={cn(
              "num grid size-6 place-items-center rounded-full font-medium text-xs",
              index < at && "bg-ok-soft text-ok",
              index === at && "bg-accent text-accent-ink",
              index > at && "bg-hover text-faint",
            )}
          >
            {index < at ? <Check className="size-3.5" aria-hidden /> : index + 1}
          </span>
          <span className={cn(index === at ? "font-medium text-ink" : "text-muted max-sm:sr-only")}>
            {t(`import.step_${step}`)}
          </span>
          {index < STEPS.length - 1 ? <span aria-hidden="true" className="mx-1 h-px w-6 bg-line-strong" /> : null}
        </li>
      ))}
    </ol>
  );
}
