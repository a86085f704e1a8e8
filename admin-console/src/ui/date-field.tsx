import {
  CalendarDate,
  type DateDuration,
  endOfMonth,
  getDayOfWeek,
  isSameDay,
  startOfMonth,
} from "@internationalized/date";
import { CalendarDays } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asText, calendarOf, readDate, toIso, toReader } from "@/lib/calendar";
import { cn } from "@/lib/cn";
import { today } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useWeekStart } from "@/lib/week";
import { Button } from "./button";
import { Input } from "./field";
import { ChevronEnd, ChevronStart } from "./icons";

interface DateFieldProps {
  id: string;
  value: string | null;
  onChange: (iso: string | null) => void;
  onBlur?: () => void;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
  label?: string;
}

/** A date to type or to pick, in the calendar the reader chose. What is typed but is no date is kept and marked. */
export function DateField({ id, value, onChange, onBlur, disabled, invalid, describedBy, label }: DateFieldProps) {
  const { t } = useTranslation();
  const { calendar } = usePreferences();
  const chosen = value ? toReader(value, calendar) : undefined;
  const [text, setText] = useState(chosen ? asText(chosen) : (value ?? ""));
  const [open, setOpen] = useState(false);
  const typed = useRef(value);

  // The field follows a value set from outside (a reset form, a cleared filter), but never overwrites typing.
  useEffect(() => {
    if (typed.current === value) return;
    typed.current = value;
    const date = value ? toReader(value, calendar) : undefined;
    setText(date ? asText(date) : (value ?? ""));
  }, [value, calendar]);

  useEffect(() => {
    const date = typed.current ? toReader(typed.current, calendar) : undefined;
    if (date) setText(asText(date));
  }, [calendar]);

  function change(next: string) {
    setText(next);
    // Anything unreadable goes to the server as typed, so that its refusal names the field in the reader's language.
    const iso = next.trim() === "" ? null : (readDate(next, calendar) ?? next);
    typed.current = iso;
    onChange(iso);
  }

  function pick(date: CalendarDate) {
    setText(asText(date));
    typed.current = toIso(date);
    onChange(typed.current);
    setOpen(false);
  }

  return (
    <div className="relative">
      <Input
        id={id}
        value={text}
        inputMode="numeric"
        autoComplete="off"
        aria-label={label}
        placeholder={calendar === "gregory" ? t("date.format_gregorian") : t("date.format_hijri")}
        disabled={disabled}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        onChange={(event) => change(event.target.value)}
        onBlur={onBlur}
        className="num pe-9 text-start"
      />
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          <button
            type="button"
            disabled={disabled}
            aria-label={t("date.open_calendar")}
            className="absolute inset-y-0 end-1.5 my-auto h-fit rounded p-1.5 text-faint hover:text-ink"
          >
            <CalendarDays className="size-4" aria-hidden />
          </button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="end"
            sideOffset={6}
            collisionPadding={8}
            aria-label={t("date.open_calendar")}
            className="z-50 w-72 animate-in rounded-xl border border-line bg-surface p-3 shadow-float focus:outline-none"
          >
            <Grid chosen={chosen} onPick={pick} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

function Grid({ chosen, onPick }: { chosen: CalendarDate | undefined; onPick: (date: CalendarDate) => void }) {
  const { t } = useTranslation();
  const { calendar, language } = usePreferences();
  const now = toReader(today(), calendar) ?? new CalendarDate(calendarOf(calendar), 1, 1, 1);
  const [focused, setFocused] = useState(chosen ?? now);
  const grid = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  const region = language === "ar" ? "ar-SA" : "en-GB";
  const heading = new Intl.DateTimeFormat(`${region}-u-ca-${calendar}-nu-latn`, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const weekday = new Intl.DateTimeFormat(region, { weekday: "narrow", timeZone: "UTC" });
  const weekStart = useWeekStart();
  const first = startOfMonth(focused);
  const start = first.subtract({ days: getDayOfWeek(first, region, weekStart) });
  const count = Math.ceil((getDayOfWeek(first, region, weekStart) + endOfMonth(focused).day) / 7) * 7;
  const days = Array.from({ length: count }, (_, index) => start.add({ days: index }));

  const focusKey = toIso(focused);
  useEffect(() => {
    if (moved.current) grid.current?.querySelector<HTMLButtonElement>(`[data-day="${focusKey}"]`)?.focus();
    moved.current = false;
  }, [focusKey]);

  function onKeyDown(event: KeyboardEvent) {
    const forward = document.documentElement.dir === "rtl" ? -1 : 1;
    const by: Record<string, DateDuration> = {
      ArrowRight: { days: forward },
      ArrowLeft: { days: -forward },
      ArrowDown: { weeks: 1 },
      ArrowUp: { weeks: -1 },
      PageDown: { months: 1 },
      PageUp: { months: -1 },
    };
    const step = by[event.key];
    if (!step) return;
    event.preventDefault();
    moved.current = true;
    setFocused(focused.add(step));
  }

  return (
    <>
      <div className="mb-2 flex items-center justify-between">
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("date.previous_month")}
          onClick={() => setFocused(focused.subtract({ months: 1 }))}
        >
          <ChevronStart />
        </Button>
        <span aria-live="polite" className="font-medium text-sm">
          {heading.format(focused.toDate("UTC"))}
        </span>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("date.next_month")}
          onClick={() => setFocused(focused.add({ months: 1 }))}
        >
          <ChevronEnd />
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move between the buttons inside */}
      <div ref={grid} onKeyDown={onKeyDown} className="grid grid-cols-7 text-center">
        {days.slice(0, 7).map((day) => (
          <span key={toIso(day)} aria-hidden="true" className="py-1 text-faint text-xs">
            {weekday.format(day.toDate("UTC"))}
          </span>
        ))}
        {days.map((day) => (
          <button
            type="button"
            key={toIso(day)}
            data-day={toIso(day)}
            tabIndex={isSameDay(day, focused) ? 0 : -1}
            aria-pressed={chosen ? isSameDay(day, chosen) : false}
            onClick={() => onPick(day)}
            className={cn(
              "num grid h-9 place-items-center rounded-lg text-sm hover:bg-hover",
              day.month !== focused.month && "text-faint/60",
              isSameDay(day, now) && "font-semibold text-accent-text",
              chosen && isSameDay(day, chosen) && "bg-accent text-accent-ink hover:bg-accent",
            )}
          >
            {day.day}
          </button>
        ))}
      </div>
      <div className="mt-2 flex justify-center border-line border-t pt-2">
        <Button variant="ghost" size="sm" onClick={() => onPick(now)}>
          {t("date.today")}
        </Button>
      </div>
    </>
  );
}
