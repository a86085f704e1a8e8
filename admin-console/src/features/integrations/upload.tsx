import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Problem } from "@/lib/problem";
import { queryClient } from "@/lib/query";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { DropZone } from "@/ui/drop-zone";
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
  function choose(file: File) {
    setTooLarge(file.size > MOST_PACKAGE_BYTES);
    if (file.size <= MOST_PACKAGE_BYTES) upload.mutate(file);
  }
  return (
    <Dialog open onOpenChange={onClose} title={t("package.upload")} description={t("package.upload_hint")} size="md">
      {upload.data ? (
        <Checked version={upload.data} onClose={onClose} />
      ) : (
        <>
          <DropZone
            busy={upload.isPending}
            accept=".barq"
            label={t("package.choose")}
            busyLabel={t("package.sending")}
            hint={t("package.file_hint", { most })}
            onFile={choose}
          />
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
