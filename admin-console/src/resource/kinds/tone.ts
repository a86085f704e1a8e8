import type { Tone } from "@/ui/badge";

/** States read the same everywhere: what is well, what is under way, what waits, what failed, what is over. */
const WORDS: Record<Exclude<Tone, "neutral" | "accent">, string> = {
  ok: `active answered applied fired installed locked on_track accepted approved arrived assigned available balanced collected committed completed confirmed delivered
    deposited enabled filed fulfilled healthy matched met online open_for_use paid passed posted present published
    reconciled resolved responded settled signed succeeded success valid verified won`,
  info: `acknowledged calculated received started transfer_in_progress under_review unread delegated dispatched generating in_progress in_transit in_use investigating moving new occupied
    onboarding open picked_up pickup_started planned processing queued reserved returned_to_sender reviewed running
    scheduled sent shared submitted testing transferred trial under_investigation uploaded`,
  warn: `appealed rate_limited renovation waiting_parts at_risk awaiting conditional doubtful due due_soon expiring half_day held idle in_repair
    insurance_claim_filed interrupted late maintenance medium needs_settings on_hold on_leave partial past_due paused
    pending pending_approval repair reported rescheduled returned unassigned waiting warning`,
  bad: `absent dead faulty missed breached corrupted critical damaged declined disputed error escalated expired failed grounded lost
    needs_attention no_show offline overdue rejected revoked suspended terminated total_loss unmatched urgent violated
    written_off`,
};

const TONES = new Map<string, Tone>(
  Object.entries(WORDS).flatMap(([tone, words]) => words.split(/\s+/).map((word) => [word, tone as Tone] as const)),
);

export function toneOf(value: string): Tone {
  return TONES.get(value) ?? "neutral";
}

const words = (text: string) => new Set(text.split(/\s+/));

/** States in which somebody has to do something; the others run by themselves or are over. */
const WAITING = words(
  `appealed at_risk awaiting disputed doubtful due due_soon escalated expiring needs_attention needs_settings overdue
  past_due pending pending_approval received reported submitted unassigned under_review unmatched urgent waiting
  waiting_parts warning`,
);

/** States that went wrong: they wait for somebody only where something can still be done, else they are history. */
const WRONG = words(
  "breached dead declined error expired failed interrupted lost missed no_show offline rejected violated",
);

/** Whether rows in a state wait for somebody; `leads` says whether an action is offered from it. */
export function needsSomebody(value: string, leads: boolean): boolean {
  return WAITING.has(value) || (leads && WRONG.has(value));
}

/** How pressing a state is: what went wrong stands before what waits. */
export function pressing(value: string): number {
  return toneOf(value) === "bad" ? 2 : 1;
}
