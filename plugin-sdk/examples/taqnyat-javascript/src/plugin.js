// Text messages through Taqnyat.

import { auth, config, handlers, permanent, transient } from "../sdk/failure.js";
import * as http from "../sdk/http.js";
import { phoneDigits, sar, smsAccepted, smsRefused, unsupported } from "../sdk/records.js";
import * as settings from "../sdk/settings.js";
import { json } from "../sdk/text.js";
import { parts } from "./parts.js";

/** The name of the secret in the manifest. */
const TOKEN = "token";
/** Good is 201, in the status and in the body. */
const CREATED = 201;
/** Requests one call may make. Messages without a result are handed over again. */
const REQUESTS = 32;
const CONCERNS_ALL = ["auth", "rate-limited", "config"];

const url = (path) => settings.all().base_url.trim().replace(/\/+$/, "") + path;

export const lifecycle = handlers({
  check() {
    const answer = http.get(url("/account/balance")).bearer(TOKEN).send().success().json();
    const halalas = answer.balance === undefined ? undefined : sar(answer.balance)?.minor;
    if (answer.accountStatus && answer.accountStatus !== "active")
      return { tag: "degraded", val: `The account is ${answer.accountStatus}.` };
    if (halalas !== undefined && halalas <= 0) return { tag: "degraded", val: "The account has no balance." };
    return { tag: "ok" };
  },
  migrate() {},
});

export const smsGateway = handlers({
  ...unsupported("report", "query"),
  send(ctx, messages) {
    const { sender, max_parts } = settings.all();
    const refused = [];
    const outgoing = [];
    for (const message of messages) {
      const refusal = fault(ctx, message, max_parts);
      if (refusal === null) outgoing.push(message);
      else refused.push(refusal);
    }
    // Who waits for a one-time password waits now.
    const urgent = (message) => (message.kind === "one-time-password" ? 0 : 1);
    outgoing.sort((one, other) => urgent(one) - urgent(other));
    const results = [];
    for (const message of outgoing.slice(0, REQUESTS)) {
      const result = sent(sender, message);
      results.push(result);
      // What concerns the account concerns every message: the rest is tried again when a person has acted.
      if (CONCERNS_ALL.includes(result.failure?.kind)) {
        if (results.every((other) => other.failure)) throw result.failure;
        break;
      }
    }
    return [...refused, ...results];
  },
});

/** What need not be sent, and why. */
function fault(ctx, message, maxParts) {
  const refused = (code, words) => smsRefused(message.messageId, permanent(code, words));
  if (message.expiresAt != null && message.expiresAt <= ctx.now)
    return { ...refused("expired", "The message was not sent before it became worthless."), state: "expired" };
  if (phoneDigits(message.to) === undefined) return refused("bad_number", "The number cannot receive messages.");
  if (message.body.trim() === "") return refused("bad_text", "The message is empty.");
  const count = parts(message.body);
  if (count > maxParts)
    return refused("too_many_parts", `The message has ${count} parts; the settings allow ${maxParts}.`);
  return null;
}

function sent(sender, message) {
  const id = message.messageId;
  try {
    const to = phoneDigits(message.to);
    const body = { sender: message.senderName ?? sender, recipients: [to], body: message.body };
    const answer = http.post(url("/v1/messages")).bearer(TOKEN).json(body).send();
    const result = read(id, to, answer.status, json(answer.body));
    if (result !== null) return { ...result, segments: result.segments ?? parts(message.body) };
    answer.success();
    return smsRefused(id, transient("bad_reply", "The gateway's answer cannot be read."));
  } catch (failure) {
    return smsRefused(id, failure);
  }
}

/** Reads the answer to one message; null when it is not one of Taqnyat's. */
function read(id, to, status, answer) {
  const code = Number.parseInt(answer?.statusCode, 10);
  if (Number.isNaN(code)) return null;
  if (code !== CREATED) return status === 429 || code === 429 ? null : smsRefused(id, refusal(code, answer));
  const listed = (list) => numbers(list).includes(to);
  if (listed(answer.rejected) || !listed(answer.accepted))
    return smsRefused(id, permanent("bad_number", "Taqnyat did not accept the number."));
  const cost = answer.currency === "SAR" ? (sar(answer.cost) ?? null) : null;
  return {
    ...smsAccepted(id, String(answer.messageId)),
    segments: Number.isInteger(answer.msgLength) ? answer.msgLength : null,
    cost,
    // Prices of a message are smaller than a halala's step.
    attributes: cost === null ? [] : [["cost", String(answer.cost)]],
  };
}

/** A list that is a text, `[9665…,9665…,]`, or one day a list. */
const numbers = (list) =>
  (Array.isArray(list) ? list : String(list ?? "").split(","))
    .map((number) => String(number).replace(/\D/g, ""))
    .filter((number) => number !== "");

function refusal(code, answer) {
  const words = String(answer.message ?? "").toLowerCase();
  const said = `Taqnyat refused the message (${code}).`;
  if (code === 401 || code === 403) return auth("credentials_refused", "Taqnyat does not accept the token.");
  if (code >= 500 && code < 600) return transient("provider_error", said);
  if (words.includes("sender")) return config("sender", "The sender name is not registered with Taqnyat.");
  if (/balance|credit/.test(words)) return config("no_balance", "The Taqnyat account has no balance.");
  if (/recipient|number/.test(words)) return permanent("bad_number", said);
  return permanent("provider_refused", said);
}
