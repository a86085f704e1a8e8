import { describe, expect, it } from "vitest";
import { grantsOf, inSections, isChoice, sameGrants, startingChoice } from "./asks";
import { asksMore, isUpdating, remedyFor } from "./mend";
import { oftenOf } from "./pattern";
import { ask, asks, installation, usageDay } from "./sample";
import { momentsOf, said, shortTime } from "./timeline";
import { daysBetween, usageOf } from "./usage";
import { compareVersions, versionLines } from "./version-list";

describe("what is granted", () => {
  it("needs what is required and leaves the rest to the reader", () => {
    const chosen = startingChoice(asks);
    expect(asks.filter(isChoice).map((one) => one.subject)).toEqual(["receipts.example"]);
    expect(grantsOf(asks, chosen)).toEqual(installation.grants);
    const more = grantsOf(asks, new Set([...chosen, "host receipts.example"]));
    expect(more.hosts).toEqual(["{setting:base_url}", "receipts.example"]);
    expect(sameGrants(more, installation.grants)).toBe(false);
    expect(sameGrants(grantsOf(asks, startingChoice(asks, more)), more)).toBe(true);
  });

  it("drops what another version does not ask for and never grants what is only told", () => {
    const granted = { ...installation.grants, hosts: ["old.example", "{setting:base_url}"] };
    const next = grantsOf(asks, startingChoice(asks, granted));
    expect(next.hosts).toEqual(["{setting:base_url}"]);
    expect(JSON.stringify(next)).not.toContain("api_key");
  });

  it("stands under the headings in the order in which one decides", () => {
    const sections = inSections([ask("limit", "wall_ms"), ...asks, ask("handler", "sms-gateway")]);
    expect(sections.map(({ name, asks: own }) => [name, own.length])).toEqual([
      ["does", 1],
      ["data", 2],
      ["hosts", 2],
      ["secrets", 1],
      ["itself", 1],
      ["limits", 1],
    ]);
  });
});

describe("what an installation waits for", () => {
  it("is mended where its reason points", () => {
    const at = (status: typeof installation.status, status_reason: string | null) =>
      remedyFor({ status, status_reason });
    expect(at("active", null)).toBeUndefined();
    expect(at("disabled", null)).toBeUndefined();
    expect(at("needs_settings", "grants_missing")).toBe("access");
    expect(at("needs_attention", "provider_refused_key")).toBe("settings");
    expect(at("needs_attention", "provider_failing")).toBe("calls");
    expect(at("suspended", "plugin_withdrawn")).toBe("versions");
  });

  it("tells an update that is under way from one that asks for more", () => {
    const waiting = { ...installation, waiting_version_id: "v2" };
    expect([isUpdating(installation), asksMore(installation)]).toEqual([false, false]);
    expect([isUpdating(waiting), asksMore(waiting)]).toEqual([true, false]);
    const asking = { ...waiting, waiting_asks: { asks: [ask("host", "new.example")] } };
    expect([isUpdating(asking), asksMore(asking)]).toEqual([false, true]);
  });
});

describe("how often", () => {
  it.each([
    ["15m", { words: "minutes", count: 15 }],
    ["6h", { words: "hours", count: 6 }],
    ["1d", { words: "days", count: 1 }],
    ["*/20 * * * *", { words: "minutes", count: 20 }],
    ["5 * * * *", { words: "hourly", minute: "05" }],
    ["30 2 * * *", { words: "daily", time: "02:30" }],
    ["0 9 * * 7", { words: "weekly", time: "09:00", day: 0 }],
    ["0 9 1 * *", { words: "monthly", time: "09:00", day: 1 }],
    ["0 9 1 1 *", { words: "pattern", text: "0 9 1 1 *" }],
    ["0 9-17 * * 1-5", { words: "pattern", text: "0 9-17 * * 1-5" }],
  ])("%s", (pattern, often) => expect(oftenOf(pattern)).toEqual(often));
});

describe("the steps of a call", () => {
  const step = (after_us: number, name: string, answered = "") => ({ after_us, call: name, asked: "", answered });
  const line = (message: string, at = "2026-11-20T08:00:00.010Z") => ({ at, level: "info", message });

  it("show each line where it was written, and the host's own at the end", () => {
    const steps = [step(10, "settings.get"), step(20, "log.write"), step(30, "http.send"), step(40, "log.write")];
    const lines = [line("first"), line("second"), line("crashed")];
    const moments = momentsOf({ steps, lines }, "2026-11-20T08:00:00Z");
    expect(moments.map((moment) => moment.line?.message ?? moment.step?.call)).toEqual([
      "settings.get",
      "first",
      "http.send",
      "second",
      "crashed",
    ]);
    expect(moments.at(-1)?.after_us).toBe(10_000);
  });

  it.each([
    ["http.send", "200, 512 bytes", { words: "http", status: 200, bytes: 512 }],
    ["kv.get", "20 bytes, version 3", { words: "stored", bytes: 20, version: 3 }],
    ["secrets.sign", "32 bytes", { words: "bytes", bytes: 32 }],
    ["kv.list-keys", "1 keys", { words: "keys", count: 1 }],
    ["directory.get", "1 row", { words: "rows", count: 1 }],
    ["kv.get", "nothing", { words: "nothing" }],
    ["secrets.verify", "false", { words: "no" }],
    ["clock.now", "1763625600000", { words: "at", iso: "2025-11-20T08:00:00.000Z" }],
    ["http.send", "denied: not granted", { words: "text", text: "denied: not granted" }],
  ])("%s answers %s", (name, answered, expected) => expect(said(step(0, name, answered))).toEqual(expected));

  it("take a time that can be read", () => {
    expect([850, 12_400, 640_000, 3_210_000].map(shortTime)).toEqual([
      { value: 850, unit: "us", digits: 0 },
      { value: 12.4, unit: "ms", digits: 1 },
      { value: 640, unit: "ms", digits: 0 },
      { value: 3.21, unit: "s", digits: 1 },
    ]);
  });
});

describe("use by day", () => {
  it("has every day, and none for days without a call", () => {
    const day = { ...usageDay, guest_us: 500, http_calls: 2 };
    const usage = usageOf(
      [
        { ...day, used_on: "2026-02-27", calls: 5, failures: 2 },
        { ...day, used_on: "2026-03-01", calls: 1, failures: 0 },
      ],
      "2026-02-27",
      "2026-03-01",
    );
    expect(usage.days).toEqual([
      { day: "2026-02-27", good: 3, failed: 2 },
      { day: "2026-02-28", good: 0, failed: 0 },
      { day: "2026-03-01", good: 1, failed: 0 },
    ]);
    expect([usage.calls, usage.failures, usage.requests, usage.guest_us]).toEqual([6, 2, 4, 1000]);
    expect(daysBetween("2026-01-01", "2026-01-01")).toEqual(["2026-01-01"]);
  });
});

describe("versions", () => {
  it("are in the order of their numbers, with those that the company has never had", () => {
    expect(["1.9.2", "1.10.0", "1.10.0-rc.2", "1.10.0-rc.10"].sort(compareVersions)).toEqual([
      "1.9.2",
      "1.10.0-rc.2",
      "1.10.0-rc.10",
      "1.10.0",
    ]);
    const lines = versionLines([], ["1.9.2", "1.10.0"]);
    expect(lines).toEqual([
      { number: "1.10.0", row: undefined },
      { number: "1.9.2", row: undefined },
    ]);
  });
});
