import { act, renderHook } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { problem, server } from "../../test/server";
import { api } from "./api";
import { signIn } from "./session";
import { listenForProof, useAskedForProof } from "./step-up";

let proved = false;
let bodies: unknown[] = [];

beforeEach(async () => {
  proved = false;
  bodies = [];
  await signIn({ email: "owner@example.sa", password: "x" });
  server.use(
    http.post("*/api/v1/auth/factors/totp", async ({ request }) => {
      bodies.push(await request.json());
      return proved ? HttpResponse.json({ secret: "S", url: "otpauth://" }) : problem(403, { code: "step_up_needed" });
    }),
  );
});

const call = (name: string) => api.post("/auth/factors/totp", { body: { name } });

it("asks once for all calls that wait, and sends each of them again", async () => {
  const stop = listenForProof();
  const { result } = renderHook(useAskedForProof);
  const calls = Promise.all([call("a"), call("b")]);
  await expect.poll(() => bodies.length).toBe(2);
  await expect.poll(() => result.current).toBeDefined();
  proved = true;
  act(() => result.current?.(true));
  expect(await calls).toHaveLength(2);
  expect(bodies).toEqual(expect.arrayContaining([{ name: "a" }, { name: "b" }]));
  expect(bodies).toHaveLength(4);
  await expect.poll(() => result.current).toBeUndefined();
  stop();
});

it("gives up when the person would not, and does not ask about the second refusal", async () => {
  const stop = listenForProof();
  const { result } = renderHook(useAskedForProof);
  const refused = expect(call("a")).rejects.toMatchObject({ status: 403, code: "step_up_needed" });
  await expect.poll(() => result.current).toBeDefined();
  act(() => result.current?.(false));
  await refused;
  expect(bodies).toHaveLength(1);

  const again = expect(call("b")).rejects.toMatchObject({ code: "step_up_needed" });
  await expect.poll(() => result.current).toBeDefined();
  act(() => result.current?.(true));
  await again;
  expect(bodies).toHaveLength(3);
  stop();
});

it("shows the refusal where nobody can be asked", async () => {
  await expect(call("a")).rejects.toMatchObject({ code: "step_up_needed" });
});
