import type { Tone } from "@/ui/badge";

/** States read the same everywhere: what is well, what waits, what failed, what is over. */
const TONES: Record<string, Tone> = {
  active: "ok",
  matched: "ok",
  assigned: "ok",
  succeeded: "ok",
  approved: "ok",
  committed: "ok",
  confirmed: "ok",
  valid: "ok",
  maintenance: "warn",
  repair: "warn",
  doubtful: "warn",
  on_leave: "warn",
  onboarding: "info",
  needs_settings: "warn",
  needs_attention: "bad",
  interrupted: "warn",
  trial: "info",
  queued: "info",
  running: "info",
  unmatched: "bad",
  failed: "bad",
  suspended: "bad",
  terminated: "bad",
  rejected: "bad",
  expired: "bad",
};

export function toneOf(value: string): Tone {
  return TONES[value] ?? "neutral";
}
