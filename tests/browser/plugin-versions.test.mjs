// A plugin's life after the first day, in a real browser against the real server: a package of one's own, an update that asks for
// more and waits, the way back, a version withdrawn and a publisher no longer believed, and the end with and without what it kept.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barq, pictures, root, start } from "./start.mjs";

const PLUGIN = "/integrations/plugins/syarah-fuel";
const problems = [];
let world;
let page;
let folder;
let pack;
let publicKey;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "barq-package-"));
  ({ pack, publicKey } = packed());
  world = await start({ demo: false });
  const context = await world.browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-US", reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("response", (answer) => {
    if (answer.status() >= 400 && answer.url().includes("/integrations/")) problems.push(`${answer.status()} ${new URL(answer.url()).pathname}`);
  });
});
after(async () => {
  await world?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The fuel cards once more, as a version that also speaks to another address, signed with a key made for it. */
function packed() {
  const plugin = join(folder, "syarah-fuel");
  cpSync(join(process.env.BARQ_PLUGINS ?? join(root, "plugins/dist"), "syarah-fuel"), plugin, { recursive: true });
  const manifest = readFileSync(join(plugin, "plugin.toml"), "utf8").replace('version = "1.0.0"', 'version = "1.1.0"');
  const more = '\n[[host]]\nhost = "rates.example.com"\nreason.en = "Reads the price of fuel."\nreason.ar = "لقراءة سعر الوقود."\n';
  writeFileSync(join(plugin, "plugin.toml"), manifest + more);
  const tool = (...args) => execFileSync(barq, ["plugin", ...args], { cwd: plugin, encoding: "utf8" });
  tool("keygen", "publisher.key");
  tool("pack");
  tool("sign", "--key", "publisher.key");
  return { pack: join(plugin, "syarah-fuel-1.1.0.barq"), publicKey: readFileSync(join(plugin, "publisher.key.pub"), "utf8").trim() };
}

const main = () => page.getByRole("main");
const dialog = () => page.getByRole("dialog");
const button = (name) => main().getByRole("button", { name, exact: true });
const picture = (name) => page.screenshot({ path: join(pictures, `plugin-versions-${name}.png`), fullPage: true });
const open = async (path) => {
  await page.goto(world.base + path);
  await main().getByRole("heading", { level: 1 }).waitFor();
};

test("a package of an unknown publisher is refused, and taken once its key is trusted", async () => {
  await open("/sign-up");
  await page.getByLabel("Company").fill("Version Express");
  await page.getByLabel("Your name").fill("Huda Al-Anazi");
  await page.getByLabel("E-mail").fill("huda@version.example");
  await page.getByLabel("Password", { exact: true }).fill("three words are enough");
  await page.getByRole("button", { name: "Create account" }).click();
  await main().getByRole("heading", { name: /Welcome/ }).waitFor();

  await open(PLUGIN);
  await button("Allow and connect").click();
  await page.getByRole("textbox", { name: "Provider's address" }).fill(`${world.provider}/webservice`);
  await page.getByLabel("API key").fill("simulator-key");
  await button("Save").first().click();
  await main().getByText("Active", { exact: true }).first().waitFor();

  await open("/integrations/plugins");
  await button("Upload a package").click();
  await page.locator('input[type="file"]').setInputFiles(pack);
  await dialog().getByRole("button", { name: "To the trusted publishers" }).click();
  assert.deepEqual(problems.splice(0), ["422 /api/v1/integrations/plugin_versions/upload"]);
  await button("Trust a publisher").click();
  await dialog().getByLabel("Publisher").fill("Version workshop");
  await dialog().locator("#publisher-key").fill(publicKey);
  await dialog().getByRole("button", { name: "Trust", exact: true }).click();
  await main().getByText("Version workshop").waitFor();
  await picture("publishers");

  await open("/integrations/plugins");
  await button("Upload a package").click();
  await page.locator('input[type="file"]').setInputFiles(pack);
  await dialog().getByText(/is ready$/).waitFor({ timeout: 120_000 });
  await picture("uploaded");
});

test("an update that asks for more waits until somebody has read it", async () => {
  await open(`${PLUGIN}?tab=versions`);
  await button("Update").click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Update", exact: true }).click();
  await main().getByText("An update waits for you").waitFor();
  await main().getByText("Active", { exact: true }).first().waitFor();
  await picture("waits");
  await button("See what is new").click();
  await dialog().getByText("rates.example.com").first().waitFor();
  await picture("asks");
  await dialog().getByRole("button", { name: "Allow and update" }).click();
  await open(`${PLUGIN}?tab=versions`);
  await runs("1.1.0");
});

test("the way back leads to the version before", async () => {
  await button("Roll back").click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Roll back", exact: true }).click();
  await page.getByText("The update has begun").waitFor();
  await runs("1.0.0");
  await picture("back");
});

test("a version is withdrawn and a publisher no longer believed", async () => {
  await open("/integrations/plugins?tab=packages");
  await button("Withdraw").click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByText("The version was withdrawn").waitFor();
  await button("Withdraw").waitFor({ state: "detached" });
  await open("/integrations/plugins?tab=publishers");
  await button("Revoke").click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("The key is revoked").waitFor();
});

test("uninstalled, it leaves what it kept until that is deleted too", async () => {
  await open(PLUGIN);
  await main().getByRole("button", { name: "More" }).first().click();
  await page.getByRole("menuitem", { name: "Uninstall" }).click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Uninstall", exact: true }).click();
  await page.getByText("The plugin was uninstalled").waitFor();
  await main().getByText("What it kept is still here").waitFor();
  await picture("left");
  await button("Delete it").click();
  await page.getByRole("alertdialog").or(dialog()).getByRole("button", { name: "Delete it", exact: true }).click();
  await main().getByText("What it kept is still here").waitFor({ state: "detached" });
});

test("no page failed and nothing else was refused on the way", () => assert.deepEqual(problems, []));

/** Waits until the line of a version says that it runs. */
async function runs(version) {
  const line = main().getByRole("listitem").filter({ hasText: version });
  for (let tries = 0; ; tries += 1) {
    if (await line.getByText("Runs", { exact: true }).isVisible()) return;
    assert.ok(tries < 60, `${version} does not run`);
    await page.waitForTimeout(500);
    if (tries % 10 === 9) await open(`${PLUGIN}?tab=versions`);
  }
}
