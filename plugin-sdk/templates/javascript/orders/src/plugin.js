// Orders of a delivery platform that sends signed messages and wants to be told of progress.

import { isSet } from "barq:plugin/secrets@1.0.0";
import { handlers, permanent } from "../sdk/failure.js";
import * as http from "../sdk/http.js";
import { instant, order, orderItem, sar, stop, unsupported } from "../sdk/records.js";
import * as settings from "../sdk/settings.js";
import { json } from "../sdk/text.js";

/** The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request. */
const API_KEY = "api_key";
/** How the product names the platform. */
const PLATFORM = "example";
/** The platform writes local times of the Kingdom. */
const HOURS = 3;
/** Requests one call may make. Notices without a result are handed over again. */
const REQUESTS = 32;

const STATUSES = {
  new: "pending",
  accepted: "accepted",
  ready: "ready",
  on_the_way: "in-transit",
  delivered: "delivered",
  cancelled: "cancelled",
};
/** The platform's word for a status it wants to be told of. */
const WORDS = { "picked-up": "picked_up", delivered: "delivered", failed: "failed" };

export const lifecycle = handlers({
  check() {
    if (isSet("webhook_key")) return { tag: "ok" };
    return { tag: "degraded", val: "Messages are refused until their key is set." };
  },
  migrate() {},
});

export const orderSource = handlers({
  ...unsupported("pull"),
  /** The platform's signature was checked before this is called. */
  event(ctx, inbound) {
    const message = json(inbound.body);
    if (!message?.order?.id) throw permanent("bad_message", "The message is not the expected JSON.");
    return { orders: [read(message)], updates: [], unreadable: [] };
  },
  pushStatus(ctx, notices) {
    const { base_url } = settings.all();
    return notices.slice(0, REQUESTS).map((notice) => tell(ctx, base_url.replace(/\/+$/, ""), notice));
  },
});

function read({ event_id, at, order: told }) {
  const asOf = instant(at, HOURS);
  if (asOf === undefined) throw permanent("bad_message", "The message's time cannot be read.");
  const total = sar(told.total) ?? null;
  return {
    // A word that is not known is kept, and moves nothing.
    ...order(PLATFORM, told.id, STATUSES[told.status] ?? "other", asOf),
    eventId: event_id,
    displayId: told.number ?? null,
    statusName: told.status,
    items: (told.items ?? []).map(({ name, quantity }) => orderItem(name, quantity)),
    payment: told.cash ? "cash" : "prepaid",
    cashToCollect: told.cash ? total : null,
    total,
    pickup: told.shop ? stop(told.shop) : null,
    dropoff: told.customer ? stop(told.customer) : null,
  };
}

function tell(ctx, baseUrl, { noticeId, externalId, status }) {
  const result = (outcome) => ({ noticeId, outcome, attributes: [] });
  const word = WORDS[status];
  if (word === undefined) return result({ tag: "skipped", val: "The platform has no word for this status." });
  try {
    const request = http.post(`${baseUrl}/orders/${externalId}/status`).bearer(API_KEY);
    request.idempotent(ctx, noticeId).json({ status: word }).send().success();
    return result({ tag: "done" });
  } catch (failure) {
    return result({ tag: "failed", val: failure });
  }
}
