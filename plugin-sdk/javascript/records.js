// Records with what every one has. Set what else is known: `{ ...fuelTransaction(…), cardRef: "7001" }`.
// Figures are whole numbers in the unit of their name: halalas, millilitres, milliseconds since 1970.

import * as failure from "./failure.js";

/** The gateway took the message and calls it `providerRef`. */
export const smsAccepted = (messageId, providerRef) => ({ ...sms(messageId, "accepted"), providerRef });
/** The gateway did not take the message. */
export const smsRefused = (messageId, why) => ({ ...sms(messageId, "rejected"), failure: why });

const sms = (messageId, state) => ({
  messageId,
  providerRef: null,
  state,
  segments: null,
  cost: null,
  failure: null,
  attributes: [],
});

export const deliveryReport = (providerRef, state) => ({
  providerRef,
  messageId: null,
  state,
  stateName: null,
  at: null,
  segments: null,
  cost: null,
  reason: null,
  attributes: [],
});

export const fuelTransaction = (externalId, occurredAt, volumeMl, amount) => ({
  externalId,
  occurredAt,
  timeKnown: true,
  product: "other",
  productName: null,
  volumeMl,
  unitPriceE4: null,
  amount,
  vatMinor: null,
  cardRef: null,
  plateRef: null,
  plateRefAr: null,
  vinRef: null,
  internalRef: null,
  driverRef: null,
  stationName: null,
  stationCity: null,
  stationLocation: null,
  odometerM: null,
  receiptNo: null,
  attributes: [],
});

export const order = (platform, externalId, status, asOf) => ({
  externalId,
  eventId: null,
  asOf,
  platform,
  displayId: null,
  trackingNumber: null,
  status,
  statusName: null,
  kind: "food",
  placedAt: null,
  pickup: null,
  dropoff: null,
  items: [],
  payment: null,
  total: null,
  deliveryFee: null,
  cashToCollect: null,
  distanceM: null,
  courierRef: null,
  reason: null,
  attributes: [],
});

export const orderItem = (name, quantity) => ({ sku: null, name, quantity, price: null, attributes: [] });

export const stop = (known) => ({
  name: null,
  phone: null,
  address: null,
  location: null,
  windowStart: null,
  windowEnd: null,
  notes: null,
  attributes: [],
  ...known,
});

export const payoutStatus = (payoutId, state) => ({
  payoutId,
  providerRef: null,
  state,
  stateName: null,
  settledOn: null,
  amount: null,
  fee: null,
  reason: null,
  attributes: [],
});

export const notice = (severity, title, body) => ({
  tag: "notice",
  val: { key: null, severity, title, body, about: null, attributes: [] },
});

export const unreadable = (externalId, field, reason) => ({ externalId, field, reason });

/** `"87.20"` with 2 decimals is 8720, exactly: no figure passes through a fraction. Undefined when it is no number. */
export function scaled(text, decimals) {
  const found = /^(-?)(\d{1,15})(?:\.(\d{1,12}))?$/.exec(String(text).trim());
  if (!found) return undefined;
  const digits = (found[3] ?? "").padEnd(decimals + 1, "0");
  const whole = Number(found[2] + digits.slice(0, decimals)) + (digits[decimals] >= "5" ? 1 : 0);
  if (!Number.isSafeInteger(whole)) return undefined;
  return found[1] === "-" ? -whole : whole;
}

/** An amount as it is written, `"18.50"`, in halalas; undefined when it is no number. */
export function sar(text) {
  const minor = scaled(text, 2);
  return minor === undefined ? undefined : { minor, currency: "SAR" };
}

/** `2026-11-20T09:00:00`, in a zone that is `hours` before UTC, in milliseconds since 1970; undefined when it is no time. */
export function instant(text, hours) {
  const found = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})$/.exec(String(text));
  const utc = found ? Date.parse(`${found[1]}Z`) : NaN;
  return Number.isNaN(utc) ? undefined : utc - hours * 3_600_000;
}

/** A number in international form without its plus sign; undefined when it is none. */
export function phoneDigits(text) {
  const digits = String(text).replace(/[\s().-]/g, "").replace(/^\+|^00/, "");
  const number = /^05\d{8}$/.test(digits) ? `966${digits.slice(1)}` : digits;
  const plausible = /^[1-9]\d{7,14}$/.test(number) && (!number.startsWith("9665") || number.length === 12);
  return plausible ? number : undefined;
}

/** Handlers of an interface that are not there say so. */
export const unsupported = (...names) =>
  Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        throw failure.unsupported(name);
      },
    ]),
  );
