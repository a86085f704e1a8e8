import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { problem, server, session } from "../../test/server";
import { api } from "./api";
import { sessionState, signIn } from "./session";

function protectedBy(token: () => string) {
  return http.get("*/api/v1/fleet/vehicles", ({ request }) =>
    request.headers.get("authorization") === `Bearer ${token()}` ? HttpResponse.json({ data: [] }) : problem(401),
  );
}

beforeEach(async () => {
  await signIn({ email: "owner@example.sa", password: "correct horse battery" });
});

describe("a stale access token", () => {
  it("is renewed once for all calls that were under way, and they are answered", async () => {
    let refreshed = 0;
    server.use(
      protectedBy(() => "token-2"),
      http.post("*/api/v1/auth/refresh", async ({ request }) => {
        expect(request.headers.get("x-barq-request")).toBe("1");
        refreshed += 1;
        return HttpResponse.json({ ...session, access_token: "token-2" });
      }),
    );
    const answers = await Promise.all([1, 2, 3].map(() => api.get("/fleet/vehicles")));
    expect(answers).toEqual([{ data: [] }, { data: [] }, { data: [] }]);
    expect(refreshed).toBe(1);
  });

  it("signs out when the refresh is refused", async () => {
    server.use(
      protectedBy(() => "never"),
      http.post("*/api/v1/auth/refresh", () => problem(401)),
    );
    await expect(api.get("/fleet/vehicles")).rejects.toMatchObject({ status: 401 });
    expect(sessionState().status).toBe("signed-out");
  });

  it("keeps the session when the server merely cannot be reached", async () => {
    server.use(
      protectedBy(() => "never"),
      http.post("*/api/v1/auth/refresh", () => HttpResponse.error()),
    );
    await expect(api.get("/fleet/vehicles")).rejects.toMatchObject({ status: 0 });
    expect(sessionState().status).toBe("signed-in");
  });
});

it("is kept nowhere that a script could read", () => {
  expect(JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie })).not.toContain("token-1");
});
