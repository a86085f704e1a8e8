import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

const itemStyle =
  "flex cursor-pointer select-none items-center gap-2.5 rounded-md px-2.5 py-1.5 text-sm outline-none data-[disabled]:pointer-events-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "center" | "end";
  className?: string;
  /** Open from the beginning, for a menu that was fetched because its button was pressed. */
  startsOpen?: boolean;
}

export function Menu({ trigger, children, align = "end", className, startsOpen = false }: MenuProps) {
  return (
    <DropdownMenu.Root defaultOpen={startsOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            "scroll-thin z-50 max-h-[min(28rem,var(--radix-dropdown-menu-content-available-height))] min-w-48 animate-in overflow-y-auto rounded-xl border border-line bg-surface p-1.5 text-ink shadow-float",
            className,
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps extends ComponentProps<typeof DropdownMenu.Item> {
  danger?: boolean;
}

export function MenuItem({ className, danger, ...props }: MenuItemProps) {
  return <DropdownMenu.Item className={cn(itemStyle, danger && "text-bad [&_svg]:text-bad", className)} {...props} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2.5 pt-2 pb-1 font-medium text-faint text-xs">{children}</DropdownMenu.Label>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="-mx-1.5 my-1.5 h-px bg-line" />;
}

interface MenuChoicesProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  choices: { value: T; label: ReactNode; lang?: string }[];
}

export function MenuChoices<T extends string>({ value, onChange, choices }: MenuChoicesProps<T>) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {choices.map((choice) => (
        <DropdownMenu.RadioItem key={choice.value} value={choice.value} lang={choice.lang} className={itemStyle}>
          <span className="grid size-4 place-items-center">
            <DropdownMenu.ItemIndicator>
              <Check className="text-accent-text!" aria-hidden />
            </DropdownMenu.ItemIndicator>
          </span>
          <span className="min-w-0 truncate">{choice.label}</span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
