import type { Answer } from "@/api/answer";
import { currentPreferences } from "./preferences";
import { Problem } from "./problem";
import { createStore, useStore } from "./store";

export type Session = Answer<"/api/v1/auth/refresh", "post">;
/** A first step that was good: what may be shown as the second, and the ticket to show it with. */
export type Challenge = Extract<Answer<"/api/v1/auth/login", "post">, { ticket: string }>;

export type SessionState =
  | { status: "unknown" }
  | { status: "signed-out"; expired: boolean }
  | { status: "signed-in"; session: Session };

// The access token lives in this variable alone: never in storage, so a script that reads storage finds nothing.
const state = createStore<SessionState>({ status: "unknown" });

export const API_BASE = "/api/v1";

export function sessionState(): SessionState {
  return state.get();
}

export const watchSession = state.subscribe;

let lastSession: Session | undefined;

/** Who is signed in. A page that is being left after signing out is drawn once more with whom it was drawn for. */
export function useSession(): Session {
  const current = useStore(state);
  if (current.status === "signed-in") lastSession = current.session;
  if (!lastSession) throw new Error("a signed-in page was drawn without a session");
  return lastSession;
}

export function accessToken(): string | undefined {
  const current = state.get();
  return current.status === "signed-in" ? current.session.access_token : undefined;
}

async function post(path: string, body?: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = {
    "Accept-Language": currentPreferences().language,
    "X-Barq-Request": "1",
  };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    return await fetch(window.location.origin + API_BASE + path, {
      method: "POST",
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
}

async function answered<T>(path: string, body?: unknown, token?: string): Promise<T> {
  const response = await post(path, body, token);
  if (!response.ok) throw await Problem.from(response);
  return (await response.json()) as T;
}

/** Sends what lets somebody in. Afterwards a session is open, or what comes back says what else has to be shown. */
export async function enter(path: string, body: unknown): Promise<Challenge | undefined> {
  const answer = await answered<Session | Challenge>(path, body);
  if ("ticket" in answer) return answer;
  state.set({ status: "signed-in", session: answer });
  return undefined;
}

export const signIn = (input: { email: string; password: string }) => enter("/auth/login", input);

export async function signOut() {
  await post("/auth/logout", undefined, accessToken()).catch(() => undefined);
  state.set({ status: "signed-out", expired: false });
}

/** By which grant the operator's staff is in another organization; the own session stays behind it, in the cookie. */
interface Visit {
  organization_id: string;
  grant_id: string;
}

let visit: Visit | undefined;

async function visiting(to: Visit, own: Session): Promise<Session> {
  const entered = await answered<Answer<"/api/v1/support/enter", "post">>("/support/enter", to, own.access_token);
  return { ...own, ...entered, token_type: own.token_type, organizations: [entered.organization] };
}

/** For the operator's staff: acts in the place of the member who granted it, until the grant ends or `leaveAsSupport`. */
export async function enterAsSupport(to: Visit) {
  await refresh();
  const current = state.get();
  if (current.status !== "signed-in") return;
  const session = await visiting(to, current.session);
  visit = to;
  state.set({ status: "signed-in", session });
}

/** Nothing of the organization stays in the page: it is loaded anew with the own session. */
export function leaveAsSupport() {
  visit = undefined;
  window.location.assign("/");
}

/** The next session, or the next pass of a visit: passes cannot be refreshed, who is still let in comes in again. */
async function next(): Promise<Session> {
  const own = await answered<Session>("/auth/refresh");
  const session = visit ? await visiting(visit, own).catch(() => own) : own;
  state.set({ status: "signed-in", session });
  return session;
}

let refreshing: Promise<boolean> | undefined;

/**
 * Exchanges the refresh cookie for a new access token. Only one exchange runs at a time, over all tabs: the cookie
 * rotates, and a second tab that used the old one would look like theft to the server.
 */
export function refresh(): Promise<boolean> {
  refreshing ??= exclusive(async () => {
    const before = state.get();
    try {
      const session = await next();
      // Another tab switched the company: what this page was about to send belongs to the one before.
      if (before.status === "signed-in" && before.session.organization.id !== session.organization.id) {
        window.location.reload();
        return false;
      }
      return true;
    } catch (error) {
      // An unreachable server says nothing about the session: whoever asked shows the failure and may try again.
      if (error instanceof Problem && (error.status === 0 || error.status >= 500)) throw error;
      state.set({ status: "signed-out", expired: true });
      return false;
    }
  }).finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

function exclusive<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request("barq-refresh", work) as Promise<T>) : work();
}

/** Resolves once it is known whether somebody is signed in. */
export async function sessionReady(): Promise<SessionState> {
  if (state.get().status === "unknown") await refresh();
  return state.get();
}

/** Exchanges the session for another one of the same person. */
export async function exchange(path: string, body: unknown): Promise<Session> {
  const response = await withToken((token) => post(path, body, token));
  if (!response.ok) throw await Problem.from(response);
  const session = (await response.json()) as Session;
  state.set({ status: "signed-in", session });
  return session;
}

export const switchOrganization = (organizationId: string) =>
  exchange("/auth/switch", { organization_id: organizationId });

/** Runs a call with the access token, and once more with a new one if the first was refused as stale. */
export async function withToken(call: (token: string | undefined) => Promise<Response>): Promise<Response> {
  const token = accessToken();
  const response = await call(token);
  if (response.status !== 401) return response;
  // Another call may have fetched a new token while this one was under way.
  if (accessToken() !== token && accessToken() !== undefined) return call(accessToken());
  return (await refresh()) ? call(accessToken()) : response;
}
