import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden="true" className={cn("animate-pulse rounded-md bg-hover", className)} />;
}

export function PageSkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")}>
      <Skeleton className="mb-6 h-8 w-56" />
      <Skeleton className="mb-3 h-9 w-full max-w-md" />
      <Skeleton className="h-80 w-full" />
    </div>
  );
}

const ROWS = [0, 1, 2, 3, 4, 5];

export function RowsSkeleton({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="space-y-3 p-5">
      {ROWS.slice(0, rows).map((row) => (
        <Skeleton key={row} className="h-5" />
      ))}
    </div>
  );
}
