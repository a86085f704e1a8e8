import { useMutation } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { Card } from "@/ui/card";
import { wordsFor } from "@/ui/error-note";
import { Switch } from "@/ui/switch";
import { toast } from "@/ui/toast";
import { type Configuration, configure } from "./plugin-api";
import type { CatalogueEntry, Installation } from "./shapes";

/** What the company decides about any plugin, whatever its manifest says: saved as soon as it is switched. */
export function Ways({ entry, installation }: { entry: CatalogueEntry; installation: Installation }) {
  const brings = entry.effects.includes("orders");
  return (
    <Card className="mt-4 divide-y divide-line">
      {brings ? <Way installation={installation} name="makes_deliveries" /> : null}
      <Way installation={installation} name="updates_itself" />
    </Card>
  );
}

type WayName = keyof Configuration & ("makes_deliveries" | "updates_itself");

function Way({ installation, name }: { installation: Installation; name: WayName }) {
  const { t } = useTranslation();
  const id = useId();
  const canManage = useCan()("plugins.manage");
  const save = useMutation({
    mutationFn: (value: boolean) => configure(installation.id, { [name]: value }),
    onSuccess: () => toast(t("plugins.settings_saved")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  // What was just chosen is shown while it is being saved.
  const value = save.isPending ? save.variables : installation[name];
  return (
    <div className="flex items-center justify-between gap-4 px-5 py-4">
      <div className="min-w-0 text-sm">
        <label htmlFor={id} className="font-medium">
          {t(`plugins.${name}`)}
        </label>
        <p className="text-muted">{t(`plugins.${name}_hint`)}</p>
      </div>
      <Switch
        id={id}
        checked={value}
        disabled={!canManage || save.isPending}
        onCheckedChange={(next) => save.mutate(next)}
      />
    </div>
  );
}
