import type { ReactNode } from "react";
import { useFormat } from "@/lib/format";
import { ArrowEnd } from "@/ui/icons";

/** What happened, newest first, on a line that ties it together. */
export function Timeline({ children }: { children: ReactNode }) {
  return <ol className="space-y-5">{children}</ol>;
}

interface MomentProps {
  at: string;
  by: string;
  children: ReactNode;
}

export function Moment({ at, by, children }: MomentProps) {
  const format = useFormat();
  return (
    <li className="group relative ps-6">
      <span
        aria-hidden="true"
        className="absolute inset-y-0 -bottom-5 start-[0.3125rem] w-px bg-line group-last:hidden"
      />
      <span
        aria-hidden="true"
        className="absolute start-0 top-1.5 size-2.5 rounded-full bg-accent ring-4 ring-surface"
      />
      <p className="text-sm">
        <bdi className="font-medium">{by}</bdi>
        <time dateTime={at} className="ms-2 text-faint">
          {format.instant(at)}
        </time>
      </p>
      <dl className="mt-2 grid gap-1.5 text-sm sm:grid-cols-[minmax(8rem,12rem)_1fr]">{children}</dl>
    </li>
  );
}

interface ChangedProps {
  label: ReactNode;
  before: ReactNode;
  after: ReactNode;
}

export function Changed({ label, before, after }: ChangedProps) {
  return (
    <div className="contents">
      <dt className="text-muted">{label}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-2">
        <span className="text-muted line-through decoration-faint/60">{before}</span>
        <ArrowEnd className="size-3.5 text-faint" />
        <span>{after}</span>
      </dd>
    </div>
  );
}
