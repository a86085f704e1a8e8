// Markup that people type into their records: on every list and every record's page of the console it is text, and nothing of it
// runs. The texts go in through the API, as those of an import or of a plugin would. BARQ_LONG_TESTS takes every resource.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "./start.mjs";

/** Each would call `ran()` in another way if it were taken for markup, for a link or for a template. */
const CORPUS = [
  "<script>ran()</script>",
  "<img src=x onerror=ran()>",
  "<svg onload=ran()>",
  '"><img src=x onerror=ran()>',
  "'><body onpageshow=ran()>",
  "<iframe srcdoc='<script>parent.ran()</script>'>",
  "javascript:ran()",
  "<a href=javascript:ran()>x</a>",
  "<details open ontoggle=ran()>",
  "<input autofocus onfocus=ran()>",
  "<style>@import 'javascript:ran()'</style>",
  "${ran()}{{ran()}}",
  "<math><mi xlink:href=javascript:ran()>",
  "</textarea><img src=x onerror=ran()>",
  "&lt;img src=x onerror=ran()&gt;",
  "\u202e<img src=x onerror=ran()>",
];
/** A few of each module in every change. */
const SHARE = process.env.BARQ_LONG_TESTS ? Infinity : 1;

let world;
let page;
let token;
const ran = [];
const problems = [];

async function call(method, path, body, headers = {}) {
  const answer = await fetch(`${world.base}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}), ...headers },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json().catch(() => undefined) };
}

before(async () => {
  world = await start();
  const { email, password } = world.demo.organizations[0].users.find((one) => one.role === "owner");
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 1600 }, locale: "en-US", reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.exposeFunction("ran", () => ran.push(page.url()));
  page.on("dialog", (dialog) => ran.push(dialog.message()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${world.base}/sign-in`);
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/auth/login"));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  token = (await (await answered).json()).access_token;
  await page.getByRole("link", { name: "Settings" }).first().waitFor();
});
after(() => world?.stop());

/** Fields of a request that take any text of some length. */
function texts(schema) {
  const free = ([, field]) => [field.type].flat().includes("string") && !field.format && !field.enum && (field.maxLength ?? 0) >= 30 && (!field.pattern || field.pattern.includes("\\x00-\\x1f"));
  return Object.entries(schema?.properties ?? {}).filter(free);
}

test("what calls for help is heard", async () => {
  await page.evaluate(() => {
    const here = document.createElement("div");
    here.innerHTML = "<img src=x onerror=ran()>";
    document.body.append(here);
  });
  await page.waitForFunction(() => document.querySelector("img[src=x]"));
  for (let tries = 0; ran.length === 0 && tries < 100; tries += 1) await new Promise((done) => setTimeout(done, 50));
  // The page's own rules may forbid it already; then the element itself is what a look has to find.
  assert.ok((await planted()) > 0);
  ran.length = 0;
});

/** Elements that only markup of the corpus makes. */
const planted = () =>
  page.evaluate(
    () => document.querySelectorAll("img[src=x], svg[onload], iframe[srcdoc], body[onpageshow], details[ontoggle], input[onfocus], math, [href^='javascript:']").length,
  );

test("markup in a record is text on its pages", async () => {
  const document = (await call("GET", "/api/v1/openapi.json")).json;
  const schemaOf = (operation) => {
    const schema = operation?.requestBody?.content?.["application/json"]?.schema;
    return schema?.$ref ? document.components.schemas[schema.$ref.split("/").at(-1)] : schema;
  };
  const seen = new Map();
  let [fields, pages, shown] = [0, 0, 0];
  for (const [path, operations] of Object.entries(document.paths)) {
    const parts = path.match(/^\/api\/v1\/([a-z]+)\/([a-z_]+)\/\{id\}$/);
    const writable = parts && texts(schemaOf(operations.patch));
    if (!writable?.length || (seen.get(parts[1]) ?? 0) >= SHARE) continue;
    const [, module, resource] = parts;
    const list = (await call("GET", `/api/v1/${module}/${resource}?limit=3`)).json?.data ?? [];
    let changed;
    for (const row of list) {
      for (const [place, [name, field]] of writable.entries()) {
        const text = CORPUS[(fields + place) % CORPUS.length].slice(0, field.maxLength);
        const read = await call("GET", `/api/v1/${module}/${resource}/${row.id}`);
        const answer = await call("PATCH", `/api/v1/${module}/${resource}/${row.id}`, { [name]: text }, { "if-match": `"${read.json?.version}"` });
        if (answer.status === 200) {
          fields += 1;
          changed = row.id;
        } else assert.ok(answer.status < 500, `${module}.${resource}.${name}: ${answer.status}`);
      }
      if (changed) break;
    }
    if (!changed) continue;
    seen.set(module, (seen.get(module) ?? 0) + 1);
    for (const address of [`/${module}/${resource}`, `/${module}/${resource}/${changed}`]) {
      await page.goto(`${world.base}${address}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
      assert.equal(await planted(), 0, address);
      pages += 1;
      if ((await page.locator("body").innerText()).includes("ran()")) shown += 1;
    }
  }
  // What is typed into the search comes back in its answer.
  for (const text of CORPUS) {
    await page.goto(`${world.base}/fleet/couriers?q=${encodeURIComponent(text)}`);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    assert.equal(await planted(), 0, text);
  }
  assert.deepEqual(ran, []);
  assert.deepEqual(problems, []);
  assert.ok(fields >= 20 && shown >= 8, `${fields} fields, ${shown} pages show one`);
  console.log(`CHECK S5 pass ${CORPUS.length} kinds of markup in ${fields} fields of ${[...seen.values()].reduce((a, b) => a + b, 0)} resources: ${pages} pages of the console, ${shown} show it as text, 0 ran`);
});
