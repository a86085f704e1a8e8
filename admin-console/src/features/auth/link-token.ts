import { useLocation } from "@tanstack/react-router";
import { useState } from "react";

/** What stands behind `#token=` in a letter's link: browsers send it to nobody. */
export function useLinkToken(): string | undefined {
  const { hash } = useLocation();
  const [token] = useState(() => new URLSearchParams(hash).get("token") ?? undefined);
  return token;
}
