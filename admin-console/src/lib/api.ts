import { currentPreferences } from "./preferences";
import { Problem } from "./problem";
import { API_BASE, withToken } from "./session";

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

/** One call to the server: token, language, one retry after a refresh, and a `Problem` for anything but success. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { query, body, raw, signal } = options;
  const response = await withToken(async (token) => {
    const headers: Record<string, string> = {
      "Accept-Language": currentPreferences().language,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(raw === undefined ? {} : { "Content-Type": raw.type || "application/octet-stream" }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...options.headers,
    };
    try {
      return await fetch(address(path, query), {
        method,
        headers,
        ...(signal ? { signal } : {}),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(raw === undefined ? {} : { body: raw }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw Problem.unreachable(cause);
    }
  });
  if (!response.ok) throw await Problem.from(response);
  return response;
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
