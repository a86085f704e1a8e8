import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { laterWords, startTranslations } from "@/lib/i18n";
import { queryClient } from "@/lib/query";
import { server } from "./server";

// What has to appear may take its time on a busy machine; what never appears still fails.
configure({ asyncUtilTimeout: 15_000 });

// jsdom measures nothing; the controls only want to know that they may ask.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await startTranslations();
  await laterWords();
});

afterEach(() => {
  cleanup();
  server.resetHandlers();
  queryClient.clear();
  localStorage.clear();
});

afterAll(() => server.close());
