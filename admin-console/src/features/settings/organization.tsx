import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { isProblem, Problem } from "@/lib/problem";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Field, Input } from "@/ui/field";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { Fact, Facts } from "./facts";
import { Logo } from "./logo";
import { type Draft, type Settings, saveSettings, settingsQuery } from "./organization-api";
import { OrganizationHistory } from "./organization-history";
import { WorkingFields } from "./working-fields";

/** How the organization is called and looks, and in which language, calendar, zone and currency it works. */
export function OrganizationSettings() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);
  if (settings.isPending) return <PageSkeleton />;
  if (settings.isError) return <ErrorNote error={settings.error} onRetry={settings.refetch} />;
  return (
    <>
      <PageHead title={t("settings.section.organization")} hint={t("company.hint")} />
      <div className="grid max-w-5xl gap-4">
        <SettingsForm stored={settings.data} />
        <OrganizationHistory />
      </div>
    </>
  );
}

function SettingsForm({ stored }: { stored: Settings }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayChange = useCan()("organization.update");
  // Only what was touched: the rest follows what the server has, also when somebody else changed it meanwhile.
  const [draft, setDraft] = useState<Draft>({});
  const settings = useQuery(settingsQuery);
  const save = useMutation({
    mutationFn: () => saveSettings(draft, stored.version),
    onSuccess: () => {
      setDraft({});
      toast(t("company.saved"));
    },
    onError: (error) => {
      if (isProblem(error, 412)) return settings.refetch();
    },
  });
  const isStale = isProblem(save.error, 412);
  const errors = save.error instanceof Problem ? save.error.errors : [];
  const errorOf = (field: keyof Draft) => errors.find((one) => one.field === field)?.message;
  const change = (part: Draft) => setDraft((before) => without({ ...before, ...part }, stored));
  const shown = { ...stored, ...draft };
  const isChanged = Object.keys(draft).length > 0;
  return (
    <form
      noValidate
      aria-label={t("company.form")}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Card>
        {isStale ? (
          <Note kind="warn" title={t("company.stale")} className="m-5 mb-0">
            {t("company.stale_hint")}
          </Note>
        ) : null}
        {save.error && !isStale && errors.length === 0 ? <ErrorNote error={save.error} className="m-5 mb-0" /> : null}
        {mayChange ? null : <Note className="m-5 mb-0">{t("company.read_only")}</Note>}
        <CardHead
          title={t("company.about")}
          actions={
            <>
              <Badge>{known(shown.plan, "plan_of") ? t(`company.plan_of.${shown.plan as "free"}`) : shown.plan}</Badge>
              <Badge tone={shown.status === "active" ? "ok" : "warn"} dot>
                {known(shown.status, "status_of") ? t(`company.status_of.${shown.status as "active"}`) : shown.status}
              </Badge>
            </>
          }
        />
        <div className="grid items-start gap-5 px-5 pb-5 sm:grid-cols-2">
          <Field id="company-name" label={t("company.field.name")} error={errorOf("name")} required>
            <Input
              id="company-name"
              dir="auto"
              autoComplete="organization"
              maxLength={200}
              disabled={!mayChange}
              value={shown.name}
              aria-invalid={errorOf("name") ? true : undefined}
              aria-describedby={errorOf("name") ? "company-name-error" : undefined}
              onChange={(event) => change({ name: event.target.value })}
            />
          </Field>
          <Logo
            fileId={shown.logo_file_id ?? null}
            name={shown.name}
            disabled={!mayChange}
            error={errorOf("logo_file_id")}
            onChange={(id) => change({ logo_file_id: id })}
          />
        </div>
        <CardHead title={t("company.working")} className="border-line border-t" />
        <WorkingFields shown={shown} disabled={!mayChange} errorOf={errorOf} onChange={change} />
        <div className="pb-5">
          <Facts>
            <Fact label={t("company.created")}>{format.date(stored.created_at)}</Fact>
          </Facts>
        </div>
        {mayChange ? (
          <div className="flex flex-wrap justify-end gap-2 rounded-b-card border-line border-t bg-sunken px-5 py-4">
            <Button
              disabled={!isChanged}
              onClick={() => {
                setDraft({});
                save.reset();
              }}
            >
              {t("company.discard")}
            </Button>
            <Button type="submit" variant="primary" busy={save.isPending} disabled={!isChanged}>
              {t("form.save")}
            </Button>
          </div>
        ) : null}
      </Card>
    </form>
  );
}

const KNOWN = {
  plan_of: ["free", "basic", "professional", "enterprise"],
  status_of: ["trial", "active", "suspended", "cancelled"],
};

function known(value: string, of: keyof typeof KNOWN): boolean {
  return KNOWN[of].includes(value);
}

/** What is as it was is no change. */
function without(draft: Draft, stored: Settings): Draft {
  return Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => (value ?? null) !== (stored[name as keyof Draft] ?? null)),
  );
}
