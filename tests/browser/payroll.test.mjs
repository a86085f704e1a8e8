// A month's pay in a real browser against the real server: a sheet comes in, the run is calculated, what stands out is looked at, a
// second person approves and pays, the bank's file is made, and a courier asks on his phone why.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pictures, start } from "./start.mjs";

const problems = [];
let world;
let hr;
let finance;
let token;
/** Salaries of the latest run of the demonstration: the month before ours. */
let last;
let month;
let sheet;
/** Who did three times as many orders as the month before. */
let busiest;
/** Whose fuel is below nothing. */
let broken;
let runPath;

before(async () => {
  world = await start();
  token = (await signIn("owner")).access_token;
  const [run] = (await call("GET", "/hr/payroll_runs?sort=-year,-month&limit=1")).data;
  month = run.month === 12 ? { year: run.year + 1, month: 1 } : { year: run.year, month: run.month + 1 };
  last = (await call("GET", `/hr/salaries?run_id=${run.id}&limit=100&titles=true`)).data;
  assert.ok(last.length > 5, `the demonstration pays only ${last.length}`);
  sheet = await sheetOf(last);
  hr = await signedIn("hr_manager");
  finance = await signedIn("finance");
});
after(() => world?.stop());

const userOf = (role) => world.demo.organizations[0].users.find((one) => one.role === role);

async function signIn(role) {
  const { email, password } = userOf(role);
  const answer = await fetch(`${world.base}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  return answer.json();
}

async function call(method, path, body, headers = {}) {
  const answer = await fetch(`${world.base}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}), ...headers },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json().catch(() => undefined);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json;
}

/** The month as a company keeps it: last month's work again, one courier far ahead, one row that cannot be right, one unknown. */
async function sheetOf(salaries) {
  const couriers = [];
  for (let after = ""; ; ) {
    const page = await call("GET", `/fleet/couriers?limit=100${after}`);
    couriers.push(...page.data);
    if (!page.next) break;
    after = `&after=${page.next}`;
  }
  const byId = new Map(couriers.map((courier) => [courier.id, courier]));
  const perOrder = salaries.filter((one) => one.category !== "ecommerce");
  busiest = perOrder[1];
  broken = perOrder[2];
  const rows = salaries.map((one) => {
    const orders = one === busiest ? one.total_orders * 3 : one.total_orders;
    const gas = one === broken ? "-20.50" : one.gas_usage;
    return [byId.get(one.courier_id).barq_id, one.category, Number(one.period_target), "", orders, one.total_revenue, gas];
  });
  rows.push(["NOBODY-1", "motorcycle", 400, "", 400, "5600.00", "250.00"]);
  return [["barq_id", "category", "target", "days", "orders", "revenue", "gas_usage"], ...rows].map((row) => row.join(",")).join("\n");
}

