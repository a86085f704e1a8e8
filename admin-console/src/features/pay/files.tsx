import { useMutation } from "@tanstack/react-query";
import { BookText, Download, FileSpreadsheet, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { download, type QueryValue } from "@/lib/api";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { wordsFor } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { monthOf, stateOfRun } from "./run-steps";
import type { Run } from "./shapes";
import { WagePanel } from "./wage-panel";

/** What leaves the house with a run: the bank's wage file after its check, the register, the insurance report, the journal. */
export function RunFiles({ run }: { run: Run }) {
  const { t } = useTranslation();
  const can = useCan();
  if (stateOfRun(run) === "draft") {
    return <Note title={t("pay.no_files_yet")}>{t("pay.draft_hint")}</Note>;
  }
  return (
    <div className="space-y-4">
      {can("wage_files.check") ? <WagePanel run={run} /> : null}
      <Reports run={run} />
    </div>
  );
}

function Reports({ run }: { run: Run }) {
  const { t } = useTranslation();
  const can = useCan();
  const { language } = usePreferences();
  const path = `/hr/payroll_runs/${run.id}`;
  const month = monthOf(run);
  const files = [
    ...(can("salaries.export") && can("salaries.read_pay")
      ? (["ar", "en"] as const).map((one) => ({
          key: `register_${one}` as const,
          icon: FileSpreadsheet,
          path: `${path}/register`,
          query: { language: one } as Record<string, QueryValue>,
          name: `register-${month}-${one}.xlsx`,
        }))
      : []),
    ...(can("pay_figures.read")
      ? [
          {
            key: "gosi" as const,
            icon: ShieldCheck,
            path: `${path}/gosi_report`,
            query: { format: "csv", language } as Record<string, QueryValue>,
            name: `gosi-${month}.csv`,
          },
        ]
      : []),
    ...(can("finance_figures.read")
      ? [
          {
            key: "journal" as const,
            icon: BookText,
            path: `${path}/journal`,
            query: { format: "csv", language } as Record<string, QueryValue>,
            name: `journal-${month}.csv`,
          },
        ]
      : []),
  ];
  const save = useMutation({
    mutationFn: (file: (typeof files)[number]) => download(file.path, file.query, file.name),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (files.length === 0) return null;
  return (
    <Card>
      <CardHead title={t("pay.reports")} />
      <ul className="divide-y divide-line border-line border-t">
        {files.map((file) => (
          <li key={file.key} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
            <file.icon className="size-5 shrink-0 text-faint" aria-hidden />
            <div className="min-w-48 flex-1">
              <p className="font-medium text-sm">{t(`pay.file_${file.key}`)}</p>
              <p className="text-faint text-xs">{t(`pay.hint_${file.key}`)}</p>
            </div>
            <Button
              size="sm"
              busy={save.isPending && save.variables?.key === file.key}
              onClick={() => save.mutate(file)}
              aria-label={`${t("pay.download")}: ${t(`pay.file_${file.key}`)}`}
            >
              <Download aria-hidden />
              {t("pay.download")}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
