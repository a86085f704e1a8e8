import { Banknote, Fuel, MessageSquareText, Package, Plug } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { PageHead } from "@/ui/page";
import { Trail } from "@/ui/trail";
import type { CatalogueEntry } from "./shapes";

const ICONS: Record<string, typeof Plug> = {
  "fuel-source": Fuel,
  "order-source": Package,
  "sms-gateway": MessageSquareText,
  "payout-gateway": Banknote,
};

export function PluginIcon({ entry }: { entry: CatalogueEntry }) {
  const Icon = entry.handlers.map((handler) => ICONS[handler]).find(Boolean) ?? Plug;
  return (
    <span className="grid size-11 shrink-0 place-items-center rounded-xl bg-accent-soft text-accent-text">
      <Icon className="size-5.5" aria-hidden />
    </span>
  );
}

/** What stands above everything about one plugin. */
export function PluginHead({ entry, ...more }: { entry: CatalogueEntry; badge?: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <PageHead
      trail={<Trail crumbs={[{ label: t("plugins.title"), to: "/integrations/plugins" }]} />}
      title={
        <span className="flex items-center gap-3">
          <PluginIcon entry={entry} />
          {inLanguage(entry.title, language)}
        </span>
      }
      hint={inLanguage(entry.description, language)}
      {...more}
    />
  );
}
