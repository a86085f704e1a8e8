import { useLocation } from "@tanstack/react-router";

/** What stands behind `#token=` in a letter's link: browsers send it to nobody. */
export function useLinkToken(): string | undefined {
  const { hash } = useLocation();
  return new URLSearchParams(hash).get("token") ?? undefined;
}
