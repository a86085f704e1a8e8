// Who may do what, in a real browser against the real server: a role from a copy, what it opens on the next request, what nobody
// can give, keys that are shown once, invitations, keeping somebody out, and the way to delete a role that is in use.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pictures, start } from "./start.mjs";

const ROLE = "Branch office";
const problems = [];
let world;
let owner;
let viewer;
let key;

before(async () => {
  world = await start();
  owner = await signedIn("owner");
  viewer = await signedIn("viewer");
});
after(() => world?.stop());

async function signedIn(role) {
  const { email, password } = world.demo.organizations[0].users.find((one) => one.role === role);
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${world.base}/sign-in`);
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("link", { name: "Settings" }).first().waitFor();
  return page;
}

const open = async (page, path, heading) => {
  await page.goto(`${world.base}${path}`);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
};
const button = (of, name) => of.getByRole("button", { name, exact: true });
const dialog = (page, name) => page.getByRole("dialog", { name });
const picture = async (page, name) => {
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity));
  await page.screenshot({ path: join(pictures, `${name}.png`) });
};
/** What a program is answered. */
const called = async (path, method = "GET") =>
  (await fetch(`${world.base}/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}` } })).status;

test("a role is made from a copy, looked at before it is saved, and says who made it", async () => {
  await open(owner, "/settings/roles", "Roles");
  await owner.getByRole("link", { name: "Courier", exact: true }).click();
  await owner.getByText("Built-in roles stay as they are.").waitFor();
  await owner.getByRole("link", { name: "Copy" }).first().click();
  await owner.getByLabel(/^Name/).fill(ROLE);
  await owner.getByRole("searchbox", { name: "Search permissions" }).fill("fleet couriers see");
  const see = owner.getByRole("group", { name: "See", exact: true });
  await see.getByText("Team", { exact: true }).click();
  for (const [words, label] of [["see roles", "See roles and what they allow"], ["make roles", "Make roles"], ["see members", "See members"]]) {
    await owner.getByRole("searchbox", { name: "Search permissions" }).fill(words);
    await owner.getByRole("checkbox", { name: label }).check();
  }
  await picture(owner, "50-role-editor");
  await button(owner, "Review and save").click();
  const review = dialog(owner, `New role: ${ROLE}`);
  await review.getByText("See roles and what they allow").waitFor();
  await picture(owner, "51-role-review");
  await button(review, "Create").click();
  await owner.getByRole("heading", { level: 1, name: ROLE }).waitFor();
  await owner.getByRole("tab", { name: "History" }).click();
  await owner.getByText(/^Created · /).waitFor();
});

test("what a member may do follows from the role on the next request", async () => {
  // A viewer without roles sees everything; with one, what it shows.
  await open(viewer, "/fleet/vehicles", "Vehicles");
  await open(owner, "/settings/people", "People");
  await owner.getByRole("button", { name: /viewer@/ }).click();
  const sheet = owner.getByRole("dialog");
  await sheet.getByText("A viewer without job roles sees everything").waitFor();
  await sheet.getByRole("checkbox", { name: ROLE }).check();
  await button(sheet, "Save role").click();
  await owner.getByText(/has another role from now on/).waitFor();
  await picture(owner, "52-member");
  await viewer.goto(`${world.base}/settings/people`);
  await viewer.getByRole("heading", { level: 1, name: "People" }).waitFor();
  assert.equal(await viewer.getByRole("link", { name: "API keys" }).count(), 0);
  assert.equal(await button(viewer, "Invite").count(), 0);
});

test("nobody gives what he does not have", async () => {
  await open(viewer, "/settings/roles/new", "New role");
  await viewer.getByLabel("Start from").selectOption({ label: "Fleet manager" });
  await viewer.getByText("The copy allows less").waitFor();
  await viewer.getByRole("searchbox", { name: "Search permissions" }).fill("fleet couriers see");
  const see = viewer.getByRole("group", { name: "See", exact: true });
  await see.getByText("You have this for: Team").waitFor();
  assert.ok(await see.getByRole("radio", { name: "All" }).isDisabled());
  assert.ok(await see.getByRole("radio", { name: "Team" }).isChecked());
  await picture(viewer, "53-not-above-oneself");
});

test("a key is shown once, does what it was given, and nothing once it is revoked", async () => {
  await open(owner, "/settings/api-keys", "API keys");
  await button(owner, "New key").click();
  const make = dialog(owner, "New key");
  await make.getByLabel(/^Name/).fill("Nightly export");
  await make.getByRole("searchbox", { name: "Search permissions" }).fill("fleet vehicles see");
  await make.getByRole("checkbox", { name: "See", exact: true }).first().check();
  await button(make, "Make the key").click();
  const shown = dialog(owner, "Your key: Nightly export");
  key = await shown.getByRole("textbox", { name: "The key" }).inputValue();
  await owner.keyboard.press("Escape");
  assert.ok(await shown.isVisible(), "it does not go before it is kept");
  await shown.getByLabel("I have stored the key").check();
  await button(shown, "Done").click();
  assert.equal(await called("/fleet/vehicles?limit=1"), 200);
  assert.equal(await called("/hr/leaves?limit=1"), 403);
  assert.equal(await called("/roles"), 403);
  await button(owner, "Revoke").click();
  await button(dialog(owner, "Revoke Nightly export?"), "Revoke").click();
  await owner.getByText("No API keys yet").or(owner.getByText("Nothing matches")).waitFor();
  assert.equal(await called("/fleet/vehicles?limit=1"), 401);
});

test("several are invited at once; what is refused says why", async () => {
  await open(owner, "/settings/people", "People");
  await button(owner, "Invite").click();
  const invite = dialog(owner, "Invite people");
  await invite.getByLabel(/^E-mail addresses/).fill(`Ali <ali@branch.example>, ${world.demo.organizations[0].users[0].email}`);
  await invite.getByRole("checkbox", { name: ROLE }).check();
  await button(invite, "Send 2 invitations").click();
  await invite.getByText("1 invitation sent").waitFor();
  await invite.getByText(/belongs to a member, or is invited already/).waitFor();
  await picture(owner, "54-invite");
  await invite.getByRole("button", { name: "Close" }).last().click();
  await owner.getByText("ali@branch.example").first().waitFor();
  await button(owner, "Withdraw").click();
  await button(owner.getByRole("dialog"), "Withdraw").click();
  await owner.getByText("settled", { exact: false }).first().waitFor();
});

test("the last owner cannot go, and says so before it is tried", async () => {
  await open(owner, "/settings/people", "People");
  await owner.getByRole("button", { name: /\(me\)/ }).click();
  const sheet = owner.getByRole("dialog");
  await sheet.getByText("This is the only owner").waitFor();
  assert.ok(await button(sheet, "Leave the organization").isDisabled());
  await owner.keyboard.press("Escape");
});

test("whoever is suspended is out with the next request, and in again", async () => {
  await owner.getByRole("button", { name: /viewer@/ }).click();
  const sheet = owner.getByRole("dialog").first();
  await button(sheet, "Suspend").click();
  await button(owner.getByRole("dialog", { name: /^Suspend / }), "Suspend").click();
  await owner.getByText(/is suspended$/).waitFor();
  await viewer.reload();
  await viewer.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await button(sheet, "Let in again").click();
  await owner.getByText(/can come in again$/).waitFor();
  await owner.keyboard.press("Escape");
});

test("a role in use is deleted once its holders have another one", async () => {
  await open(owner, "/settings/roles", "Roles");
  await owner.getByRole("link", { name: ROLE, exact: true }).click();
  await button(owner, "Delete").click();
  const used = dialog(owner, "This role is in use");
  await used.getByText("Without a role these viewers would see everything").waitFor();
  assert.ok(await button(used, "Move them").isDisabled());
  await picture(owner, "55-role-in-use");
  await used.getByLabel("Another role instead").selectOption({ label: "Courier" });
  await button(used, "Move them").click();
  await button(dialog(owner, `Delete ${ROLE}?`), "Delete").click();
  await owner.getByText(`The role ${ROLE} is deleted`).waitFor();
  assert.equal(await owner.getByRole("link", { name: ROLE, exact: true }).count(), 0);
  assert.deepEqual(problems, []);
});
