import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Row } from "@/api/model";
import { useResource } from "@/lib/account";
import { fold } from "@/lib/fold";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { listQuery } from "@/lib/resource-api";
import { Combobox } from "@/ui/combobox";
import { Field, Input, Select } from "@/ui/field";
import { SALARIES } from "./pay-api";
import type { Run, Salary } from "./shapes";
import { INPUTS, type Typed } from "./what-if-asked";

const PARAMETERS = "hr.payroll_parameters";
/** A list to choose from by typing; nobody scrolls through more. */
const CHOICES = 30;

interface PartProps {
  salaries: Salary[];
  typed: Typed;
  onChange: (next: Partial<Typed>) => void;
}

/** The numbers of a category's formula, each with what it is now. */
export function CategoryNumbers({ run, salaries, typed, onChange }: PartProps & { run: Run }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const resource = useResource(PARAMETERS);
  const categories = [...new Set(salaries.map((salary) => salary.category))];
  const day = salaries[0]?.period_ends_on ?? `${run.year}-${String(run.month).padStart(2, "0")}-24`;
  const now = useParameters(typed.category, day);
  if (!resource) return <p className="text-muted text-sm">{t("errors.forbidden")}</p>;
  // A formula does not use every number; those of other categories would change nothing.
  const fields = resource.fields.filter(
    (field) => field.kind === "decimal" && (!now || (now[field.name] !== null && now[field.name] !== undefined)),
  );
  return (
    <div className="space-y-4">
      <Field id="what-if-category" label={labels.field(PARAMETERS, "category")} className="max-w-sm">
        <Select
          id="what-if-category"
          value={typed.category}
          onChange={(event) => onChange({ category: event.target.value, numbers: {} })}
        >
          {categories.map((category) => (
            <option key={category} value={category}>
              {labels.choice(SALARIES, "category", category)}
            </option>
          ))}
        </Select>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
        {fields.map((field) => (
          <Field
            key={field.name}
            id={`what-if-${field.name}`}
            label={labels.field(PARAMETERS, field.name)}
            help={now ? t("pay.is_now", { value: format.upTo(String(now[field.name]), 8) }) : undefined}
          >
            <NumberInput
              id={`what-if-${field.name}`}
              value={typed.numbers[field.name] ?? ""}
              onChange={(value) => onChange({ numbers: { ...typed.numbers, [field.name]: value } })}
            />
          </Field>
        ))}
      </div>
    </div>
  );
}

/** The row of a category's numbers that holds on a day. */
function useParameters(category: string, day: string): Row | undefined {
  const resource = useResource(PARAMETERS);
  const rows = useQuery({
    ...listQuery(resource ?? { module: "hr", name: "", path: "", title: [], verbs: [], fields: [] }, {
      category,
      "effective_from.lte": day,
      sort: "-effective_from",
      limit: 5,
    }),
    enabled: resource !== undefined && category !== "",
  });
  return rows.data?.data.find((row) => typeof row.effective_to !== "string" || row.effective_to >= day);
}

/** One courier's month of work, each number with what it is now. */
export function CourierNumbers({ salaries, typed, onChange }: PartProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const [search, setSearch] = useState("");
  const wanted = fold(search);
  const found = salaries.filter((salary) => fold(salary.courier_title ?? "").includes(wanted)).slice(0, CHOICES);
  const salary = salaries.find((one) => one.courier_id === typed.courierId);
  return (
    <div className="space-y-4">
      <Field id="what-if-courier" label={labels.field(SALARIES, "courier_id")} className="max-w-sm">
        <Combobox
          id="what-if-courier"
          value={typed.courierId || null}
          chosenLabel={salary?.courier_title}
          choices={found.map((one) => ({ value: one.courier_id, label: one.courier_title ?? "" }))}
          search={search}
          onSearch={setSearch}
          onChange={(courierId) => onChange({ courierId: courierId ?? "", inputs: {} })}
        />
      </Field>
      {salary ? (
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          {INPUTS.map((name) => {
            const now = salary[name];
            return (
              <Field
                key={name}
                id={`what-if-${name}`}
                label={labels.field(SALARIES, name)}
                help={now === undefined || now === null ? undefined : t("pay.is_now", { value: format.upTo(now, 2) })}
              >
                <NumberInput
                  id={`what-if-${name}`}
                  value={typed.inputs[name] ?? ""}
                  onChange={(value) => onChange({ inputs: { ...typed.inputs, [name]: value } })}
                />
              </Field>
            );
          })}
        </div>
      ) : null}
    </div>
  );
}

function NumberInput({ id, value, onChange }: { id: string; value: string; onChange: (value: string) => void }) {
  return (
    <Input
      id={id}
      inputMode="decimal"
      dir="ltr"
      autoComplete="off"
      className="num text-page-start"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
