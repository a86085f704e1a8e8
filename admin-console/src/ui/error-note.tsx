import type { TFunction } from "i18next";
import { CircleAlert, RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Problem } from "@/lib/problem";
import { Button } from "./button";

/** The words for a failure: the server's own where it gave some, ours where it could not be asked. */
export function wordsFor(error: unknown, t: TFunction): string {
  if (!(error instanceof Problem)) return t("errors.unexpected");
  if (error.status === 0) return t("errors.unreachable");
  if (error.message && error.message !== error.code) return error.message;
  if (error.status === 403) return t("errors.forbidden");
  if (error.status === 404) return t("errors.not_found");
  if (error.status === 412) return t("errors.stale");
  if (error.status === 413) return t("errors.too_large");
  if (error.status === 429) return t("errors.rate_limited");
  return error.status >= 500 ? t("errors.server") : t("errors.unexpected");
}

interface ErrorNoteProps {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}

export function ErrorNote({ error, onRetry, className }: ErrorNoteProps) {
  const { t } = useTranslation();
  const refusals = error instanceof Problem ? error.errors.filter((one) => one.message) : [];
  // A single reason says it all; several stand below what they have in common.
  const only = refusals.length === 1 ? refusals[0]?.message : undefined;
  const fields = only ? [] : refusals;
  return (
    <div
      role="alert"
      className={cn(
        "flex gap-3 rounded-lg bg-bad-soft px-4 py-3 text-bad text-sm ring-1 ring-bad/20 ring-inset",
        className,
      )}
    >
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{only ?? wordsFor(error, t)}</p>
        {fields.length > 0 ? (
          <ul className="mt-1 list-disc ps-4">
            {fields.slice(0, 8).map((one) => (
              <li key={`${one.row} ${one.field} ${one.code}`}>{one.message}</li>
            ))}
          </ul>
        ) : null}
        {error instanceof Problem && error.requestId && error.status >= 500 ? (
          <p className="mt-1 text-xs opacity-80">
            {t("errors.reference")} <bdi className="font-mono">{error.requestId}</bdi>
          </p>
        ) : null}
      </div>
      {onRetry ? (
        <Button size="sm" onClick={onRetry} className="self-center">
          <RotateCw aria-hidden />
          {t("common.retry")}
        </Button>
      ) : null}
    </div>
  );
}
