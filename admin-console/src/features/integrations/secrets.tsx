import { Undo2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { readable } from "@/lib/labels";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { describedBy, Field, Input } from "@/ui/field";
import type { CatalogueEntry, Installation } from "./shapes";

/** What is to become of secrets: a text sets one, null takes one away; the others stay as they are. */
export type SecretChanges = Record<string, string | null>;

/** Only what somebody really entered or took away. */
export function changedSecrets(changes: SecretChanges): SecretChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== ""));
}

interface SecretsProps {
  entry: CatalogueEntry;
  installation: Installation;
  changes: SecretChanges;
  errors: Record<string, string>;
  disabled: boolean;
  onChange: (changes: SecretChanges) => void;
}

/** Keys and passwords: entered, replaced, taken away, and never shown. */
export function Secrets({ entry, installation, changes, errors, disabled, onChange }: SecretsProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <fieldset className="border-line border-t p-5 first:border-t-0" disabled={disabled}>
      <legend className="float-start mb-1 font-semibold">{t("plugins.secrets")}</legend>
      <p className="clear-both mb-4 text-muted text-sm">{t("plugins.secrets_hint")}</p>
      <div className="grid gap-5 sm:grid-cols-2">
        {entry.secrets.map((secret) => {
          const label = inLanguage(secret.label, language) || readable(secret.name);
          return (
            <Secret
              key={secret.name}
              name={secret.name}
              label={label}
              help={inLanguage(secret.help, language)}
              required={secret.required ?? false}
              isStored={installation.secrets_set?.includes(secret.name) ?? false}
              value={changes[secret.name]}
              error={errors[secret.name]}
              onChange={(value) => onChange({ ...changes, [secret.name]: value })}
            />
          );
        })}
      </div>
    </fieldset>
  );
}

interface SecretProps {
  name: string;
  label: string;
  help: string;
  required: boolean;
  isStored: boolean;
  value: string | null | undefined;
  error: string | undefined;
  onChange: (value: string | null) => void;
}

function Secret({ name, label, help: own, required, isStored, value, error, onChange }: SecretProps) {
  const { t } = useTranslation();
  const id = `secret-${name}`;
  const goes = value === null;
  const state = goes ? t("plugins.secret_goes") : isStored ? t("plugins.secret_stored") : t("plugins.secret_missing");
  const help = own ? `${own} ${state}` : state;
  return (
    <Field id={id} error={error} label={label} help={help} required={required}>
      <div className="flex gap-2">
        <Input
          id={id}
          type="password"
          autoComplete="new-password"
          dir="ltr"
          disabled={goes}
          value={value ?? ""}
          placeholder={isStored && !goes ? "••••••••••••" : ""}
          aria-describedby={describedBy(id, help, error)}
          aria-invalid={error !== undefined}
          onChange={(event) => onChange(event.target.value)}
        />
        {isStored ? (
          <Button
            variant="ghost"
            size="icon"
            aria-label={t(goes ? "plugins.secret_keep" : "plugins.secret_remove", { label })}
            title={t(goes ? "plugins.secret_keep" : "plugins.secret_remove", { label })}
            onClick={() => onChange(goes ? "" : null)}
          >
            {goes ? <Undo2 aria-hidden className="rtl:-scale-x-100" /> : <X aria-hidden />}
          </Button>
        ) : null}
      </div>
    </Field>
  );
}
