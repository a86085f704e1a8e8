import type { LucideIcon } from "lucide-react";

/** The sign of a provider that has a well-known one. */
export function ProviderMark({ id, fallback: Fallback }: { id: string; fallback: LucideIcon }) {
  if (id !== "google") return <Fallback aria-hidden className="rtl:-scale-x-100" />;
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true">
      <path
        fill="#4285f4"
        d="M47 24.5c0-1.6-.1-3.2-.4-4.7H24v9h12.9a11 11 0 0 1-4.8 7.2v6h7.8C44.4 37.8 47 31.7 47 24.5Z"
      />
      <path
        fill="#34a853"
        d="M24 48c6.5 0 11.9-2.1 15.9-5.8l-7.8-6a14.5 14.5 0 0 1-21.6-7.6h-8v6.2A24 24 0 0 0 24 48Z"
      />
      <path fill="#fbbc05" d="M10.5 28.6a14.4 14.4 0 0 1 0-9.2v-6.2h-8a24 24 0 0 0 0 21.6l8-6.2Z" />
      <path
        fill="#ea4335"
        d="M24 9.5c3.5 0 6.7 1.2 9.2 3.6l6.9-6.9A24 24 0 0 0 2.5 13.2l8 6.2A14.3 14.3 0 0 1 24 9.5Z"
      />
    </svg>
  );
}
