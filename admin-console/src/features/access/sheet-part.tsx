import type { ReactNode } from "react";

/** A part of a sheet, under its heading. */
export function SheetPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-line border-t py-5 first:border-t-0 first:pt-0">
      <h3 className="mb-3 font-semibold text-sm">{title}</h3>
      {children}
    </section>
  );
}
