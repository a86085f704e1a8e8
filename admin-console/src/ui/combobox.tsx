import { Check, ChevronsUpDown, LoaderCircle, X } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { controlStyle } from "./field";

export interface Choice {
  value: string;
  label: string;
}

interface ComboboxProps {
  id: string;
  value: string | null;
  /** What the chosen value is called; the list may not hold it. */
  chosenLabel: string | undefined;
  choices: Choice[];
  search: string;
  onSearch: (search: string) => void;
  onChange: (value: string | null, label?: string) => void;
  onBlur?: () => void;
  loading?: boolean;
  failed?: string | undefined;
  disabled?: boolean;
  clearable?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
}

/** Chooses one of many by typing a part of its name; the list comes from wherever the caller searches. */
export function Combobox(props: ComboboxProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const listId = useId();
  const { choices, value } = props;

  function close() {
    setOpen(false);
    props.onSearch("");
    props.onBlur?.();
  }

  function choose(choice: Choice | undefined) {
    if (!choice) return;
    props.onChange(choice.value, choice.label);
    close();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowDown") setActive((at) => Math.min(at + 1, choices.length - 1));
    else if (event.key === "ArrowUp") setActive((at) => Math.max(at - 1, 0));
    else if (event.key === "Home") setActive(0);
    else if (event.key === "End") setActive(choices.length - 1);
    else if (event.key === "Enter") choose(choices[active]);
    else return;
    event.preventDefault();
  }

  return (
    <Popover.Root open={open} onOpenChange={(next) => (next ? setOpen(true) : close())}>
      <div className="relative">
        <Popover.Trigger asChild>
          <button
            type="button"
            id={props.id}
            disabled={props.disabled}
            role="combobox"
            aria-expanded={open}
            aria-controls={listId}
            aria-invalid={props.invalid || undefined}
            aria-describedby={props.describedBy}
            className={cn(controlStyle, "flex h-9 items-center text-start", props.clearable ? "pe-16" : "pe-9")}
          >
            <span className={cn("min-w-0 flex-1 truncate", !value && "text-faint")}>
              {value ? <bdi>{props.chosenLabel ?? value}</bdi> : t("common.choose")}
            </span>
          </button>
        </Popover.Trigger>
        <ChevronsUpDown
          className="pointer-events-none absolute inset-y-0 end-3 my-auto size-4 text-faint"
          aria-hidden
        />
        {props.clearable && value && !props.disabled ? (
          <button
            type="button"
            aria-label={t("common.clear")}
            onClick={() => props.onChange(null)}
            className="absolute inset-y-0 end-8 my-auto h-fit rounded p-1 text-faint hover:text-ink"
          >
            <X className="size-4" aria-hidden />
          </button>
        ) : null}
      </div>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t("common.choose")}
          className="z-50 w-[var(--radix-popover-trigger-width)] min-w-60 animate-in rounded-xl border border-line bg-surface shadow-float focus:outline-none"
        >
          <div className="border-line border-b p-2">
            <input
              type="search"
              aria-label={t("common.search")}
              aria-controls={listId}
              aria-activedescendant={choices[active] ? `${listId}-${active}` : undefined}
              placeholder={t("common.type_to_search")}
              value={props.search}
              onChange={(event) => {
                setActive(0);
                props.onSearch(event.target.value);
              }}
              onKeyDown={onKeyDown}
              className={cn(controlStyle, "h-8")}
            />
          </div>
          <div id={listId} role="listbox" className="scroll-thin max-h-64 overflow-y-auto p-1.5" tabIndex={-1}>
            {choices.map((choice, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above moves through the list
              <div
                key={choice.value}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={choice.value === value}
                onClick={() => choose(choice)}
                onPointerMove={() => setActive(index)}
                className={cn(
                  "flex cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 text-sm",
                  index === active && "bg-hover",
                )}
              >
                <bdi className="min-w-0 flex-1 truncate">{choice.label}</bdi>
                {choice.value === value ? <Check className="size-4 text-accent-text" aria-hidden /> : null}
              </div>
            ))}
            {props.loading ? (
              <p className="flex items-center gap-2 px-2.5 py-2 text-faint text-sm">
                <LoaderCircle className="size-4 animate-spin" aria-hidden />
                {t("common.loading")}
              </p>
            ) : null}
            {!props.loading && choices.length === 0 ? (
              <p className="px-2.5 py-2 text-faint text-sm">{props.failed ?? t("common.nothing_found")}</p>
            ) : null}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
