import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { leave } from "@/lib/errand";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { problem, server, session } from "../../../test/server";
import { ProviderReturn } from "./provider-return";

interface Sent {
  body: unknown;
  ownPage: string | null;
  token: string | null;
}

/** Comes back from a provider, with whatever it says. */
async function comeBack(search: Record<string, string>, path: string, answer: () => Response) {
  const sent: Sent[] = [];
  server.use(
    http.post(`*/api/v1${path}`, async ({ request }) => {
      const { headers } = request;
      sent.push({
        body: await request.json(),
        ownPage: headers.get("x-barq-request"),
        token: headers.get("authorization"),
      });
      return answer();
    }),
  );
  await signIn({ email: "owner@example.sa", password: "x" });
  const router = await renderPage(<ProviderReturn />);
  // biome-ignore lint/suspicious/noExplicitAny: the test's few routes are not the console's registered ones
  await router.navigate({ to: "/", search } as any);
  return { sent, router };
}

it("signs in once, and goes on to where the reader wanted", async () => {
  leave("https://id.example/auth?state=s1&nonce=n", { kind: "sign-in", next: "/fleet/vehicles?status=active" });
  const { sent, router } = await comeBack(
    { state: "s1", code: "c1", iss: "https://id.example" },
    "/auth/providers/sign-in",
    () => HttpResponse.json(session),
  );
  await waitFor(() => expect(router.state.location.href).toBe("/fleet/vehicles?status=active"));
  expect(sent).toEqual([{ body: { state: "s1", code: "c1", iss: "https://id.example" }, ownPage: "1", token: null }]);
});

it("asks for the second factor of who has one", async () => {
  leave("https://id.example/auth?state=s2", { kind: "sign-in", next: "/" });
  const challenge = { ticket: "t", second_factor: ["totp", "recovery_code"], expires_in_s: 300 };
  await comeBack({ state: "s2", code: "c2" }, "/auth/providers/sign-in", () => HttpResponse.json(challenge));
  expect(await screen.findByRole("heading", { name: "One more step" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Use a recovery code" })).toBeVisible();
});

it("links the identity to who is signed in", async () => {
  leave("https://id.example/auth?state=s3", { kind: "link", next: "/account?tab=security" });
  const { sent, router } = await comeBack(
    { state: "s3", code: "c3" },
    "/auth/identities",
    () => new HttpResponse(null, { status: 204 }),
  );
  await waitFor(() => expect(router.state.location.href).toBe("/account?tab=security"));
  expect(sent).toEqual([{ body: { state: "s3", code: "c3" }, ownPage: "1", token: "Bearer token-1" }]);
});

it("never leads out of the console, and says why it failed", async () => {
  leave("https://id.example/auth?state=s4", { kind: "sign-in", next: "//evil.example" });
  const refusal = { code: "no_account", title: "Nobody here knows this sign-in." };
  const { router } = await comeBack({ state: "s4", code: "c4" }, "/auth/providers/sign-in", () =>
    problem(403, refusal),
  );
  expect(await screen.findByRole("alert")).toHaveTextContent("Nobody here knows this sign-in.");
  expect(router.state.location.pathname).toBe("/");
});

it("says that the provider refused", async () => {
  const { sent } = await comeBack({ state: "s5", error: "access_denied" }, "/auth/providers/sign-in", () =>
    problem(500),
  );
  expect(await screen.findByText(/without signing you in/)).toBeVisible();
  expect(sent).toEqual([]);
});
