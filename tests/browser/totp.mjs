// What an authenticator app shows (RFC 6238 with SHA-1, six digits, thirty seconds).
import { createHmac } from "node:crypto";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

function bytesOf(base32) {
  const bits = [...base32.replaceAll(" ", "")].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export function app(secret) {
  const key = bytesOf(secret);
  let spent = -1;
  return {
    /** A code that was not shown before: the server takes each step once, and the next one already. */
    async code() {
      const step = () => Math.max(Math.floor(Date.now() / STEP_MS), spent + 1);
      while (step() > Math.floor(Date.now() / STEP_MS) + 1) await new Promise((done) => setTimeout(done, 500));
      spent = step();
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(BigInt(spent));
      const digest = createHmac("sha1", key).update(counter).digest();
      const word = digest.readUInt32BE(digest[19] & 0xf) & 0x7fffffff;
      return String(word % 1_000_000).padStart(6, "0");
    },
  };
}
