import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { useFormat } from "@/lib/format";
import { kindOf } from "@/resource/kinds/registry";
import { Button } from "@/ui/button";
import { CopyLine } from "@/ui/copy-line";
import { Dialog } from "@/ui/dialog";
import type { Entry, Wanted } from "./audit-api";
import { useAuditWords } from "./audit-words";
import { Who } from "./who";

interface AuditEntryProps {
  entry: Entry;
  onClose: () => void;
  onSearch: (part: Wanted) => void;
}

interface Change {
  before?: unknown;
  after?: unknown;
  erased?: boolean;
}

/** One entry as a whole: what was before and after, who acted, and where it stands in the chain. */
export function AuditEntry({ entry, onClose, onSearch }: AuditEntryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAuditWords();
  const changes = Object.entries(entry.changes as Record<string, Change>);
  const resource = words.resourceOf(entry.resource);
  const actor = entry.actor.id;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      sheet
      title={`${words.verb(entry.resource, entry.verb)} · ${words.kind(entry.resource)}`}
      description={format.instant(entry.at)}
    >
      <p className="mb-4 text-sm">
        <Who entry={entry} />
      </p>
      <h3 className="mb-2 font-medium text-sm">{t("audit.changes")}</h3>
      {changes.length === 0 ? <p className="text-muted text-sm">{t("audit.no_changes")}</p> : null}
      <dl className="overflow-hidden rounded-lg border border-line">
        {changes.map(([name, change]) => (
          <div key={name} className="border-line border-b last:border-b-0">
            <dt className="bg-sunken px-3 py-1.5 font-medium text-muted text-xs">
              {words.field(entry.resource, name)}
            </dt>
            <dd className="grid sm:grid-cols-2">
              {change.erased ? (
                <span className="px-3 py-2 text-faint text-sm italic">{t("audit.erased")}</span>
              ) : (
                <>
                  <Side
                    label={t("audit.before")}
                    kind="before"
                    value={change.before}
                    field={words.fieldOf(entry.resource, name)}
                    resource={resource}
                  />
                  <Side
                    label={t("audit.after")}
                    kind="after"
                    value={change.after}
                    field={words.fieldOf(entry.resource, name)}
                    resource={resource}
                  />
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-4 flex flex-wrap gap-2">
        {words.isShown(entry.resource) && entry.verb !== "delete" ? (
          <Button asChild size="sm">
            <Link
              to="/$module/$resource/$id"
              params={{ module: resource.module, resource: resource.name, id: entry.record_id }}
            >
              {t("audit.to_record")}
            </Link>
          </Button>
        ) : null}
        <Button size="sm" onClick={() => onSearch({ resource: entry.resource, record: entry.record_id })}>
          {t("audit.only_record")}
        </Button>
        {actor ? (
          <Button size="sm" onClick={() => onSearch({ actor })}>
            {t("audit.only_person")}
          </Button>
        ) : null}
      </div>
      <h3 className="mt-6 mb-2 font-medium text-sm">{t("audit.chain")}</h3>
      <dl className="grid items-center gap-x-4 gap-y-2 text-sm sm:grid-cols-[max-content_1fr]">
        <Line label={t("audit.seq")}>
          {entry.seq === null || entry.seq === undefined ? t("audit.not_sealed") : format.number(entry.seq)}
        </Line>
        {entry.hash ? (
          <Line label={t("audit.hash")}>
            <CopyLine label={t("audit.hash")} text={entry.hash} />
          </Line>
        ) : null}
        <Line label={t("audit.record")}>
          <CopyLine label={t("audit.record")} text={entry.record_id} />
        </Line>
        {entry.request_id ? (
          <Line label={t("audit.request")}>
            <CopyLine label={t("audit.request")} text={entry.request_id} />
          </Line>
        ) : null}
      </dl>
    </Dialog>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="num min-w-0 text-start">{children}</dd>
    </>
  );
}

interface SideProps {
  label: string;
  kind: "before" | "after";
  value: unknown;
  field: Field;
  resource: Resource;
}

function Side({ label, kind, value, field, resource }: SideProps) {
  const isEmpty = value === null || value === undefined || value === "";
  return (
    <div
      className={
        isEmpty
          ? "min-w-0 px-3 py-2 text-sm"
          : kind === "before"
            ? "min-w-0 bg-bad-soft/60 px-3 py-2 text-sm"
            : "min-w-0 bg-ok-soft/60 px-3 py-2 text-sm"
      }
    >
      <span className="mb-0.5 block text-2xs text-faint">{label}</span>
      <Value value={value} field={field} resource={resource} />
    </div>
  );
}

function Value({ value, field, resource }: Pick<SideProps, "value" | "field" | "resource">) {
  const { t, i18n } = useTranslation();
  // Settings of the organization have words on their own page.
  const worded = `company.${field.name}.${value}`;
  if (resource.module === "tenancy" && i18n.exists(worded))
    return <span>{t(worded as "company.calendar.umalqura")}</span>;
  if (value === null || value === undefined || value === "") {
    return <span className="text-faint italic">{t("audit.empty")}</span>;
  }
  if (typeof value === "object") {
    return (
      <pre dir="ltr" className="scroll-thin overflow-x-auto whitespace-pre-wrap break-all text-start font-mono text-xs">
        {JSON.stringify(value, null, 2)}
      </pre>
    );
  }
  if (field.kind === "text" || !resource.path) {
    return (
      <bdi className="break-words">
        {typeof value === "boolean" ? t(value ? "common.yes" : "common.no") : String(value)}
      </bdi>
    );
  }
  const { Cell } = kindOf(field.kind);
  return <Cell field={field} resource={resource} value={value} />;
}