async function signedIn(role, options = {}) {
  const { email, password } = userOf(role);
  const context = await world.browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => problems.push(`${role}: ${error.message}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400 && answer.url().includes("/api/v1/hr/")) problems.push(`${role}: ${answer.status()} ${answer.url()}`);
  });
  await page.goto(`${world.base}/sign-in`);
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return page;
}

const main = (page) => page.getByRole("main");
const button = (page, name) => main(page).getByRole("button", { name, exact: true });
const open = async (page, path) => {
  await page.goto(world.base + path);
  await main(page).getByRole("heading", { level: 1 }).waitFor();
};
const picture = async (page, name) => {
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity));
  await page.screenshot({ path: join(pictures, `payroll-${name}.png`) });
};
/** The step that the page offers, and the question it asks before it is done. */
async function step(page, name, reached) {
  await button(page, name).click();
  await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await main(page).locator("[aria-current=step]", { hasText: reached }).waitFor({ timeout: 60_000 });
}
const tab = (page, name) => main(page).getByRole("tab", { name });
/** A figure of the page by what stands above it, in halalas. */
async function figure(page, label) {
  const text = await main(page).locator("dl > div", { hasText: label }).locator("dd bdi").first().innerText();
  return Math.round(Number(text.replace(/[^0-9.-]/g, "")) * 100);
}

test("a run is made for the month, and a sheet brings its work", async () => {
  await open(hr, "/hr/payroll");
  await main(hr).getByRole("link", { name: /^New / }).click();
  await main(hr).getByLabel(/^Year/).fill(`${month.year}`);
  await main(hr).getByLabel(/^Month/).fill(`${month.month}`);
  await main(hr).getByRole("button", { name: /^(Create|Save)/ }).first().click();
  await hr.waitForURL(/\/hr\/payroll\/[0-9a-f-]{36}/);
  runPath = new URL(hr.url()).pathname;
  await button(hr, "Upload a sheet").click();
  const dialog = hr.getByRole("dialog", { name: "Upload a sheet" });
  await dialog.locator("input[type=file]").setInputFiles({ name: "work.csv", mimeType: "text/csv", buffer: Buffer.from(sheet) });
  await dialog.getByText(`${last.length - 1} rows were taken`).waitFor();
  // The bytes that were sent are the bytes that are on record.
  await dialog.getByText(createHash("sha256").update(sheet).digest("hex")).waitFor();
  await dialog.getByText("NOBODY-1").waitFor();
  await picture(hr, "sheet");
  await dialog.getByRole("button", { name: "Close" }).last().click();
});

test("who cannot be paid is named with what to do, and the others are calculated", async () => {
  await step(hr, "Calculate", "Calculated");
  await main(hr).getByText(/could not be paid/).first().waitFor();
  await tab(hr, /^Not paid/).click();
  await main(hr).getByRole("link", { name: broken.courier_title }).waitFor();
  await picture(hr, "refusals");
  assert.ok((await figure(hr, "Net pay")) > 0);
  assert.equal(await figure(hr, "Couriers"), 100 * (last.length - 1));
});

test("what stands out comes first; keys lead to its payslip, and the comparison says why", async () => {
  await tab(hr, "Couriers").click();
  const grid = main(hr).getByRole("grid", { name: "Couriers" });
  await grid.getByRole("row").first().waitFor();
  await grid.focus();
  await hr.keyboard.press("End");
  await hr.keyboard.press("Home");
  // Letters go to the search without a click there; Escape empties it.
  const search = main(hr).getByRole("searchbox", { name: "Find a courier" });
  await hr.keyboard.type("zq");
  assert.equal(await search.inputValue(), "zq");
  assert.equal(await grid.getByRole("row").count(), 0);
  await hr.keyboard.press("Escape");
  assert.equal(await search.inputValue(), "");
  const row = grid.getByRole("row", { name: busiest.courier_title });
  await row.getByText("Far more than last month").waitFor({ state: "attached" });
  await picture(hr, "couriers");
  await search.fill(busiest.courier_title);
  await hr.keyboard.press("Enter");
  await hr.waitForURL(/\/hr\/payslips\//);
  await main(hr).getByRole("heading", { level: 1, name: busiest.courier_title }).waitFor();
  await main(hr).getByText("Earned", { exact: true }).waitFor();
  await picture(hr, "payslip");
  await open(hr, `${runPath}?tab=changes`);
  const changed = main(hr).getByRole("listitem").filter({ hasText: busiest.courier_title });
  await changed.getByText("Far more than last month").waitFor();
  await changed.getByText(/Bonus or shortfall \+/).waitFor();
  await picture(hr, "changes");
});

test("other numbers are tried without storing any", async () => {
  await open(hr, runPath);
  const net = await figure(hr, "Net pay");
  await main(hr).getByRole("link", { name: "What if?" }).click();
  await main(hr).getByLabel("Category", { exact: true }).selectOption({ index: 0 });
  await main(hr).getByLabel("Bonus for each order above target").fill("60");
  await button(hr, "Try it").click();
  await main(hr).getByText("With these changes").waitFor();
  await main(hr).getByText("Why the total changed").waitFor();
  await picture(hr, "what-if");
  await open(hr, runPath);
  assert.equal(await figure(hr, "Net pay"), net);
});

test("nobody approves his own calculation; a second person does, and pays", async () => {
  await step(hr, "Mark as reviewed", "Reviewed");
  await main(hr).getByText("waits for another person").waitFor();
  assert.equal(await button(hr, "Approve").count(), 0);
  await open(finance, runPath);
  await step(finance, "Approve", "Approved");
  await step(finance, "Record payment", "Paid");
  await picture(finance, "paid");
});

test("the wage file is checked, made and downloaded, the same bytes as on record", async () => {
  const [account] = (await call("GET", "/hr/paying_accounts?limit=1")).data;
  if (!account) {
    await call("POST", "/hr/paying_accounts", {
      name: "Main account",
      iban: "SA0380000000608010167519",
      establishment_number: "1234567890",
      ministry_number: "2-1234567",
      is_default: true,
    }, { "Idempotency-Key": "payroll-account" });
  }
  await open(finance, `${runPath}?tab=files`);
  await main(finance).getByText(/The check found no error|errors? keeps? the file/).waitFor();
  await picture(finance, "check");
  await button(finance, "Make the wage file").click();
  await finance.getByText(/Wage file \S+ is made/).waitFor();
  const checksum = await main(finance).locator("p[title='Checksum (SHA-256)']").first().innerText();
  const [file] = await Promise.all([finance.waitForEvent("download"), main(finance).getByRole("button", { name: "Download", exact: true }).first().click()]);
  const bytes = readFileSync(await file.path());
  assert.equal(createHash("sha256").update(bytes).digest("hex"), checksum);
  const lines = bytes.toString("utf8").trim().split(/\r?\n/);
  assert.ok(lines.length > 1, `the file has ${lines.length} lines`);
  await picture(finance, "files");
  for (const [name, start] of [["Payroll register, English", "PK"], ["Social insurance report", ""], ["Journal entries", ""]]) {
    const [report] = await Promise.all([
      finance.waitForEvent("download"),
      main(finance).getByRole("button", { name: `Download: ${name}` }).click(),
    ]);
    const content = readFileSync(await report.path());
    assert.ok(content.length > 100 && content.toString("latin1").startsWith(start), name);
  }
});

test("a courier opens his payslip on a phone and asks why, in both languages", async () => {
  const paid = last.find((one) => one.courier_id !== broken.courier_id);
  const own = await signIn("courier");
  const row = await call("GET", `/fleet/couriers/${paid.courier_id}`);
  await call("PATCH", `/fleet/couriers/${row.id}`, { member_id: own.user.id }, { "If-Match": `"${row.version}"` });

  const phone = await signedIn("courier", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  await open(phone, "/hr/my-pay");
  await main(phone).getByRole("link").first().click();
  await phone.waitForURL(/\/hr\/payslips\//);
  await main(phone).getByRole("heading", { level: 1, name: paid.courier_title }).waitFor();
  await main(phone).getByText("Net pay", { exact: true }).waitFor();
  await picture(phone, "phone-payslip");
  await main(phone).getByRole("button", { name: "Why: Basic pay" }).click();
  const why = phone.getByRole("dialog");
  await why.getByText("How it was counted").waitFor();
  await why.getByText("Numbers of the law and of the company").waitFor();
  await picture(phone, "phone-why");
  await why.getByRole("button", { name: "العربية" }).click();
  await why.locator("[dir=rtl]").getByText(/الأجر الأساسي/).first().waitFor();
  await why.getByRole("heading", { name: "طريقة الاحتساب" }).waitFor();
  await picture(phone, "phone-why-ar");
  await phone.keyboard.press("Escape");
  const [slip] = await Promise.all([phone.waitForEvent("download"), main(phone).getByRole("button", { name: "PDF, Arabic" }).click()]);
  assert.equal(readFileSync(await slip.path()).subarray(0, 5).toString(), "%PDF-");
  // Another courier's payslip is not there for him.
  const other = (await call("GET", "/hr/salaries?limit=100")).data.find((one) => one.courier_id !== paid.courier_id);
  const expected = problems.length;
  await phone.goto(`${world.base}/hr/payslips/${other.id}`);
  await main(phone).getByRole("alert").first().waitFor();
  assert.equal(await main(phone).getByText("Net pay", { exact: true }).count(), 0);
  const refused = problems.splice(expected);
  assert.ok(refused.length > 0 && refused.every((one) => / 404 /.test(one)), refused.join("\n"));
});

test("no page failed and no request was refused on the way", () => assert.deepEqual(problems, []));
