import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { Input } from "./field";

interface SearchFieldProps extends ComponentProps<typeof Input> {
  /** What is searched; said in the empty field too. */
  label: string;
  /** Of the field with its sign. */
  className?: string;
}

/** A field that narrows a list. */
export function SearchField({ label, className, ...input }: SearchFieldProps) {
  return (
    <div className={cn("relative", className)}>
      <Search className="pointer-events-none absolute inset-y-0 start-3 my-auto size-4 text-faint" aria-hidden />
      <Input type="search" className="ps-9" aria-label={label} placeholder={label} {...input} />
    </div>
  );
}
