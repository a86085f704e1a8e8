// Fuel transactions of a provider that answers pages of JSON.

import { handlers } from "../sdk/failure.js";
import * as http from "../sdk/http.js";
import * as log from "../sdk/log.js";
import { fuelTransaction, instant, sar, scaled, unreadable } from "../sdk/records.js";
import * as settings from "../sdk/settings.js";

/** The secret of `plugin.toml`. The plugin names it; the platform puts the value into the request. */
const API_KEY = "api_key";
/** The provider writes local times of the Kingdom. */
const HOURS = 3;
const PRODUCTS = { 91: "gasoline91", 95: "gasoline95", diesel: "diesel" };

const request = (path) => http.get(settings.all().base_url.replace(/\/+$/, "") + path).bearer(API_KEY);

export const lifecycle = handlers({
  check() {
    request("/account").send().success();
    return { tag: "ok" };
  },
  migrate() {},
});

export const fuelSource = handlers({
  /** One page. The platform stores it together with the cursor and calls again while `more` is true. */
  pull(ctx, cursor, since) {
    const asked = request("/transactions");
    const page = (cursor ? asked.query("after", cursor) : asked.query("since_ms", since)).sendJson();
    const rows = page.rows.map(read);
    const transactions = rows.filter((row) => row.reason === undefined);
    const wrong = rows.filter((row) => row.reason !== undefined);
    log.info("Read a page", { rows: transactions.length, unreadable: wrong.length });
    return {
      transactions,
      unreadable: wrong,
      cursor: page.next ?? cursor ?? null,
      more: page.next !== undefined,
    };
  },
});

/** The same row has the same id whenever it is read: that is what keeps it from being stored twice. */
function read(row) {
  const wrong = (field, reason) => unreadable(row.id ?? "", field, reason);
  if (!row.id) return wrong("id", "is missing");
  const at = instant(row.at, HOURS);
  if (at === undefined) return wrong("at", "is no time");
  const volumeMl = scaled(row.litres, 3);
  if (volumeMl === undefined) return wrong("litres", "is no number");
  const amount = sar(row.amount);
  if (amount === undefined) return wrong("amount", "is no number");
  return {
    ...fuelTransaction(row.id, at, volumeMl, amount),
    product: PRODUCTS[row.product] ?? "other",
    productName: row.product ?? null,
    cardRef: row.card ?? null,
    plateRef: row.plate ?? null,
    stationName: row.station ?? null,
  };
}
