import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const KINDS = {
  info: { icon: Info, style: "bg-info-soft text-info ring-info/20" },
  ok: { icon: CircleCheck, style: "bg-ok-soft text-ok ring-ok/20" },
  warn: { icon: TriangleAlert, style: "bg-warn-soft text-warn ring-warn/20" },
};

interface NoteProps {
  kind?: keyof typeof KINDS;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
}

export function Note({ kind = "info", title, children, actions, className }: NoteProps) {
  const { icon: Icon, style } = KINDS[kind];
  return (
    <div role="status" className={cn("flex gap-3 rounded-lg px-4 py-3 text-sm ring-1 ring-inset", style, className)}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        {title ? <p className="font-medium">{title}</p> : null}
        {children ? <div className={cn(title ? "mt-0.5" : "", "text-ink")}>{children}</div> : null}
      </div>
      {actions}
    </div>
  );
}
