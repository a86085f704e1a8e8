import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { KindName, Resource, Field as ResourceField } from "@/api/model";
import { useCan } from "@/lib/account";
import { readable } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Problem } from "@/lib/problem";
import { FieldControl, type FormValues } from "@/resource/form/field-control";
import { showErrors } from "@/resource/form/values";
import { kindOf } from "@/resource/kinds/registry";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { configure } from "./plugin-api";
import { changedSecrets, type SecretChanges, Secrets } from "./secrets";
import type { CatalogueEntry, Installation, Setting } from "./shapes";
import { Ways } from "./ways";

/** The manifest's settings are fields of no resource; this stands where a form asks whose they are. */
const NO_RESOURCE: Resource = { module: "integrations", name: "settings", path: "", title: [], verbs: [], fields: [] };

function fieldOf(setting: Setting): ResourceField {
  return {
    name: setting.name,
    kind: setting.kind as KindName,
    required: setting.required ?? false,
    values: setting.values ?? null,
    min: setting.min ?? null,
    max: setting.max ?? null,
    writable: true,
  };
}

const KNOWN = /^(settings|secrets)\./;

/** The server names a setting `settings.base_url`; the form knows it as `base_url`. */
function withoutPrefix(error: unknown, prefix: string): unknown {
  if (!(error instanceof Problem)) return error;
  const errors = error.errors
    .filter((one) => one.field.startsWith(prefix))
    .map((one) => ({ ...one, field: one.field.slice(prefix.length) }));
  return new Problem({ status: error.status, code: error.code, detail: error.message, errors }, error.status);
}

function secretErrors(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  const own = error.errors.filter((one) => one.field.startsWith("secrets."));
  return Object.fromEntries(own.map((one) => [one.field.slice("secrets.".length), one.message]));
}

export function PluginSettings({ entry, installation }: { entry: CatalogueEntry; installation: Installation }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const fields = entry.settings.map(fieldOf);
  const stored = installation.settings ?? {};
  const form = useForm<FormValues>({
    defaultValues: Object.fromEntries(
      entry.settings.map((setting) => {
        const start = stored[setting.name] ?? setting.default ?? null;
        return [setting.name, setting.kind === "boolean" ? start === true || start === "true" : start];
      }),
    ),
  });
  const [secrets, setSecrets] = useState<SecretChanges>({});
  const [refusedSecrets, setRefusedSecrets] = useState<Record<string, string>>({});
  const [placed, setPlaced] = useState(false);
  const save = useMutation({
    mutationFn: (values: FormValues) => {
      const settings: FormValues = {};
      for (const field of fields) {
        const { toBody } = kindOf(field.kind);
        const value = toBody ? toBody(values[field.name]) : values[field.name];
        if (form.formState.dirtyFields[field.name] || installation.status === "needs_settings") {
          settings[field.name] = value === "" || value === undefined ? null : value;
        }
      }
      return configure(installation.id, {
        settings,
        secrets: changedSecrets(secrets),
      });
    },
    onSuccess: (_, values) => {
      toast(t("plugins.settings_saved"));
      setSecrets({});
      setRefusedSecrets({});
      form.reset(values);
    },
    onError: (error) => {
      const placedSettings = showErrors(form, fields, withoutPrefix(error, "settings."));
      setRefusedSecrets(secretErrors(error));
      setPlaced(placedSettings || (error instanceof Problem && error.errors.every((one) => KNOWN.test(one.field))));
    },
  });
  const canManage = useCan()("plugins.manage");
  const changed = form.formState.isDirty || Object.keys(changedSecrets(secrets)).length > 0;
  if (entry.settings.length === 0 && entry.secrets.length === 0) {
    return (
      <div className="max-w-3xl">
        <p className="text-muted text-sm">{t("plugins.no_settings")}</p>
        <Ways entry={entry} installation={installation} />
      </div>
    );
  }
  return (
    <div className="max-w-3xl">
      <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))}>
        {save.error && !placed ? <ErrorNote error={save.error} className="mb-4" /> : null}
        <Card>
          {entry.settings.length > 0 ? (
            <div className="grid gap-5 p-5 sm:grid-cols-2">
              {entry.settings.map((setting) => (
                <FieldControl
                  key={setting.name}
                  control={form.control}
                  resource={NO_RESOURCE}
                  field={{ ...fieldOf(setting), writable: canManage }}
                  label={inLanguage(setting.label, language) || readable(setting.name)}
                  help={inLanguage(setting.help, language) || undefined}
                />
              ))}
            </div>
          ) : null}
          {entry.secrets.length > 0 ? (
            <Secrets
              entry={entry}
              installation={installation}
              changes={secrets}
              errors={refusedSecrets}
              disabled={!canManage}
              onChange={setSecrets}
            />
          ) : null}
          <div className="flex justify-end rounded-b-card border-line border-t bg-sunken px-5 py-4">
            <Button
              type="submit"
              variant="primary"
              busy={save.isPending}
              disabled={!canManage || (!changed && installation.status !== "needs_settings")}
            >
              {t("form.save")}
            </Button>
          </div>
        </Card>
      </form>
      <Ways entry={entry} installation={installation} />
    </div>
  );
}
