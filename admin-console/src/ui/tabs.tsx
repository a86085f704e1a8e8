import { Tabs as Primitive } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";

interface TabsProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  tabs: { value: string; label: ReactNode; count?: ReactNode }[];
  children: ReactNode;
}

export function Tabs({ value, onChange, label, tabs, children }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  // Counts come later than their tabs and push the others aside.
  const counts = tabs.map((tab) => (tab.count === undefined ? "" : "+")).join();
  // On a narrow screen an address may lead to a tab that stands beyond its edge.
  // biome-ignore lint/correctness/useExhaustiveDependencies: which tab is the active one is read from the page
  useEffect(() => {
    const row = list.current;
    const active = row?.querySelector<HTMLElement>("[data-state=active]");
    if (!row || !active) return;
    const [frame, tab] = [row.getBoundingClientRect(), active.getBoundingClientRect()];
    if (tab.left < frame.left) row.scrollLeft += tab.left - frame.left;
    else if (tab.right > frame.right) row.scrollLeft += tab.right - frame.right;
  }, [value, counts]);
  return (
    <Primitive.Root value={value} onValueChange={onChange}>
      <Primitive.List
        ref={list}
        aria-label={label}
        className="scroll-thin mb-5 flex gap-1 overflow-x-auto border-line border-b [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px flex shrink-0 items-center gap-2 border-transparent border-b-2 px-3 py-2.5 font-medium text-muted text-sm -outline-offset-2 transition-colors hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.count !== undefined ? (
              <span className="num rounded-full bg-hover px-1.5 text-muted text-xs">{tab.count}</span>
            ) : null}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {children}
    </Primitive.Root>
  );
}

export const TabPanel = Primitive.Content;
