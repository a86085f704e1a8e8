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
import { describedBy, Field, Input } from "@/ui/field";
import { toast } from "@/ui/toast";
import { type CatalogueEntry, configure, type Installation, type Setting } from "./plugin-api";

/** The manifest's settings are fields of no resource; this stands where a form asks whose they are. */
const NO_RESOURCE: Resource = { module: "integrations", name: "settings", path: "", title: [], verbs: [], fields: [] };

function fieldOf(setting: Setting): ResourceField {
  return {
    name: setting.name,
    kind: setting.kind as KindName,
    required: setting.required ?? false,
    values: setting.values ?? null,
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
  const [secrets, setSecrets] = useState<Record<string, string>>({});
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
      return configure(
        installation.id,
        settings,
        Object.fromEntries(Object.entries(secrets).filter(([, text]) => text)),
      );
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
  const changed = form.formState.isDirty || Object.values(secrets).some(Boolean);
  return (
    <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))} className="max-w-3xl">
      {save.error && !placed ? <ErrorNote error={save.error} className="mb-4" /> : null}
      <Card>
        <div className="grid gap-5 p-5 sm:grid-cols-2">
          {entry.settings.map((setting) => (
            <FieldControl
              key={setting.name}
              control={form.control}
              resource={NO_RESOURCE}
              field={fieldOf(setting)}
              label={inLanguage(setting.label, language) || readable(setting.name)}
              help={inLanguage(setting.help, language) || undefined}
            />
          ))}
        </div>
        {entry.secrets.length > 0 ? (
          <fieldset className="border-line border-t p-5">
            <legend className="float-start mb-1 font-semibold">{t("plugins.secrets")}</legend>
            <p className="clear-both mb-4 text-muted text-sm">{t("plugins.secrets_hint")}</p>
            <div className="grid gap-5 sm:grid-cols-2">
              {entry.secrets.map((secret) => {
                const id = `secret-${secret.name}`;
                const isStored = installation.secrets_set?.includes(secret.name) ?? false;
                const own = inLanguage(secret.help, language);
                const state = isStored ? t("plugins.secret_stored") : t("plugins.secret_missing");
                const help = own ? `${own} ${state}` : state;
                return (
                  <Field
                    key={secret.name}
                    id={id}
                    error={refusedSecrets[secret.name]}
                    label={inLanguage(secret.label, language) || readable(secret.name)}
                    help={help}
                  >
                    <Input
                      id={id}
                      type="password"
                      autoComplete="new-password"
                      dir="ltr"
                      value={secrets[secret.name] ?? ""}
                      placeholder={isStored ? "••••••••••••" : ""}
                      aria-describedby={describedBy(id, help, undefined)}
                      onChange={(event) => setSecrets({ ...secrets, [secret.name]: event.target.value })}
                    />
                  </Field>
                );
              })}
            </div>
          </fieldset>
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
  );
}
