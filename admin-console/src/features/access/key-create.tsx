import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { today, useFormat } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { DateField } from "@/ui/date-field";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, FieldError, Input, Select } from "@/ui/field";
import { RowsSkeleton } from "@/ui/skeleton";
import { accessQueries, createKey, type Issued } from "./access-api";
import { holdsOf, useKeyCatalogue } from "./key-catalogue";
import { PermissionEditor } from "./permission-editor";
import { type Given, listOf } from "./permissions";

/** Days that a key is good for. */
const LIFETIMES = [30, 90, 180, 365, 730] as const;
const USUAL_RATE = 600;
const HIGHEST_RATE = 60_000;

interface KeyCreateProps {
  /** The service account that the key is for; the caller's own when there is none. */
  holder: string | undefined;
  onClose: () => void;
  onIssued: (issued: Issued) => void;
}

/** The end of a day, so that a key is good for all of it; the longest one may not pass the server's limit by hours. */
function endOf(days: number | "date", date: string | null): string {
  if (days !== "date") return new Date(Date.now() + days * 86_400_000 - 60_000).toISOString();
  return date ? new Date(`${date}T23:59:59`).toISOString() : "";
}

/** A new key: for whom, what it may do, until when and how often. */
export function KeyCreate({ holder, onClose, onIssued }: KeyCreateProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const accounts = useQuery(accessQueries.accounts);
  const roles = useQuery(accessQueries.roles);
  const [name, setName] = useState("");
  const [account, setAccount] = useState(holder ?? "");
  const [days, setDays] = useState<number | "date">(90);
  const [date, setDate] = useState<string | null>(null);
  const [rate, setRate] = useState(String(USUAL_RATE));
  const [given, setGiven] = useState<Given>(new Map());
  const chosen = accounts.data?.find((one) => one.id === account);
  const holds = useMemo(() => holdsOf(chosen ?? { membership: "", roles: [] }, roles.data), [chosen, roles.data]);
  const catalogue = useKeyCatalogue(holds);
  const make = useMutation({
    mutationFn: () =>
      createKey({
        name: name.trim(),
        service_account_id: account || null,
        scopes: listOf(given).map((one) => one.name),
        expires_at: endOf(days, date),
        requests_per_minute: Number(rate),
      }),
    onSuccess: onIssued,
  });
  const errorOf = (field: string) =>
    isProblem(make.error) ? make.error.errors.find((one) => one.field === field)?.message : undefined;
  const fields = ["name", "service_account_id", "scopes", "expires_at", "requests_per_minute"];
  const elsewhere = make.error && !fields.some(errorOf) ? make.error : null;
  const scopeErrors = isProblem(make.error) ? make.error.errors.filter((one) => one.field === "scopes") : [];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="lg"
      title={t("api_key.new")}
      description={t("api_key.new_hint")}
      footer={
        <>
          <p className="me-auto self-center text-muted text-sm" aria-live="polite">
            {t("api_key.scopes_count", { count: given.size, shown: format.number(given.size) })}
          </p>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            variant="primary"
            busy={make.isPending}
            disabled={!name.trim() || given.size === 0 || (days === "date" && !date) || !(Number(rate) >= 1)}
            onClick={() => make.mutate()}
          >
            {t("api_key.make")}
          </Button>
        </>
      }
    >
      {elsewhere ? <ErrorNote error={elsewhere} className="mb-4" /> : null}
      <div className="grid gap-x-5 gap-y-4 sm:grid-cols-2">
        <Field id="key-name" label={t("api_key.name")} help={t("api_key.name_help")} required error={errorOf("name")}>
          <Input
            id="key-name"
            dir="auto"
            maxLength={100}
            autoComplete="off"
            value={name}
            aria-invalid={errorOf("name") ? true : undefined}
            aria-describedby={describedBy("key-name", true, errorOf("name"))}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field
          id="key-holder"
          label={t("api_key.holder")}
          help={account ? t("api_key.holder_account_help") : t("api_key.holder_self_help")}
          error={errorOf("service_account_id")}
        >
          <Select
            id="key-holder"
            value={account}
            aria-describedby={describedBy("key-holder", true, errorOf("service_account_id"))}
            onChange={(event) => setAccount(event.target.value)}
          >
            <option value="">{t("member.me", { name: me.user.full_name })}</option>
            {accounts.data?.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field id="key-days" label={t("api_key.lifetime")} error={errorOf("expires_at")}>
          <div className="flex flex-wrap gap-2">
            <Select
              id="key-days"
              value={days}
              aria-invalid={errorOf("expires_at") ? true : undefined}
              aria-describedby={describedBy("key-days", undefined, errorOf("expires_at"))}
              onChange={(event) => setDays(event.target.value === "date" ? "date" : Number(event.target.value))}
              className="min-w-32 flex-1"
            >
              {LIFETIMES.map((one) => (
                <option key={one} value={one}>
                  {t("api_key.days", { count: one, shown: format.number(one) })}
                </option>
              ))}
              <option value="date">{t("api_key.until_date")}</option>
            </Select>
            {days === "date" ? (
              <div className="min-w-40 flex-1">
                <DateField id="key-date" value={date ?? today(90)} onChange={setDate} label={t("api_key.until_date")} />
              </div>
            ) : null}
          </div>
        </Field>
        <Field
          id="key-rate"
          label={t("api_key.rate_label")}
          help={t("api_key.rate_help", { most: format.number(HIGHEST_RATE) })}
          error={errorOf("requests_per_minute")}
        >
          <Input
            id="key-rate"
            type="number"
            min={1}
            max={HIGHEST_RATE}
            inputMode="numeric"
            dir="ltr"
            className="text-page-start"
            value={rate}
            aria-invalid={errorOf("requests_per_minute") ? true : undefined}
            aria-describedby={describedBy("key-rate", true, errorOf("requests_per_minute"))}
            onChange={(event) => setRate(event.target.value)}
          />
        </Field>
      </div>
      <h3 className="mt-6 mb-2 font-semibold text-sm">{t("api_key.scopes")}</h3>
      <p className="mb-3 text-muted text-sm">{t("api_key.scopes_hint")}</p>
      {scopeErrors.length > 0 ? (
        <div className="mb-3" role="alert">
          {scopeErrors.slice(0, 8).map((one) => (
            <FieldError key={one.message}>{one.message}</FieldError>
          ))}
        </div>
      ) : null}
      {catalogue.error ? <ErrorNote error={catalogue.error} onRetry={catalogue.refetch} /> : null}
      {catalogue.isPending ? (
        <RowsSkeleton />
      ) : (
        <PermissionEditor
          parts={catalogue.parts}
          given={given}
          onChange={(update) => setGiven((now) => update(now))}
          keys
        />
      )}
    </Dialog>
  );
}
