// The story of a newcomer, in a real browser against the real server: signs up, imports, connects the fuel card, sees what each
// vehicle costs; another company sees none of it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { orders, pictures, start } from "./start.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const PASSWORD = "three words are enough";
const problems = [];
let world;
let page;

before(async () => {
  world = await start();
  page = await newPage("en-US");
});
after(async () => {
  await world?.stop();
});

async function newPage(locale) {
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, locale, acceptDownloads: true, reducedMotion: "reduce" });
  const fresh = await context.newPage();
  fresh.setDefaultTimeout(30_000);
  fresh.on("pageerror", (error) => problems.push(error.message));
  return fresh;
}

const main = (of = page) => of.getByRole("main");
const button = (name) => main().getByRole("button", { name });
/** What moves has come to rest: transitions of the page, and charts, which draw themselves. */
const settled = (of) =>
  of.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity));
const picture = async (name, of = page) => {
  await settled(of);
  await of.screenshot({ path: join(pictures, `${name}.png`) });
};
const drawn = () => main().locator('[role="img"] canvas, [role="img"] svg').first().waitFor();

async function visit(name) {
  const menu = page.getByRole("navigation", { name: "Main menu" });
  // After a reload the menu is drawn once the description is there.
  await menu.getByRole("button", { name: "Fleet", exact: true }).waitFor();
  const closed = menu.getByRole("button", { expanded: false });
  while (await closed.count()) await closed.first().click();
  await menu.getByRole("link", { name, exact: true }).click();
  await main().getByRole("heading", { level: 1 }).waitFor();
}

/** The token that the page holds in memory, taken from a request that it sends. */
async function tokenOf(of) {
  const [request] = await Promise.all([of.waitForRequest((sent) => sent.headers().authorization !== undefined), of.reload()]);
  return request.headers().authorization;
}

