import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { Download, FolderArchive } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { answerOf, client, fileNameFrom, send } from "@/lib/api";
import { useFormat } from "@/lib/format";
import { queryClient } from "@/lib/query";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { CopyLine } from "@/ui/copy-line";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";

type Export = Answer<"/api/v1/organization/exports", "get">["data"][number];
type State = "queued" | "running" | "done" | "dead" | "expired";

const STATES: Record<State, Tone> = {
  queued: "neutral",
  running: "info",
  done: "ok",
  dead: "bad",
  expired: "neutral",
};
const KEPT_MS = 7 * 86_400_000;

const isUnderWay = ({ state }: Export) => state === "queued" || state === "running";

const exportsQuery = queryOptions({
  queryKey: ["organization", "exports"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/exports"))).data,
  // While one is written the page follows it.
  refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? 2_000 : false),
});

/** Archives of everything that the organization has: ordered, followed, fetched. */
export function ExportsPage() {
  const { t } = useTranslation();
  const exports = useQuery(exportsQuery);
  const order = useMutation({
    mutationFn: () => answerOf(client.POST("/api/v1/organization/exports", { body: {} })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: exportsQuery.queryKey }),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  if (exports.isPending) return <PageSkeleton />;
  if (exports.isError) return <ErrorNote error={exports.error} onRetry={exports.refetch} />;
  return (
    <>
      <PageHead
        title={t("settings.section.exports")}
        hint={t("archive.hint")}
        actions={
          <Button
            variant="primary"
            busy={order.isPending}
            disabled={exports.data.some(isUnderWay)}
            onClick={() => order.mutate()}
          >
            {t("archive.order")}
          </Button>
        }
      />
      <div className="grid max-w-5xl gap-4">
        <Note kind="warn" title={t("archive.secret")}>
          {t("archive.secret_hint")}
        </Note>
        <Card>
          {exports.data.length === 0 ? <Empty icon={FolderArchive} title={t("archive.none")} /> : null}
          <ul className="divide-y divide-line">
            {exports.data.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
        </Card>
        <Card className="pb-5">
          <CardHead title={t("archive.inside")} />
          <ul className="list-disc space-y-1 ps-9 pe-5 text-muted text-sm">
            <li>{t("archive.inside_tables")}</li>
            <li>{t("archive.inside_files")}</li>
            <li>{t("archive.inside_manifest")}</li>
          </ul>
        </Card>
      </div>
    </>
  );
}

/** The file and what it amounts to, so that a copy can be compared with what the server sent. */
async function fetchArchive(id: string): Promise<{ name: string; checksum: string | undefined }> {
  const response = await send("GET", `/organization/exports/${id}/download`);
  const name = fileNameFrom(response.headers.get("content-disposition")) ?? "barq.zip";
  const bytes = await response.arrayBuffer();
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  // Only pages of a safe origin may reckon checksums.
  const digest = await globalThis.crypto.subtle?.digest("SHA-256", bytes);
  const hex = digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name, checksum: hex };
}

function Row({ one }: { one: Export }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fetched = useMutation({
    mutationFn: () => fetchArchive(one.id),
    onSuccess: ({ name }) => toast(t("archive.saved", { name })),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const state: State = one.state in STATES ? (one.state as State) : "queued";
  const ends = new Date(new Date(one.updated_at).getTime() + KEPT_MS).toISOString();
  return (
    <li className="px-5 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-48 flex-1">
          <p className="font-medium">{t("archive.ordered", { when: format.instant(one.created_at) })}</p>
          <p className="text-muted text-sm">
            {state === "done" && one.size_bytes
              ? t("archive.ready", { size: format.bytes(one.size_bytes), when: format.date(ends) })
              : null}
            {isUnderWay(one) ? t("archive.working") : null}
          </p>
          {one.last_error ? <p className="mt-1 break-words text-bad text-xs">{one.last_error}</p> : null}
        </div>
        <Badge tone={STATES[state]} dot>
          {t(`archive.state.${state}`)}
        </Badge>
        {state === "done" ? (
          <Button busy={fetched.isPending} onClick={() => fetched.mutate()}>
            <Download aria-hidden />
            {t(fetched.isPending ? "archive.fetching" : "archive.download")}
          </Button>
        ) : null}
      </div>
      {isUnderWay(one) ? (
        <div
          role="progressbar"
          aria-label={t(`archive.state.${state}`)}
          className="mt-3 h-1.5 overflow-hidden rounded-full bg-sunken"
        >
          <div className="h-full w-1/3 animate-pulse rounded-full bg-accent" />
        </div>
      ) : null}
      {fetched.data?.checksum ? (
        <div className="mt-3">
          <p className="mb-1 text-muted text-xs">
            {t("archive.checksum")}
            {" · "}
            {t("archive.checksum_hint")}
          </p>
          <CopyLine label={t("archive.checksum")} text={fetched.data.checksum} />
        </div>
      ) : null}
    </li>
  );
}
