// Requests to the provider. The host must be granted; secrets are named and completed by the platform.

import { send } from "barq:plugin/http@1.0.0";
import * as failure from "./failure.js";
import { encode, json as parse } from "./text.js";

const plain = (value) => ({ tag: "plain", val: String(value) });
const sealed = (prefix, secret) => ({ tag: "with-secret", val: [prefix, secret, ""] });

class Request {
  constructor(method, url) {
    this.parts = {
      method,
      url,
      query: [],
      headers: [],
      body: { tag: "empty" },
      timeoutMs: null,
      idempotencyKey: null,
      captures: [],
    };
  }
  /** Adds a pair to the query. */
  query(name, value) {
    this.parts.query.push([name, plain(value)]);
    return this;
  }
  header(name, value) {
    this.parts.headers.push([name, plain(value)]);
    return this;
  }
  /** A header that is a secret, after `prefix`. */
  headerSecret(name, prefix, secret) {
    this.parts.headers.push([name, sealed(prefix, secret)]);
    return this;
  }
  /** `Authorization: Bearer <secret>`. */
  bearer(secret) {
    return this.headerSecret("authorization", "Bearer ", secret);
  }
  json(value) {
    this.parts.body = { tag: "bytes", val: encode(JSON.stringify(value)) };
    return this.header("content-type", "application/json");
  }
  /** A form; `formSecret` adds to it. */
  form(pairs) {
    this.fields().push(...pairs.map(([name, value]) => [name, plain(value)]));
    return this;
  }
  /** A field of the form that is a secret. */
  formSecret(name, secret) {
    this.fields().push([name, sealed("", secret)]);
    return this;
  }
  fields() {
    if (this.parts.body.tag !== "form") this.parts.body = { tag: "form", val: [] };
    return this.parts.body.val;
  }
  /** Keeps the value at a JSON pointer of the reply as a secret, without showing it to the plugin. */
  capture(secret, pointer, expiresInS = null) {
    this.parts.captures.push({ secret, pointer, expiresInS });
    return this;
  }
  /** Makes a repetition safe where the provider honours `Idempotency-Key`; `item` tells apart requests of one call. */
  idempotent(ctx, item) {
    this.parts.idempotencyKey = `${ctx.idempotencyKey}-${item}`;
    return this;
  }
  timeout(ms) {
    this.parts.timeoutMs = ms;
    return this;
  }
  /** Sends; throws a failure when there is no reply. */
  send() {
    try {
      return new Response(send(this.parts));
    } catch (error) {
      throw unanswered(failure.refusal(error));
    }
  }
  /** Sends, wants success, reads JSON. */
  sendJson() {
    return this.send().success().json();
  }
}

class Response {
  constructor(response) {
    this.status = response.status;
    this.headers = response.headers;
    this.body = response.body;
  }
  header(name) {
    return this.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? null;
  }
  /** This response if its status is 2xx; otherwise throws the failure that fits. */
  success() {
    const status = this.status;
    if (status >= 200 && status < 300) return this;
    if (status === 401 || status === 403)
      throw failure.auth("credentials_refused", `The provider refused the credentials (${status}).`);
    if (status === 429) {
      const seconds = Number.parseInt(this.header("retry-after") ?? "", 10);
      throw failure.rateLimited(Number.isNaN(seconds) ? null : seconds * 1000);
    }
    if (status === 408 || status >= 500)
      throw failure.transient("provider_error", `The provider answered with an error (${status}).`);
    if (status >= 300 && status < 400)
      throw failure.config("moved", `The provider points to another address (${status}).`);
    throw failure.permanent("provider_refused", `The provider refused the request (${status}).`);
  }
  json() {
    const value = parse(this.body);
    if (value === undefined) throw failure.transient("bad_reply", "The provider's answer is not JSON.");
    return value;
  }
}

function unanswered(error) {
  switch (error?.tag) {
    case "denied":
      return failure.config("denied", `The request was not allowed: ${error.val}.`);
    case "blocked-address":
      return failure.config("blocked_address", "The provider's address is not one of the public internet.");
    case "dns":
      return failure.transient("no_connection", "The provider's name cannot be resolved.");
    case "connect":
      return failure.transient("no_connection", "The provider cannot be reached.");
    case "tls":
      return failure.transient("no_connection", "No secure connection to the provider.");
    case "timeout":
      return failure.transient("timeout", "The provider did not answer in time.");
    case "too-large":
      return failure.permanent("too_large", "The provider's answer is too large.");
    case "budget":
      return failure.permanent("budget", "The plugin made more requests than one call may make.");
    case "protocol":
    case "other":
      return failure.transient("bad_reply", `The provider's answer cannot be read: ${error.val}.`);
    default:
      return failure.caught(error);
  }
}

export const get = (url) => new Request("get", url);
export const post = (url) => new Request("post", url);
export const request = (method, url) => new Request(method, url);
