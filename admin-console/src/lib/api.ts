import createClient from "openapi-fetch";
import type { paths } from "@/api/schema";
import { currentPreferences } from "./preferences";
import { Problem } from "./problem";
import { API_BASE, withToken } from "./session";
import { askForProof } from "./step-up";

export type QueryValue = string | number | boolean | null | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is (files). */
  raw?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function address(path: string, query: CallOptions["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const tail = parameters.toString();
  // Descriptions carry whole paths ("/api/v1/fleet/vehicles"); hand-written calls leave the base out.
  const full = path.startsWith(API_BASE) ? path : API_BASE + path;
  return tail ? `${full}?${tail}` : full;
}

/**
 * Every call goes through here: token, language, one retry after a refresh, one after the person has proved who is there, and a
 * `Problem` for anything but success.
 */
async function transport(request: Request): Promise<Response> {
  const response = await sent(request);
  if (response.ok) return response;
  const problem = await Problem.from(response);
  if (problem.code !== "step_up_needed" || !(await askForProof())) throw problem;
  const again = await sent(request);
  if (!again.ok) throw await Problem.from(again);
  return again;
}

async function sent(request: Request): Promise<Response> {
  request.headers.set("Accept-Language", currentPreferences().language);
  return withToken(async (token) => {
    // A body can be read once only, so each try sends a copy.
    const copy = request.clone();
    if (token !== undefined) copy.headers.set("Authorization", `Bearer ${token}`);
    try {
      return await fetch(copy);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw Problem.unreachable(cause);
    }
  });
}

/** For the operations that the server's document names one by one: paths, parameters and answers are checked. */
export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: transport });

/** The body of a call that succeeded; a failed one has thrown its `Problem`. */
export async function answerOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** For the paths that a description brings at run time. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { query, body, raw, signal } = options;
  const headers = new Headers(options.headers);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (raw !== undefined) headers.set("Content-Type", raw.type || "application/octet-stream");
  const request = new Request(window.location.origin + address(path, query), {
    method,
    headers,
    ...(signal ? { signal } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(raw === undefined ? {} : { body: raw }),
  });
  return transport(request);
}

async function json<T>(method: string, path: string, options?: CallOptions): Promise<T> {
  const response = await send(method, path, options);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

export const api = {
  get: <T>(path: string, options?: CallOptions) => json<T>("GET", path, options),
  post: <T>(path: string, options?: CallOptions) => json<T>("POST", path, options),
  patch: <T>(path: string, options?: CallOptions) => json<T>("PATCH", path, options),
  delete: (path: string, options?: CallOptions) => json<void>("DELETE", path, options),
};

/** Fetches a file with the token (a plain link could not carry it) and hands it to the browser to save. */
export async function download(path: string, query: CallOptions["query"], fallbackName: string) {
  const response = await send("GET", path, { query });
  const name = fileNameFrom(response.headers.get("content-disposition")) ?? fallbackName;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function fileNameFrom(disposition: string | null): string | undefined {
  const extended = disposition?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  if (extended) return decodeURIComponent(extended);
  return disposition?.match(/filename="?([^";]+)"?/i)?.[1];
}
