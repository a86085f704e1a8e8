import { useMutation } from "@tanstack/react-query";
import { ArrowDownToLine, Database, Globe, KeyRound, ShieldCheck } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { readable, useLabels } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { type Language, usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Checkbox } from "@/ui/field";
import { toast } from "@/ui/toast";
import { type CatalogueEntry, grant, type Installation, install } from "./plugin-api";

interface AccessProps {
  entry: CatalogueEntry;
  /** Without one the plugin is not connected yet, and allowing it connects it. */
  installation?: Installation;
}

/** In plain words: whom the plugin talks to, what it may read, what it brings, what it keeps; and nothing beyond. */
export function Access({ entry, installation }: AccessProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const { language } = usePreferences();
  const canManage = useCan()("plugins.manage");
  const granted = installation?.grants?.hosts;
  const [hosts, setHosts] = useState(
    () => new Set(granted ?? entry.hosts.filter((host) => host.required).map((host) => host.host)),
  );
  const save = useMutation({
    mutationFn: async () => {
      const grants = { hosts: [...hosts], effects: entry.effects };
      if (installation) await grant(installation.id, grants);
      else await install(entry.name, grants);
    },
    onSuccess: () => toast(installation ? t("plugins.access_saved") : t("plugins.connected")),
  });
  const asked = new Set(installation ? [...(granted ?? [])] : []);
  const changed = !installation || hosts.size !== asked.size || [...hosts].some((host) => !asked.has(host));
  const missing = entry.hosts.some((host) => host.required && !hosts.has(host.host));

  function toggle(host: string) {
    const next = new Set(hosts);
    if (!next.delete(host)) next.add(host);
    setHosts(next);
  }

  return (
    <Card className="max-w-3xl">
      <div className="px-5 pt-5 pb-1">
        <h2 className="font-semibold text-lg">{installation ? t("plugins.has_access") : t("plugins.asks")}</h2>
        <p className="mt-1 text-muted text-sm">{t("plugins.asks_hint")}</p>
      </div>
      <ul className="divide-y divide-line">
        <Part
          icon={Globe}
          title={t("plugins.hosts")}
          none={entry.hosts.length === 0 ? t("plugins.hosts_none") : undefined}
        >
          {entry.hosts.map((host) => (
            <HostChoice
              key={host.host}
              host={host.resolved ?? hostWords(host.host, entry, language)}
              fromSetting={settingOf(host.host, entry, language)}
              reason={inLanguage(host.reason, language)}
              required={host.required}
              checked={hosts.has(host.host)}
              onToggle={() => toggle(host.host)}
            />
          ))}
        </Part>
        <Part
          icon={Database}
          title={t("plugins.reads")}
          none={entry.reads.length === 0 ? t("plugins.reads_none") : undefined}
        >
          {entry.reads.map((read) => (
            <li key={read.resource}>
              <p>
                <span className="font-medium">{labels.many(read.resource)}</span>
                {": "}
                {format.list(read.fields.map((field) => labels.field(read.resource, field)))}
              </p>
              <Why>{inLanguage(read.reason, language)}</Why>
            </li>
          ))}
        </Part>
        <Part
          icon={ArrowDownToLine}
          title={t("plugins.effects")}
          none={entry.effects.length === 0 ? t("plugins.effects_none") : undefined}
        >
          {entry.effects.map((effect) => (
            <li key={effect}>
              {t(`plugins.effect.${effect as "fuel-transactions"}`, {
                defaultValue: readable(effect.replaceAll("-", "_")),
              })}
            </li>
          ))}
        </Part>
        <Part
          icon={KeyRound}
          title={t("plugins.secrets")}
          none={entry.secrets.length === 0 ? t("plugins.secrets_none") : undefined}
        >
          {entry.secrets.map((secret) => (
            <li key={secret.name}>
              <p className="font-medium">{inLanguage(secret.label, language) || readable(secret.name)}</p>
              <Why>
                {t("plugins.secret_hint", {
                  hosts: format.list(secret.hosts.map((host) => isolated(hostWords(host, entry, language)))),
                })}
              </Why>
            </li>
          ))}
        </Part>
        <Part icon={ShieldCheck} title={t("plugins.not_allowed")}>
          <li className="text-muted">{t("plugins.not_allowed_hint")}</li>
        </Part>
      </ul>
      {save.error ? <ErrorNote error={save.error} className="mx-5 mb-4" /> : null}
      <div className="flex flex-wrap items-center justify-end gap-3 rounded-b-card border-line border-t bg-sunken px-5 py-4">
        {canManage ? null : <p className="me-auto text-muted text-sm">{t("plugins.only_admin")}</p>}
        {missing ? <p className="me-auto text-sm text-warn">{t("plugins.host_needed")}</p> : null}
        <Button
          variant="primary"
          busy={save.isPending}
          disabled={missing || !changed || !canManage}
          onClick={() => save.mutate()}
        >
          {installation ? t("plugins.save_access") : t("plugins.allow")}
        </Button>
      </div>
    </Card>
  );
}

const FROM_SETTING = /^\{setting:(\w+)\}$/;

/** The words of the setting that a host comes from, if it comes from one. */
function settingOf(host: string, entry: CatalogueEntry, language: Language): string | undefined {
  const name = FROM_SETTING.exec(host)?.[1];
  if (!name) return undefined;
  return inLanguage(entry.settings.find((setting) => setting.name === name)?.label, language) || readable(name);
}

/** A host as one reads it: its name, the name it comes to now, or the setting where it will be entered. */
function hostWords(host: string, entry: CatalogueEntry, language: Language): string {
  const resolved = entry.hosts.find((ask) => ask.host === host)?.resolved;
  return resolved ?? settingOf(host, entry, language) ?? host;
}

/** Keeps a Latin name whole inside an Arabic sentence. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

interface PartProps {
  icon: typeof Globe;
  title: string;
  none?: string | undefined;
  children?: ReactNode;
}

function Part({ icon: Icon, title, none, children }: PartProps) {
  return (
    <li className="flex gap-4 px-5 py-4">
      <Icon className="mt-0.5 size-5 shrink-0 text-accent-text" aria-hidden />
      <div className="min-w-0 flex-1">
        <h3 className="mb-1.5 font-medium">{title}</h3>
        {none ? <p className="text-muted text-sm">{none}</p> : <ul className="space-y-2.5 text-sm">{children}</ul>}
      </div>
    </li>
  );
}

function Why({ children }: { children: string }) {
  return children ? <p className="text-muted">{children}</p> : null;
}

interface HostChoiceProps {
  host: string;
  /** The setting whose address it is: another address there is another host. */
  fromSetting: string | undefined;
  reason: string;
  required: boolean;
  checked: boolean;
  onToggle: () => void;
}

function HostChoice({ host, fromSetting, reason, required, checked, onToggle }: HostChoiceProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <li className="flex gap-3">
      <Checkbox id={id} checked={checked} onChange={onToggle} className="mt-1" />
      <label htmlFor={id} className="min-w-0">
        <bdi dir="ltr" className="break-all font-medium font-mono text-[0.8125rem]">
          {host}
        </bdi>
        <span className="ms-2 text-faint text-xs">
          {required ? t("plugins.host_required") : t("plugins.host_optional")}
        </span>
        {fromSetting ? <Why>{t("plugins.host_from_setting", { setting: fromSetting })}</Why> : null}
        <Why>{reason}</Why>
      </label>
    </li>
  );
}
