// A plugin from the catalogue to the repeated call, in a real browser against the real server: granted, configured, run; what it
// asked of its host is there step by step, and the call made again comes to the same.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pictures, start } from "./start.mjs";

const PLUGIN = "/integrations/plugins/syarah-fuel";
const problems = [];
let world;
let page;

before(async () => {
  world = await start({ demo: false });
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US", reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("response", (answer) => {
    if (answer.status() >= 400 && answer.url().includes("/integrations/")) problems.push(`${answer.status()} ${answer.url()}`);
  });
});
after(async () => {
  await world?.stop();
});

const main = () => page.getByRole("main");
const button = (name) => main().getByRole("button", { name });
const picture = (name) => page.screenshot({ path: join(pictures, `plugins-${name}.png`), fullPage: true });
const open = async (path) => {
  await page.goto(world.base + path);
  await main().getByRole("heading", { level: 1 }).waitFor();
};

test("a new company finds the plugin in the catalogue and reads what it asks for", async () => {
  await open("/sign-up");
  await page.getByLabel("Company").fill("Plugin Express");
  await page.getByLabel("Your name").fill("Noura Al-Qahtani");
  await page.getByLabel("E-mail").fill("noura@plugin.example");
  await page.getByLabel("Password", { exact: true }).fill("three words are enough");
  await page.getByRole("button", { name: "Create account" }).click();
  await main().getByRole("heading", { name: /Welcome/ }).waitFor();
  await open("/integrations/plugins");
  await main().getByText("Fuel cards", { exact: true }).first().waitFor();
  await open(PLUGIN);
  await main().getByText("What it asks for").waitFor();
  await main().getByText("Adds fuel transactions.").waitFor();
  await picture("grant");
});

test("granted and configured, it may run", async () => {
  await button("Allow and connect").click();
  await main().getByText("One more step before it works").waitFor();
  await page.getByRole("textbox", { name: "Provider's address" }).fill(`${world.provider}/webservice`);
  await page.getByLabel("API key").fill("simulator-key");
  await button("Save").first().click();
  await page.getByText("Settings saved").waitFor();
  await main().getByText("Active", { exact: true }).first().waitFor();
});

test("a run brings transactions", async () => {
  await button("Run now").first().click();
  await page.getByText(/\d+ new/).first().waitFor({ timeout: 60_000 });
  await main().getByText("Succeeded", { exact: true }).first().waitFor({ timeout: 60_000 });
  await picture("run");
});

test("a call shows its steps, and made again it comes to the same", async () => {
  await open(`${PLUGIN}?tab=calls`);
  const calls = main().locator('a[href*="/integrations/calls/"]');
  await calls.first().waitFor();
  // The newest come first; what went in and out is kept of the first ones of a run.
  while (await button("Show more").isVisible()) {
    const seen = await calls.count();
    await button("Show more").click();
    await page.waitForFunction((before) => document.querySelectorAll('main a[href*="/integrations/calls/"]').length > before, seen);
  }
  await calls.last().click();
  await main().getByText(/GET .*\/webservice\/bills/).first().waitFor();
  await picture("call");
  await button("Replay this call").click();
  await main().getByText("The same again, byte for byte").first().waitFor();
  await picture("replayed");
});

test("no page failed and no request was refused on the way", () => assert.deepEqual(problems, []));
