import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.BARQ_SERVER ?? "http://127.0.0.1:8080";

/** What a browser must fetch before anything can be shown, with the words of one language. */
const FIRST_SCRIPTS_MAX_KB = 185;

/** Says how large the first scripts are, and fails the build when they outgrow their limit. */
function firstScripts(): Plugin {
  return {
    name: "first-scripts",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const first = new Set(chunks.filter((chunk) => chunk.isEntry));
      for (const chunk of first) {
        for (const name of chunk.imports) {
          const next = bundle[name];
          if (next?.type === "chunk") first.add(next);
        }
      }
      const kilobytes = (chunk: { code: string }) => gzipSync(chunk.code).length / 1000;
      const frame = [...first].reduce((sum, chunk) => sum + kilobytes(chunk), 0);
      const words = chunks.filter((chunk) => /\/src\/locales\/\w+\.json$/.test(chunk.facadeModuleId ?? ""));
      if (!first.size || !words.length) this.error("no first scripts or no words were found to measure");
      for (const language of words) {
        const total = frame + kilobytes(language);
        const text = `first scripts with the words "${language.name}": ${total.toFixed(1)} kB gzip`;
        if (total > FIRST_SCRIPTS_MAX_KB) this.error(`${text}, more than ${FIRST_SCRIPTS_MAX_KB}`);
        this.info(text);
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), firstScripts()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // The chart library is one chunk of its own, fetched when a chart is shown.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Without groups every icon becomes a request of its own.
          groups: [
            {
              name: "react",
              test: /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-router|router-core|history|react-query|query-core))\//,
            },
            { name: "words", test: /node_modules\/(i18next|react-i18next)\// },
            // What the first page needs goes in one piece, the rest in another that comes with the first list or form.
            {
              name: "controls",
              tags: ["$initial"],
              test: /node_modules\/(@radix-ui|radix-ui|@floating-ui|aria-hidden|react-remove-scroll|lucide-react)\//,
            },
            {
              name: "more-controls",
              test: /node_modules\/(@radix-ui|radix-ui|@floating-ui|aria-hidden|react-remove-scroll|lucide-react)\//,
            },
            { name: "frame", tags: ["$initial"], test: /src\// },
            // Small things that every page has are not worth a request each.
            {
              name: "pieces",
              test: /src\/((ui|lib)\/(?!.*(chart|echarts|date-field|combobox|calendar))|resource\/(places|icons|kinds\/tone|state-badge))/,
            },
          ],
        },
      },
    },
  },
  // During development the console is served here and the server's own paths are passed on to it.
  server: { proxy: { "/api": server, "/docs": server } },
  test: {
    environment: "jsdom",
    setupFiles: ["./test/setup.ts"],
    testTimeout: 30_000,
    include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
    css: false,
  },
});
