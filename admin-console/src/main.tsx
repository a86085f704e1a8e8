import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import { startTranslations } from "@/lib/i18n";
import "@/app/app.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

await startTranslations();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
