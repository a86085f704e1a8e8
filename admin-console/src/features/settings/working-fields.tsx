import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fold } from "@/lib/fold";
import { formatFor, useFormat } from "@/lib/format";
import { LANGUAGES, usePreferences } from "@/lib/preferences";
import { Combobox } from "@/ui/combobox";
import { describedBy, Field, Select } from "@/ui/field";
import type { Draft, Settings } from "./organization-api";
import { CALENDARS, CURRENCIES, currencyName, offsetOf, TIME_ZONES, WEEK_STARTS } from "./ways";

interface WorkingFieldsProps {
  shown: Settings;
  disabled: boolean;
  errorOf: (field: keyof Draft) => string | undefined;
  onChange: (part: Draft) => void;
}

/** Language, calendar, week, zone and currency of the organization. */
export function WorkingFields(form: WorkingFieldsProps) {
  const { t } = useTranslation();
  const { shown, disabled, errorOf, onChange } = form;
  const { language, calendar } = usePreferences();
  const format = useFormat();
  const now = formatFor(language, calendar, shown.time_zone).instant(new Date().toISOString());
  return (
    <div className="grid items-start gap-5 px-5 pb-5 sm:grid-cols-2">
      <Choice
        {...form}
        name="currency"
        help={t("company.help.currency")}
        choices={[...new Set([...CURRENCIES, shown.currency])]
          .map((code) => ({ value: code, label: `${currencyName(code, language)} (${format.currency(code)})` }))
          .sort((a, b) => format.compare(a.label, b.label))}
      />
      <Field
        id="company-time_zone"
        label={t("company.field.time_zone")}
        help={t("company.help.time_zone", { now })}
        error={errorOf("time_zone")}
      >
        <TimeZones
          value={shown.time_zone}
          disabled={disabled}
          describedBy={describedBy("company-time_zone", now, errorOf("time_zone"))}
          onChange={(zone) => onChange({ time_zone: zone })}
        />
      </Field>
      <Choice
        {...form}
        name="calendar"
        help={t("company.help.calendar")}
        choices={CALENDARS.map((one) => ({ value: one, label: t(`company.calendar.${one}`) }))}
      />
      <Choice
        {...form}
        name="week_start"
        choices={WEEK_STARTS.map((one) => ({ value: one, label: t(`company.week_start.${one}`) }))}
      />
      <Choice
        {...form}
        name="locale"
        help={t("company.help.locale")}
        choices={LANGUAGES.map((one) => ({ value: one, label: t(`view.language_${one}`) }))}
      />
    </div>
  );
}

interface ChoiceProps {
  name: "currency" | "calendar" | "week_start" | "locale";
  help?: string;
  choices: { value: string; label: string }[];
}

function Choice({ name, help, choices, ...form }: ChoiceProps & WorkingFieldsProps) {
  const { t } = useTranslation();
  const id = `company-${name}`;
  const error = form.errorOf(name);
  return (
    <Field id={id} label={t(`company.field.${name}`)} help={help} error={error}>
      <Select
        id={id}
        value={form.shown[name]}
        disabled={form.disabled}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, help, error)}
        onChange={(event) => form.onChange({ [name]: event.target.value })}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface TimeZonesProps {
  value: string;
  disabled: boolean;
  describedBy: string | undefined;
  onChange: (zone: string) => void;
}

function TimeZones({ value, disabled, describedBy: described, onChange }: TimeZonesProps) {
  const [search, setSearch] = useState("");
  const wanted = fold(search).replaceAll(" ", "");
  const found = TIME_ZONES.filter((zone) => fold(zone.replaceAll("_", "")).includes(wanted)).slice(0, 60);
  const label = (zone: string) => `${zone.replaceAll("_", " ")} (${offsetOf(zone)})`;
  return (
    <Combobox
      id="company-time_zone"
      value={value}
      chosenLabel={label(value)}
      choices={found.map((zone) => ({ value: zone, label: label(zone) }))}
      search={search}
      onSearch={setSearch}
      onChange={(zone) => zone && onChange(zone)}
      disabled={disabled}
      describedBy={described}
    />
  );
}
