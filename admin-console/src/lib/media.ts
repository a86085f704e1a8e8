import { useSyncExternalStore } from "react";

/** Phones get cards where desktops get tables: drawn once, not twice with one hidden. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query()?.matches ?? false);
}

function query(): MediaQueryList | undefined {
  return window.matchMedia?.("(max-width: 767px)");
}

function subscribe(listener: () => void): () => void {
  const watched = query();
  watched?.addEventListener("change", listener);
  return () => watched?.removeEventListener("change", listener);
}
