import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, Link2, ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useNarrow } from "@/lib/media";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Menu, MenuItem } from "@/ui/menu";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { RowsSkeleton } from "@/ui/skeleton";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";
import { auditQuery, chainQuery, type Entry, saveAudit, WANTED, type Wanted } from "./audit-api";
import { AuditEntry } from "./audit-entry";
import { AuditFilters } from "./audit-filters";
import { useAuditWords } from "./audit-words";
import { Who } from "./who";

const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Who changed what and when, in the whole organization: searched by the address, opened one by one. */
export function AuditPage() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as Record<string, string>;
  const navigate = useNavigate();
  const wanted: Wanted = Object.fromEntries(WANTED.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
  const change = (part: Wanted) =>
    navigate({ to: "/settings/audit", search: { ...search, ...part }, replace: true, resetScroll: false });
  return (
    <>
      <PageHead title={t("settings.section.audit")} hint={t("audit.hint")} actions={<ExportMenu wanted={wanted} />} />
      <div className="grid gap-4">
        <Chain />
        <AuditFilters wanted={wanted} onChange={change} />
        <Found wanted={wanted} onChange={change} />
      </div>
    </>
  );
}

function ExportMenu({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: (format: "csv" | "ndjson") => saveAudit(wanted, format),
    onSuccess: () => toast(t("audit.saved")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Menu
      trigger={
        <Button busy={save.isPending}>
          <Download aria-hidden />
          {t("audit.export")}
        </Button>
      }
    >
      <MenuItem onSelect={() => save.mutate("csv")}>{t("audit.export_csv")}</MenuItem>
      <MenuItem onSelect={() => save.mutate("ndjson")}>{t("audit.export_ndjson")}</MenuItem>
    </Menu>
  );
}

function Chain() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(chainQuery);
  if (data === undefined) return null;
  if (data === null || data.seq === null || data.seq === undefined) return <Note>{t("audit.chain_none")}</Note>;
  return (
    <p className="flex items-start gap-2 text-muted text-sm">
      <Link2 className="mt-0.5 size-4 shrink-0 text-ok" aria-hidden />
      <span>
        <span className="font-medium text-ink">{t("audit.chain_state", { seq: format.number(data.seq) })}</span>{" "}
        {t("audit.chain_hint", { when: format.instant(data.at) })}
      </span>
    </p>
  );
}

function Found({ wanted, onChange }: { wanted: Wanted; onChange: (part: Wanted) => void }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [open, setOpen] = useState<Entry>();
  // A piece of an id is not asked for: the server knows whole ones only.
  const found = useInfiniteQuery({ ...auditQuery(wanted), enabled: !wanted.record || isId(wanted.record) });
  if (found.isError) return <ErrorNote error={found.error} onRetry={found.refetch} />;
  const entries = found.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card className="overflow-hidden">
      {found.isLoading ? <RowsSkeleton /> : null}
      {!found.isLoading && entries.length === 0 ? (
        <Empty icon={ScrollText} title={t("audit.none")}>
          {t("audit.none_hint")}
        </Empty>
      ) : null}
      {entries.length > 0 ? (
        narrow ? (
          <Cards entries={entries} onOpen={setOpen} />
        ) : (
          <Rows entries={entries} onOpen={setOpen} />
        )
      ) : null}
      {entries.length > 0 ? (
        <div className="flex items-center justify-between gap-3 px-5 py-3 text-muted text-sm">
          <span>{t("audit.loaded", { count: entries.length })}</span>
          {found.hasNextPage ? (
            <Button size="sm" busy={found.isFetchingNextPage} onClick={() => found.fetchNextPage()}>
              {t("audit.more")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {open ? (
        <AuditEntry
          entry={open}
          onClose={() => setOpen(undefined)}
          onSearch={(part) => {
            setOpen(undefined);
            onChange(part);
          }}
        />
      ) : null}
    </Card>
  );
}

interface ListProps {
  entries: Entry[];
  onOpen: (entry: Entry) => void;
}

function Rows({ entries, onOpen }: ListProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAuditWords();
  return (
    <Table>
      <thead>
        <tr>
          <Th className="border-t-0 text-start">{t("audit.when")}</Th>
          <Th className="border-t-0 text-start">{t("audit.who")}</Th>
          <Th className="border-t-0 text-start">{t("audit.what")}</Th>
          <Th className="border-t-0 text-start">{t("audit.kind")}</Th>
          <Th className="border-t-0 text-start">{t("audit.changes")}</Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id} className="relative hover:bg-hover/50">
            <Td className="num whitespace-nowrap text-start text-muted">
              <button
                type="button"
                aria-label={t("audit.open")}
                onClick={() => onOpen(entry)}
                className="after:absolute after:inset-0"
              >
                <time dateTime={entry.at}>{format.instant(entry.at)}</time>
              </button>
            </Td>
            <Td>
              <Who entry={entry} />
            </Td>
            <Td className="whitespace-nowrap font-medium">{words.verb(entry.resource, entry.verb)}</Td>
            <Td>{words.kind(entry.resource)}</Td>
            <Td className="max-w-72 truncate text-muted">
              {format.list(fieldsOf(entry).map((name) => words.field(entry.resource, name)))}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** The first few: how a row differs from its neighbours, not all there is. */
const fieldsOf = (entry: Entry) => Object.keys(entry.changes as object).slice(0, 4);

function Cards({ entries, onOpen }: ListProps) {
  const format = useFormat();
  const words = useAuditWords();
  return (
    <ul className="divide-y divide-line">
      {entries.map((entry) => (
        <li key={entry.id}>
          <button
            type="button"
            onClick={() => onOpen(entry)}
            className="block w-full px-4 py-3 text-start hover:bg-hover/50"
          >
            <span className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-medium text-sm">
                {words.verb(entry.resource, entry.verb)}
                {" · "}
                {words.kind(entry.resource)}
              </span>
              <time dateTime={entry.at} className="num text-faint text-xs">
                {format.instant(entry.at)}
              </time>
            </span>
            <span className="mt-0.5 block text-muted text-sm">
              <Who entry={entry} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
