// Lines an administrator can read with the call. Never write personal data; secrets cannot be written.

import { write } from "barq:plugin/log@1.0.0";

const line = (level) => (message, fields = {}) =>
  write(level, message, Object.entries(fields).map(([name, value]) => [name, String(value)]));

export const debug = line("debug");
export const info = line("info");
export const warn = line("warn");
export const error = line("error");
