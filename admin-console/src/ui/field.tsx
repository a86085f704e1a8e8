import { CircleAlert } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

export const controlStyle =
  "block w-full min-w-0 rounded-lg border border-line-strong bg-surface px-3 text-sm text-ink shadow-card transition-colors hover:border-faint focus:border-ring focus:outline-2 focus:-outline-offset-1 focus:outline-ring disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted aria-invalid:border-bad aria-invalid:focus:outline-bad";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlStyle, "h-9", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(controlStyle, "min-h-20 py-2 leading-relaxed", className)} {...props} />;
}

/** The browser's own select: reachable by keyboard and screen reader, and a wheel on a phone. */
export function Select({ className, children, ...props }: ComponentProps<"select">) {
  return (
    <select className={cn(controlStyle, "select-arrow h-9 appearance-none truncate pe-8", className)} {...props}>
      {children}
    </select>
  );
}

export function Checkbox({ className, ...props }: ComponentProps<"input">) {
  return (
    <input
      type="checkbox"
      className={cn(
        "block size-4 shrink-0 cursor-pointer rounded border-line-strong accent-accent disabled:cursor-not-allowed",
        className,
      )}
      {...props}
    />
  );
}

export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="mt-1.5 flex items-start gap-1.5 text-bad text-sm">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <span>{children}</span>
    </p>
  );
}

interface FieldProps {
  id: string;
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  className?: string;
  children: ReactNode;
}

/** A label, a control, its help and its error, tied together by ids: `${id}-help` and `${id}-error`. */
export function Field({ id, label, help, error, required, className, children }: FieldProps) {
  return (
    <div className={cn("min-w-0", className)}>
      <label htmlFor={id} className="mb-1.5 block font-medium text-ink text-sm">
        {label}
        {required ? (
          <span className="ms-1 text-bad" aria-hidden="true">
            {"*"}
          </span>
        ) : null}
      </label>
      {children}
      {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
      {help && !error ? (
        <p id={`${id}-help`} className="mt-1.5 text-faint text-xs">
          {help}
        </p>
      ) : null}
    </div>
  );
}

export function describedBy(id: string, help: unknown, error: unknown): string | undefined {
  if (error) return `${id}-error`;
  return help ? `${id}-help` : undefined;
}
