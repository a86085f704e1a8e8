import { ArrowRight, ChevronRight, type LucideProps } from "lucide-react";
import { cn } from "@/lib/cn";

/** Icons that point along the reading direction: mirrored where text runs from the right. */
export function ChevronEnd({ className, ...props }: LucideProps) {
  return <ChevronRight aria-hidden className={cn("rtl:-scale-x-100", className)} {...props} />;
}

export function ChevronStart({ className, ...props }: LucideProps) {
  return <ChevronRight aria-hidden className={cn("-scale-x-100 rtl:scale-x-100", className)} {...props} />;
}

export function ArrowEnd({ className, ...props }: LucideProps) {
  return <ArrowRight aria-hidden className={cn("rtl:-scale-x-100", className)} {...props} />;
}

export function Bolt({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f5f66" />
      <path d="M18.2 4.5 8.5 17.8h6l-1.6 9.7 10.6-14.2h-6.4z" fill="#ffc23d" />
    </svg>
  );
}
