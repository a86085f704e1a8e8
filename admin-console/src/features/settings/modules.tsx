import { useMutation, useQuery } from "@tanstack/react-query";
import { Blocks } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { moduleIcon } from "@/resource/icons";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton, RowsSkeleton } from "@/ui/skeleton";
import { Switch } from "@/ui/switch";
import { toast } from "@/ui/toast";
import { type Module, modulesHistoryQuery, modulesQuery, switchModule } from "./modules-api";
import { Changed, Moment, Timeline } from "./timeline";

/** The parts of the application that the organization uses. */
export function ModuleSettings() {
  const { t } = useTranslation();
  const modules = useQuery(modulesQuery);
  const mayChange = useCan()("organization.switch_modules");
  if (modules.isPending) return <PageSkeleton />;
  if (modules.isError) return <ErrorNote error={modules.error} onRetry={modules.refetch} />;
  return (
    <>
      <PageHead title={t("settings.section.modules")} hint={t("modules.hint")} />
      <div className="grid max-w-5xl gap-4">
        {mayChange ? null : <Note>{t("modules.read_only")}</Note>}
        <Card>
          {modules.data.length === 0 ? <Empty icon={Blocks} title={t("modules.none")} /> : null}
          <ul className="divide-y divide-line">
            {modules.data.map((module) => (
              <Row key={module.name} module={module} mayChange={mayChange} />
            ))}
          </ul>
        </Card>
        <Past />
      </div>
    </>
  );
}

function Row({ module, mayChange }: { module: Module; mayChange: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const name = labels.module(module.name);
  const change = useMutation({
    mutationFn: (on: boolean) => switchModule(module.name, on),
    onSuccess: (_, on) => {
      setAsking(false);
      toast(t(on ? "modules.done_on" : "modules.done_off", { name }));
    },
    onError: (error, on) => on && toast(wordsFor(error, t), "bad"),
  });
  const Icon = moduleIcon(module.name);
  return (
    <li className="flex items-center gap-4 px-5 py-4">
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent-text">
        <Icon className="size-5" aria-hidden />
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{name}</p>
        <p className="text-muted text-sm">
          {module.changed_at
            ? t("modules.changed", { who: module.changed_by_name ?? "", when: format.instant(module.changed_at) })
            : t("modules.never")}
        </p>
      </div>
      <span className="text-muted text-sm max-sm:hidden">{t(module.is_enabled ? "modules.on" : "modules.off")}</span>
      <Switch
        aria-label={t("modules.switch", { name })}
        checked={module.is_enabled}
        disabled={!mayChange || change.isPending}
        onCheckedChange={(on) => (on ? change.mutate(true) : setAsking(true))}
      />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t("modules.off_title", { name })}
        description={t("modules.off_hint")}
        confirm={t("modules.off_confirm")}
        danger
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate(false)}
      />
    </li>
  );
}

function Past() {
  const { t } = useTranslation();
  const labels = useLabels();
  const history = useQuery(modulesHistoryQuery);
  const worded = (on: unknown) => t(on ? "modules.on" : "modules.off");
  return (
    <Card className="pb-5">
      <CardHead title={t("modules.history")} />
      {history.isPending ? <RowsSkeleton rows={2} /> : null}
      {history.isError ? <ErrorNote error={history.error} onRetry={history.refetch} className="mx-5" /> : null}
      {history.data?.length === 0 ? <p className="px-5 text-muted text-sm">{t("modules.history_none")}</p> : null}
      {history.data && history.data.length > 0 ? (
        <div className="px-5">
          <Timeline>
            {history.data.map((past) => (
              <Moment key={`${past.at} ${past.by_name}`} at={past.at} by={past.by_name}>
                {Object.entries(past.changes).map(([name, change]) => (
                  <Changed
                    key={name}
                    label={labels.module(name)}
                    before={worded(change.before)}
                    after={worded(change.after)}
                  />
                ))}
              </Moment>
            ))}
          </Timeline>
        </div>
      ) : null}
    </Card>
  );
}
