// Values the plugin keeps between calls. Needs `keeps_state = true` in plugin.toml; kept only when the call ends well.

import * as kv from "barq:plugin/kv@1.0.0";
import * as failure from "./failure.js";
import { encode, json } from "./text.js";

function tried(work) {
  try {
    return work();
  } catch (error) {
    const { tag } = failure.refusal(error) ?? {};
    if (tag === undefined) throw error;
    throw failure.transient("storage", `Stored values cannot be used at the moment: ${tag}.`);
  }
}

/** The value under a key; undefined when there is none. */
export function get(key) {
  const entry = tried(() => kv.get(key));
  return entry === null || entry === undefined ? undefined : json(entry.value);
}

/** Stores a value, for so many seconds or until it is deleted. */
export const set = (key, value, expiresInS = null) =>
  tried(() => kv.set(key, encode(JSON.stringify(value)), expiresInS));

export const remove = (key) => tried(() => kv.delete(key));
