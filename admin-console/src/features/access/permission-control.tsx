import { Lock } from "lucide-react";
import { memo, useId } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/field";
import { type Entry, mayGive, type Scope, scopesOf, type Turn, widest } from "./permissions";
import { TurnBadge } from "./turn-badge";

interface PermissionControlProps {
  entry: Entry;
  scope: Scope | undefined;
  turn?: Turn | undefined;
  /** Without it the permission is only shown. */
  onChange: ((scope: Scope | undefined) => void) | undefined;
}

/** One permission: a tick where it holds for all rows or none, else the choice of whose rows. */
export const PermissionControl = memo(
  function PermissionControl({ entry, scope, turn, onChange }: PermissionControlProps) {
    const { t } = useTranslation();
    const id = useId();
    const most = widest(entry);
    const lacks = onChange && most !== scopesOf(entry).at(-1);
    const reason = lacks
      ? most
        ? t("permission.yours_reach", { scope: t(`permission.scope.${most}`) })
        : t("permission.not_yours")
      : undefined;
    const words = (
      <>
        <span className={cn("break-words", most || !onChange ? "" : "text-muted")}>{entry.label}</span>
        {turn ? <TurnBadge turn={turn} className="ms-2 align-middle" /> : null}
        {reason ? (
          <span id={`${id}-reason`} className="mt-0.5 flex items-center gap-1 text-faint text-xs">
            <Lock className="size-3 shrink-0" aria-hidden />
            {reason}
          </span>
        ) : null}
      </>
    );
    const describedBy = reason ? { "aria-describedby": `${id}-reason` } : {};
    if (!entry.is_scoped) {
      return (
        <label
          htmlFor={id}
          className={cn(
            "flex min-h-9 items-start gap-2.5 rounded-lg px-2 py-1.5 text-sm",
            onChange && most ? "cursor-pointer hover:bg-hover" : "",
          )}
        >
          <Checkbox
            id={id}
            checked={scope !== undefined}
            disabled={!onChange || !most}
            onChange={(event) => onChange?.(event.target.checked ? "all" : undefined)}
            className="mt-0.5"
            {...describedBy}
          />
          <span className="min-w-0">{words}</span>
        </label>
      );
    }
    return (
      <fieldset
        className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-lg px-2 py-1.5 text-sm"
        {...describedBy}
      >
        <legend className="sr-only">{entry.label}</legend>
        <div aria-hidden={!turn && !reason} className="min-w-40 flex-1">
          {words}
        </div>
        <div className="inline-flex rounded-lg border border-line-strong bg-surface p-0.5">
          {([undefined, ...scopesOf(entry)] as const).map((choice) => {
            const allowed = onChange && (choice ? mayGive(entry, choice) : most !== undefined);
            const checked = choice === scope;
            return (
              <label
                key={choice ?? "none"}
                className={cn(
                  "relative flex h-8 min-w-12 items-center justify-center rounded-md px-2.5 text-xs has-focus-visible:outline-2 has-focus-visible:outline-ring",
                  checked
                    ? choice
                      ? "bg-accent font-medium text-accent-ink"
                      : "bg-hover font-medium text-ink"
                    : "text-muted",
                  allowed ? "cursor-pointer" : "cursor-not-allowed",
                  !allowed && !checked ? "opacity-45" : "",
                  allowed && !checked ? "hover:bg-hover" : "",
                )}
              >
                <input
                  type="radio"
                  name={id}
                  checked={checked}
                  disabled={!allowed}
                  onChange={() => onChange?.(choice)}
                  className="sr-only"
                />
                {t(`permission.scope.${choice ?? "none"}`)}
              </label>
            );
          })}
        </div>
      </fieldset>
    );
  },
  // What is called when it changes does the same as before; only what is shown decides.
  (before, after) =>
    before.entry === after.entry &&
    before.scope === after.scope &&
    before.turn === after.turn &&
    !before.onChange === !after.onChange,
);
