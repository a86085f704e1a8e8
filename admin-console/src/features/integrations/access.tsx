import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { AskList } from "./ask-list";
import { grantsOf, isChoice, sameGrants, startingChoice } from "./asks";
import { grant, install } from "./plugin-api";
import type { CatalogueEntry, Installation } from "./shapes";

interface AccessProps {
  entry: CatalogueEntry;
  /** Without one the plugin is not connected yet, and allowing it connects it. */
  installation?: Installation;
}

/** Everything a plugin asks for, and what of it is granted: before it is connected, and whenever one wants to see it again. */
export function Access({ entry, installation }: AccessProps) {
  const { t } = useTranslation();
  const canManage = useCan()("plugins.manage");
  const [chosen, setChosen] = useState(() => startingChoice(entry.asks, installation?.grants));
  const grants = grantsOf(entry.asks, chosen);
  const save = useMutation({
    mutationFn: async () => {
      if (installation) await grant(installation.id, grants);
      else await install(entry.name, grants);
    },
    onSuccess: () => toast(installation ? t("plugins.access_saved") : t("plugins.connected")),
  });
  const isChanged = !installation || !sameGrants(grants, installation.grants);
  const hasChoice = entry.asks.some(isChoice);
  return (
    <Card className="max-w-3xl">
      <div className="px-5 pt-5 pb-1">
        <h2 className="font-semibold text-lg">{installation ? t("plugins.has_access") : t("plugins.asks")}</h2>
        <p className="mt-1 text-muted text-sm">
          {t(`plugins.${installation ? "has_access_hint" : "asks_hint"}${hasChoice ? "_choice" : ""}`)}
        </p>
      </div>
      <AskList
        entry={entry}
        asks={entry.asks}
        chosen={chosen}
        isWhole
        disabled={!canManage}
        onToggle={(key) => setChosen(toggled(chosen, key))}
      />
      {save.error ? <ErrorNote error={save.error} className="mx-5 mb-4" /> : null}
      {installation && !hasChoice && !isChanged ? null : (
        <div className="flex flex-wrap items-center justify-end gap-3 rounded-b-card border-line border-t bg-sunken px-5 py-4">
          {canManage ? null : <p className="me-auto text-muted text-sm">{t("plugins.only_admin")}</p>}
          <Button
            variant="primary"
            busy={save.isPending}
            disabled={!isChanged || !canManage}
            onClick={() => save.mutate()}
          >
            {installation ? t("plugins.save_access") : t("plugins.allow")}
          </Button>
        </div>
      )}
    </Card>
  );
}

/** The same choice with one more, or one less. */
export function toggled(chosen: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(chosen);
  if (!next.delete(key)) next.add(key);
  return next;
}
