import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** The looks of a table; TanStack Table or plain rows bring the contents. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  return (
    // "relative" keeps what is only there for screen readers inside the part that scrolls.
    <div className="scroll-thin relative overflow-x-auto">
      <table className={cn("w-full border-collapse text-sm", className)} {...props} />
    </div>
  );
}

export function Th({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn(
        "whitespace-nowrap border-line border-y bg-sunken px-4 py-2 align-middle font-medium text-muted text-xs",
        className,
      )}
      {...props}
    />
  );
}

export function Td({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("border-line border-b px-4 py-2.5 align-middle", className)} {...props} />;
}
