import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.BARQ_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
