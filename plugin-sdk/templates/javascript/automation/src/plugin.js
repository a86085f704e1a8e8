// Reacts to events, runs once a day, and takes requests from outside.

import { handlers, permanent } from "../sdk/failure.js";
import * as kv from "../sdk/kv.js";
import { notice, unsupported } from "../sdk/records.js";
import { encode, json } from "../sdk/text.js";

/** Where the count of new vehicles is kept. */
const ADDED = "added";

export const lifecycle = handlers({
  check: () => ({ tag: "ok" }),
  migrate() {},
});

export const events = handlers({
  /** An event may come twice with the same id; what is kept for a day tells whether it was counted. */
  handle(ctx, event) {
    const seen = `seen/${event.eventId}`;
    if (kv.get(seen) === undefined) {
      kv.set(ADDED, (kv.get(ADDED) ?? 0) + 1);
      kv.set(seen, true, 86_400);
    }
    return [];
  },
});

export const schedule = handlers({
  ...unsupported("job"),
  run() {
    const added = kv.get(ADDED) ?? 0;
    if (added === 0) return [];
    kv.remove(ADDED);
    const title = { en: "New vehicles", ar: "مركبات جديدة" };
    return [notice("info", title, { en: `${added} were added.`, ar: `أضيفت ${added}.` })];
  },
});

export const webhook = handlers({
  /** The signature was checked and the request stored before this is called. */
  receive(ctx, request) {
    const text = json(request.body)?.text;
    if (typeof text !== "string") throw permanent("bad_message", "The message is not the expected JSON.");
    const body = encode(JSON.stringify({ received: true }));
    return {
      reply: { status: 200, headers: [["content-type", "application/json"]], body },
      effects: [notice("warning", { en: "Alert", ar: "تنبيه" }, { en: text, ar: text })],
    };
  },
});
