import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Problem } from "@/lib/problem";
import { queryClient } from "@/lib/query";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { MOST_PACKAGE_BYTES, uploadPackage, versionQuery } from "./package-api";
import type { Version } from "./shapes";
import { Trust } from "./trust";
import { isolated } from "./words";

/** A refusal that ends when the publisher's key is entered. */
export function needsPublisher(error: unknown): boolean {
  const code = "package_publisher_unknown";
  return error instanceof Problem && (error.code === code || error.errors.some((one) => one.code === code));
}

interface UploadProps {
  onClose: () => void;
  /** Leads to where a publisher is trusted. */
  onPublishers: () => void;
}

/** Takes a package, says who signed it, and waits while its code is looked at. */
export function Upload({ onClose, onPublishers }: UploadProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [tooLarge, setTooLarge] = useState(false);
  const upload = useMutation({ mutationFn: uploadPackage });
  const most = format.bytes(MOST_PACKAGE_BYTES);
  function choose(file: File | undefined) {
    if (!file) return;
    setTooLarge(file.size > MOST_PACKAGE_BYTES);
    if (file.size <= MOST_PACKAGE_BYTES) upload.mutate(file);
  }
  return (
    <Dialog open onOpenChange={onClose} title={t("package.upload")} description={t("package.upload_hint")} size="md">
      {upload.data ? (
        <Checked version={upload.data} onClose={onClose} />
      ) : (
        <>
          <Drop busy={upload.isPending} most={most} onFile={choose} />
          {tooLarge ? (
            <Note kind="warn" className="mt-4">
              {t("import.too_large", { most })}
            </Note>
          ) : null}
          {upload.error && !tooLarge ? <ErrorNote error={upload.error} className="mt-4" /> : null}
          {needsPublisher(upload.error) ? (
            <Button className="mt-3" onClick={onPublishers}>
              {t("package.to_publishers")}
            </Button>
          ) : null}
        </>
      )}
    </Dialog>
  );
}

interface DropProps {
  busy: boolean;
  most: string;
  onFile: (file: File | undefined) => void;
}

function Drop({ busy, most, onFile }: DropProps) {
  const { t } = useTranslation();
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <>
      <input
        ref={chooser}
        type="file"
        accept=".barq"
        aria-label={t("package.choose")}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <button
        type="button"
        disabled={busy}
        onClick={() => chooser.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (!busy) onFile(event.dataTransfer.files[0]);
        }}
        className={cn(
          "flex w-full flex-col items-center gap-2 rounded-xl border-2 border-line-strong border-dashed px-6 py-10 text-center transition-colors hover:bg-hover disabled:opacity-70",
          over && "border-accent bg-accent-soft",
        )}
      >
        {busy ? (
          <LoaderCircle className="size-7 animate-spin text-accent-text" aria-hidden />
        ) : (
          <FileUp className="size-7 text-accent-text" aria-hidden />
        )}
        <span className="font-medium">{busy ? t("package.sending") : t("package.choose")}</span>
        <span className="text-faint text-sm">{t("package.file_hint", { most })}</span>
      </button>
    </>
  );
}

function Checked({ version: uploaded, onClose }: { version: Version; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const version = useQuery({ ...versionQuery(uploaded.id), initialData: uploaded }).data;
  const isReady = version.status === "ready";
  // The catalogue offers it from now on.
  useEffect(() => {
    if (isReady) void queryClient.invalidateQueries({ queryKey: ["plugins", "catalogue"] });
  }, [isReady]);
  const named = { plugin: isolated(version.plugin), version: isolated(version.plugin_version) };
  return (
    <div className="space-y-4 text-sm" aria-live="polite">
      <div>
        <p className="font-semibold text-base">
          <bdi>{version.plugin}</bdi> <bdi className="text-muted">{version.plugin_version}</bdi>
        </p>
        <Trust version={version} className="mt-1" />
      </div>
      {version.status === "checking" ? (
        <p className="flex items-start gap-2">
          <LoaderCircle className="mt-0.5 size-4 shrink-0 animate-spin text-accent-text" aria-hidden />
          {t("package.checking")}
        </p>
      ) : null}
      {isReady ? (
        <>
          <Note kind="ok" title={t("package.ready", named)}>
            {t("package.ready_hint")}
          </Note>
          <Button asChild variant="primary">
            <Link to="/integrations/plugins/$name" params={{ name: version.plugin }} onClick={onClose}>
              {t("package.see_asks")}
            </Link>
          </Button>
        </>
      ) : null}
      {version.status === "refused" || version.status === "withdrawn" ? (
        <Note kind="warn" title={t(`package.is_${version.status}`, named)}>
          {version.refused_code ? (labels.problem(version.refused_code) ?? version.refused_code) : null}
          {version.refused_detail ? (
            <span className="mt-1 block break-words text-muted">
              <bdi dir="auto">{version.refused_detail}</bdi>
            </span>
          ) : null}
        </Note>
      ) : null}
    </div>
  );
}
