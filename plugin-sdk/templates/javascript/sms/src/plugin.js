// Text messages through a gateway that takes one at a time as JSON, with a key in `Authorization: Bearer`.

import { handlers, permanent } from "../sdk/failure.js";
import * as http from "../sdk/http.js";
import * as log from "../sdk/log.js";
import { phoneDigits, smsAccepted, smsRefused, unsupported } from "../sdk/records.js";
import * as settings from "../sdk/settings.js";

/** The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request. */
const API_KEY = "api_key";
/** Requests one call may make. Messages without a result are handed over again. */
const REQUESTS = 32;

const url = (path) => settings.all().base_url.replace(/\/+$/, "") + path;

export const lifecycle = handlers({
  check() {
    http.get(url("/account")).bearer(API_KEY).send().success();
    return { tag: "ok" };
  },
  migrate() {},
});

export const smsGateway = handlers({
  ...unsupported("report", "query"),
  send(ctx, messages) {
    const { sender } = settings.all();
    const results = messages.slice(0, REQUESTS).map((message) => sent(ctx, sender, message));
    log.info("Sent messages", { messages: results.length });
    return results;
  },
});

/** A failure of one message leaves the others alone. */
function sent(ctx, sender, message) {
  const to = phoneDigits(message.to);
  if (to === undefined)
    return smsRefused(message.messageId, permanent("bad_number", "The number cannot receive messages."));
  try {
    const answer = http
      .post(url("/messages"))
      .bearer(API_KEY)
      .idempotent(ctx, message.messageId)
      .json({ from: message.senderName ?? sender, text: message.body, to })
      .sendJson();
    return { ...smsAccepted(message.messageId, answer.id), segments: answer.parts ?? null };
  } catch (failure) {
    return smsRefused(message.messageId, failure);
  }
}
