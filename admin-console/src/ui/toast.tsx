import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { createStore, useStore } from "@/lib/store";

interface Toast {
  id: number;
  kind: "ok" | "bad";
  text: string;
}

const toasts = createStore<Toast[]>([]);
let counter = 0;

/** Says shortly that something was done or failed. What the reader must act on belongs on the page instead. */
export function toast(text: string, kind: Toast["kind"] = "ok") {
  counter += 1;
  const id = counter;
  toasts.set([...toasts.get().slice(-2), { id, kind, text }]);
  setTimeout(() => dismiss(id), kind === "ok" ? 5_000 : 10_000);
}

function dismiss(id: number) {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

export function Toaster() {
  const { t } = useTranslation();
  const shown = useStore(toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-60 flex flex-col items-center gap-2 sm:inset-x-auto sm:end-6"
    >
      {shown.map((one) => (
        <div
          key={one.id}
          className="pointer-events-auto flex w-full max-w-sm animate-in items-start gap-3 rounded-xl border border-line bg-surface px-4 py-3 text-ink text-sm shadow-float"
        >
          {one.kind === "ok" ? (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-hidden />
          ) : (
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
          )}
          <p className="min-w-0 flex-1">{one.text}</p>
          <button
            type="button"
            onClick={() => dismiss(one.id)}
            aria-label={t("common.dismiss")}
            className="-me-1 rounded p-0.5 text-faint hover:text-ink"
          >
            <X className="size-4" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