async function api(token, method, path, body) {
  const headers = { authorization: token, ...(body && { "content-type": "application/json" }) };
  const answer = await fetch(`${world.base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, json: await answer.json().catch(() => undefined) };
}

async function upload(file) {
  await page.locator("input[type=file]").setInputFiles(file);
  await main().getByRole("heading", { name: "Which column is what?" }).waitFor();
}

async function choose(label, option) {
  const more = button(/more fields/);
  if (!(await main().getByRole("combobox", { name: label, exact: true }).isVisible()) && (await more.isVisible())) await more.click();
  await main().getByRole("combobox", { name: label, exact: true }).selectOption(option);
}

/** The figure under a word of the trial run. */
async function tally(word) {
  const text = await main().locator("dt,p,span,div", { hasText: new RegExp(`^${word}$`) }).first().locator("xpath=..").innerText();
  return Number(text.replace(/[^0-9]/g, ""));
}

test("a newcomer signs up with a new company and is its owner", async () => {
  await page.goto(`${world.base}/sign-up`);
  await page.getByLabel("Company").fill("Story Express");
  await page.getByLabel("Your name").fill("Sara Al-Otaibi");
  await page.getByLabel("E-mail").fill("sara@story.example");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText(/at least 12 characters/i).first().waitFor();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await main().getByRole("heading", { name: /Welcome/ }).waitFor();
  await picture("01-welcome");
  const me = await api(await tokenOf(page), "GET", "/auth/me");
  assert.equal(me.json.membership, "owner");
});

test("imports vehicles with a trial run that names every bad row", async () => {
  await visit("Vehicles");
  await main().getByRole("link", { name: "Import" }).first().click();
  await upload(fixture("vehicles.csv"));
  await choose("Internal number", "Number");
  await choose("Fuel card number", "Fuel card");
  await choose("Tank capacity", "Tank");
  await picture("02-map");
  await button("Try it out").click();
  await main().getByRole("heading", { name: "What is wrong" }).waitFor();
  await picture("03-trial-run");
  const errors = await main().getByRole("table").first().innerText();
  assert.match(errors, /14[\s\S]*Plate number/);
  assert.match(errors, /15[\s\S]*Spaceship/);
  const [download] = await Promise.all([page.waitForEvent("download"), button("Download rejected rows").click()]);
  assert.match(download.suggestedFilename(), /rejected.*\.csv/);
  await button(/Create 12 records/).click();
  await main().getByText(/12 records created/).waitFor();
  await picture("04-imported");
});

test("the same file again creates nothing", async () => {
  await visit("Vehicles");
  await main().getByRole("link", { name: "Import" }).first().click();
  await upload(fixture("vehicles.csv"));
  // The mapping of the first time is remembered.
  const box = main().getByRole("combobox", { name: "Internal number", exact: true });
  assert.equal(await box.locator("option:checked").innerText(), "Number");
  await button("Try it out").click();
  await main().getByText("There is nothing new to create.").waitFor();
});

test("couriers come from a real and dirty order file", async (context) => {
  const file = orders();
  if (!file) return context.skip("the order file is not here");
  await visit("Couriers");
  await main().getByRole("link", { name: "Import" }).first().click();
  await upload(file);
  await choose("BARQ ID", "Delivery_person_ID");
  await choose("Full name", "Delivery_person_ID");
  // Where the orders went says nothing of where the courier lives.
  await choose("City", "Not imported");
  await button("Try it out").click();
  await button(/Create 1,297 records/).click();
  await main().getByText(/1,297 records created/).waitFor();
  await picture("05-couriers-imported");
  await visit("Couriers");
  await main().getByRole("table").waitFor();
  await picture("06-couriers");
});

test("a vehicle or a courier never has two open assignments", async () => {
  const token = await tokenOf(page);
  const made = await Promise.all([1, 2].map((n) => api(token, "POST", "/fleet/couriers", { barq_id: `S-${n}`, full_name: `Courier ${n}` })));
  const vehicles = (await api(token, "GET", "/fleet/vehicles?sort=internal_number&limit=2")).json.data;
  const assign = (vehicle, courier) => api(token, "POST", "/fleet/vehicle_assignments", { vehicle_id: vehicle.id, courier_id: courier.json.id, started_on: "2026-01-01" });
  const race = await Promise.all(Array.from({ length: 12 }, (_, n) => assign(vehicles[0], made[n % 2])));
  assert.deepEqual(race.map((answer) => answer.status).sort().slice(0, 2), [201, 422]);
  assert.equal(race.filter((answer) => answer.status === 201).length, 1);
  await visit("Assignments");
  await main().getByRole("table").waitFor();
  await picture("07-assignments");
});

test("the fuel card is granted, configured and run; a second run changes nothing", async () => {
  await visit("Plugins");
  await picture("08-plugins");
  await fuelCards().click();
  await page.getByText("What it asks for").waitFor();
  await picture("09-grant");
  await page.getByRole("button", { name: "Allow and connect" }).click();
  await page.getByRole("textbox", { name: "Provider's address" }).fill(`${world.provider}/webservice`);
  await page.getByLabel("API key").fill("simulator-key");
  await main().getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Settings saved").waitFor();
  await runOnce(/\d+ new/);
  await picture("10-run");
  const token = await tokenOf(page);
  const count = async () => (await api(token, "GET", "/fleet/fuel_transactions?total=true&limit=1")).json.total;
  const first = await count();
  assert.ok(first > 50, `${first} transactions`);
  await visit("Plugins");
  await fuelCards().click();
  await runOnce(/known already/);
  assert.equal(await count(), first);
  const runs = (await api(token, "GET", "/integrations/runs?sort=-id")).json.data;
  assert.deepEqual(runs.map((run) => run.status), ["succeeded", "succeeded"]);
  assert.equal(runs[0].created, 0);
});

const fuelCards = () => main().locator('a[href$="/integrations/plugins/syarah-fuel"]').first();

async function runOnce(expected) {
  await button("Run now").first().click();
  await page.getByText(expected).first().waitFor({ timeout: 90_000 });
  // The figures grow while it runs; it can be run again when it has ended.
  await button("Run now").first().waitFor({ timeout: 90_000 });
}

test("what the rules cannot say for certain waits with its reason", async () => {
  await visit("Transactions to settle");
  await main().getByText("Why it waits").first().waitFor();
  await picture("11-waiting");
});

test("vehicles show what they cost, in both languages, and every figure opens its fills", async () => {
  await visit("Fuel costs");
  const table = main().getByRole("table").first();
  await table.waitFor();
  await drawn();
  await page.waitForTimeout(400);
  await picture("12-fuel-costs");
  const figure = main().getByRole("button", { name: /km per litre.*Show fills/ }).first();
  await figure.click();
  await page.getByRole("dialog").getByText(/km ÷/).waitFor();
  await picture("13-fills");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByText("العربية").last().click();
  await page.waitForFunction(() => document.documentElement.dir === "rtl" && document.documentElement.lang.startsWith("ar"));
  await main().getByRole("heading", { level: 1 }).waitFor();
  await picture("14-fuel-costs-arabic");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  await drawn();
  await page.waitForTimeout(400);
  await picture("15-fuel-costs-arabic-phone-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("a changed row moves the figure", async () => {
  const token = await tokenOf(page);
  const month = (await api(token, "GET", "/fleet/fuel_costs?from=2026-01&to=2026-11&limit=100")).json.data.find((row) => row.fills > 2);
  const cost = async () => (await api(token, "GET", `/fleet/fuel_costs?from=${month.month}&to=${month.month}&vehicle_id=${month.vehicle_id}`)).json.data[0].cost;
  const before = await cost();
  const log = { vehicle_id: month.vehicle_id, filled_on: `${month.month}-05`, volume_l: "10", cost: "23.30", is_full_tank: false };
  assert.equal((await api(token, "POST", "/fleet/fuel_logs", log)).status, 201);
  assert.equal(Math.round((Number(await cost()) - Number(before)) * 100), 2330);
});

test("the other company sees none of it", async () => {
  const [other] = world.demo.organizations;
  const owner = other.users.find((user) => user.role === "owner");
  const beside = await newPage("en-US");
  await beside.goto(`${world.base}/sign-in`);
  await beside.getByLabel("E-mail").fill(owner.email);
  await beside.getByLabel("Password", { exact: true }).fill(owner.password);
  await beside.getByRole("button", { name: "Sign in" }).click();
  await main(beside).getByRole("heading", { name: /Welcome/ }).waitFor();
  await picture("16-other-company", beside);
  const [mine, theirs] = [await tokenOf(page), await tokenOf(beside)];
  for (const resource of ["couriers", "vehicles", "vehicle_assignments", "fuel_transactions"]) {
    const ours = (await api(mine, "GET", `/fleet/${resource}?limit=100`)).json.data;
    assert.ok(ours.length > 0, resource);
    const seen = (await api(theirs, "GET", `/fleet/${resource}?limit=100`)).json.data.map((row) => row.id);
    assert.ok(!ours.some((row) => seen.includes(row.id)), resource);
    assert.equal((await api(theirs, "GET", `/fleet/${resource}/${ours[0].id}`)).status, 404);
  }
  await beside.goto(`${world.base}/fleet/couriers?search=S-1`);
  await main(beside).getByRole("heading", { level: 1 }).waitFor();
  assert.ok(!(await main(beside).innerText()).includes("Courier 1"));
});

test("no page failed on the way", () => assert.deepEqual(problems, []));
