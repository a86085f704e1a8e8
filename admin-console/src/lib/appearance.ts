import { useSyncExternalStore } from "react";

/**
 * How the page looks now: its theme, language and direction as they stand on the document, whoever put them there (the
 * reader, the system turning dark in the evening, another tab). What draws pixels itself has to draw again when it
 * changes.
 */
export function useAppearance(): string {
  return useSyncExternalStore(subscribe, appearance);
}

function appearance(): string {
  const { dataset, lang, dir } = document.documentElement;
  return `${dataset.theme} ${lang} ${dir}`;
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme", "lang", "dir"] });
  return () => observer.disconnect();
}
