// Payouts by a file that a person brings to the bank: one line for each payout, amounts with two decimals.

import { handlers, permanent } from "../sdk/failure.js";
import * as log from "../sdk/log.js";
import { payoutStatus, unreadable, unsupported } from "../sdk/records.js";
import * as settings from "../sdk/settings.js";
import { decode, encode } from "../sdk/text.js";

const STATES = { PAID: "paid", RETURNED: "returned" };

export const lifecycle = handlers({
  /** There is nobody to ask: a file is all there is. */
  check() {
    settings.all();
    return { tag: "ok" };
  },
  migrate() {},
});

export const payoutGateway = handlers({
  ...unsupported("query"),
  /** The same batch makes the same file. */
  prepare(ctx, batch) {
    const { customer_no } = settings.all();
    const head = [customer_no, batch.reference, batch.valueDay, batch.payouts.length, decimal(batch.total)];
    const lines = [`H,${head.join(",")}`, ...batch.payouts.map(line), ""];
    log.info("Wrote a file", { payouts: batch.payouts.length });
    const file = { name: `${batch.reference}.csv`, mediaType: "text/csv", content: encode(lines.join("\r\n")) };
    return { files: [file], providerRef: null, statuses: [], attributes: [] };
  },
  /** What the bank says of each: `R,<payout>,<bank's reference>,PAID|RETURNED,<reason>`. */
  readFile(ctx, file) {
    const text = decode(file.content);
    if (text === null) throw permanent("bad_file", "The bank's file is not UTF-8 text.");
    const report = { statuses: [], unreadable: [] };
    for (const row of text.split(/\r?\n/).filter((row) => row.trim() !== "")) {
      const [kind, payout, reference, state, reason, ...more] = row.split(",").map((part) => part.trim());
      if (kind !== "R" || reason === undefined || more.length > 0) {
        report.unreadable.push(unreadable("", "line", "is not one of the bank's"));
        continue;
      }
      report.statuses.push({
        ...payoutStatus(payout, STATES[state] ?? "other"),
        providerRef: reference,
        stateName: state,
        reason: reason || null,
      });
    }
    return report;
  },
});

function line({ payoutId, beneficiary, amount }) {
  if (!sound(beneficiary.iban)) throw permanent("bad_iban", `The IBAN of payout ${payoutId} is not right.`);
  // A comma in a name would begin another column.
  const holder = beneficiary.holder.replace(/[,\r\n]/g, " ");
  return `P,${payoutId},${beneficiary.iban.replace(/\s/g, "").toUpperCase()},${holder},${decimal(amount)}`;
}

const decimal = ({ minor }) => {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Check digits of an IBAN: letters are 10 to 35, and the whole leaves 1 when divided by 97. */
function sound(iban) {
  const text = iban.replace(/\s/g, "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const digits = [...text.slice(4), ...text.slice(0, 4)].map((letter) => Number.parseInt(letter, 36)).join("");
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}
