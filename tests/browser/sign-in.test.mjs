// How a person gets in and looks after the account, in a real browser against the real server: letters that are really sent, an
// app's codes, recovery codes, a passkey on an authenticator that the browser plays, sessions, and proving again who is there.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openMailbox } from "./mail.mjs";
import { pictures, start } from "./start.mjs";
import { app } from "./totp.mjs";

const SARA = "sara@sign-in.example";
const HUDA = "huda@sign-in.example";
let password = "three words are enough";
const problems = [];
let mailbox;
let world;
let page;
let authenticator;
let phone;
let codes = [];

before(async () => {
  mailbox = await openMailbox();
  world = await start({ mail: mailbox.url });
  page = await newPage();
});
after(async () => {
  await world?.stop();
  await mailbox?.stop();
});

async function newPage(locale = "en-US") {
  const context = await world.browser.newContext({ viewport: { width: 1440, height: 900 }, locale, acceptDownloads: true, reducedMotion: "reduce" });
  const fresh = await context.newPage();
  fresh.setDefaultTimeout(30_000);
  fresh.on("pageerror", (error) => problems.push(error.message));
  return fresh;
}

const main = (of = page) => of.getByRole("main");
const button = (name, of = page) => of.getByRole("button", { name, exact: true });
const field = (label, of = page) => of.getByLabel(label, { exact: true });
const dialog = (name, of = page) => of.getByRole("dialog", { name, exact: true });
const picture = async (name, of = page) => {
  await of.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Infinity));
  await of.screenshot({ path: join(pictures, `${name}.png`) });
};
const welcomed = (of = page) => main(of).getByRole("heading", { name: /Welcome/ }).waitFor();

async function typePassword(email, secret, of = page) {
  await of.goto(`${world.base}/sign-in`);
  await field("E-mail", of).fill(email);
  await field("Password", of).fill(secret);
  await button("Sign in", of).click();
}

async function signOut(of = page) {
  await button("Your profile", of).click();
  await of.getByRole("menuitem", { name: "Sign out" }).click();
  await of.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
}

async function openAccount(tab, of = page) {
  await button("Your profile", of).click();
  await of.getByRole("menuitem", { name: "My account" }).click();
  await of.getByRole("tab", { name: tab }).click();
}

const tries = [];
/** Waits for its turn to try a code: the server takes five a minute of one person, right or wrong. */
async function turn() {
  const wait_ms = tries.length < 5 ? 0 : tries.at(-5) + 61_000 - Date.now();
  if (wait_ms > 0) await new Promise((done) => setTimeout(done, wait_ms));
  tries.push(Date.now());
}

/** Keeps the recovery codes that are shown this once. */
async function keepCodes() {
  const shown = dialog("Recovery codes");
  await shown.waitFor();
  codes = await shown.getByRole("listitem").allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  const [download] = await Promise.all([page.waitForEvent("download"), button("Save as a file", shown).click()]);
  assert.equal(download.suggestedFilename(), "barq-recovery-codes.txt");
  await picture("31-recovery-codes");
  assert.ok(await button("Done", shown).isDisabled());
  await shown.getByLabel("I have kept the codes").check();
  await button("Done", shown).click();
  await shown.waitFor({ state: "detached" });
}

test("whoever signs up shows first that the address is theirs", async () => {
  await page.goto(`${world.base}/sign-up`);
  await field("E-mail").fill(SARA);
  await button("Continue").click();
  await page.getByText(/a letter is on its way/).waitFor();
  await page.goto(await mailbox.link(SARA, /Finish signing up/));
  await field("Company").fill("Sign-in Express");
  await field("Your name").fill("Sara Al-Otaibi");
  assert.equal(await field("E-mail").inputValue(), SARA);
  await field("Password").fill(password);
  await button("Create account").click();
  await welcomed();
  await openAccount("Profile");
  await main().getByText("confirmed", { exact: true }).waitFor();
});

test("an authenticator app is set up with a first code, and brings recovery codes", async () => {
  await openAccount("Sign-in and security");
  await button("Set up the app").click();
  const setUp = dialog("Set up the app");
  await setUp.getByRole("img", { name: "Picture for the authenticator app" }).waitFor();
  await picture("30-authenticator-app");
  phone = app(await setUp.locator("code").innerText());
  await turn();
  await setUp.getByLabel("Code of the app").fill("000000");
  await button("Turn it on", setUp).click();
  await setUp.getByText(/This code is not right/).waitFor();
  await turn();
  await setUp.getByLabel("Code of the app").fill(await phone.code());
  await button("Turn it on", setUp).click();
  await keepCodes();
  await main().getByText("10 left").waitFor();
});

test("from then on the password alone lets nobody in", async () => {
  await signOut();
  await typePassword(SARA, password);
  await page.getByRole("heading", { name: "One more step" }).waitFor();
  await picture("32-second-step");
  await turn();
  await field("Code").fill("123456");
  await button("Continue").click();
  await page.getByText(/This code is not right/).waitFor();
  await turn();
  await field("Code").fill(await phone.code());
  await button("Continue").click();
  await welcomed();
});

test("a recovery code lets in once", async () => {
  await signOut();
  for (const good of [true, false]) {
    await typePassword(SARA, password);
    await button("Use a recovery code").click();
    await turn();
    await field("Recovery code").fill(codes[0].toLowerCase());
    await button("Continue").click();
    if (!good) await page.getByText(/This code is not right/).waitFor();
    else {
      await welcomed();
      await signOut();
    }
  }
  await turn();
  await field("Recovery code").fill(codes[1]);
  await button("Continue").click();
  await welcomed();
  await openAccount("Sign-in and security");
  await main().getByText("8 left").waitFor();
});

test("a passkey is added, renamed, and is all that signing in needs", async () => {
  const devices = await page.context().newCDPSession(page);
  await devices.send("WebAuthn.enable");
  ({ authenticatorId: authenticator } = await devices.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  }));
  await button("Add a passkey").click();
  const adding = dialog("Add a passkey");
  await adding.getByLabel("Name").fill("Telephone");
  await button("Go on", adding).click();
  await main().getByText("Telephone", { exact: true }).waitFor();
  const made = await devices.send("WebAuthn.getCredentials", { authenticatorId: authenticator });
  assert.equal(made.credentials.length, 1);
  assert.ok(made.credentials[0].isResidentCredential);

  await button("Rename Telephone").click();
  const renaming = dialog("Rename the passkey");
  await renaming.getByLabel("Name").fill("Sara's telephone");
  await button("Save", renaming).click();
  await main().getByText("Sara's telephone", { exact: true }).waitFor();
  await picture("33-security");

  // The same device is told that it has one already.
  await button("Add a passkey").click();
  await button("Go on", adding).click();
  await adding.getByText(/already has a passkey/).waitFor();
  await button("Cancel", adding).click();

  await signOut();
  await button("Continue with a passkey").click();
  await welcomed();

  await signOut();
  await typePassword(SARA, password);
  await button("Use a passkey").click();
  await button("Use my passkey").click();
  await welcomed();
});

test("a person sees where he is signed in, and ends it", async () => {
  const beside = await newPage();
  await typePassword(SARA, password, beside);
  await turn();
  await field("Code", beside).fill(await phone.code());
  await button("Continue", beside).click();
  await welcomed(beside);

  await openAccount("Sessions");
  const rows = main().getByRole("listitem");
  await rows.nth(1).waitFor();
  assert.equal(await rows.count(), 2);
  assert.equal(await rows.filter({ hasText: "This device" }).count(), 1);
  await picture("34-sessions");
  await rows.filter({ hasNotText: "This device" }).getByRole("button", { name: "End" }).click();
  await page.getByText("The session was ended").waitFor();
  await rows.nth(1).waitFor({ state: "detached" });
  assert.equal(await rows.count(), 1);

  await button("Your profile", beside).click();
  await beside.getByRole("menuitem", { name: "My account" }).click();
  await beside.reload();
  await beside.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await beside.context().close();
});

test("somebody with an account joins another company, and proves who he is before his account is changed there", async () => {
  const owner = world.demo.organizations[0].users.find((user) => user.role === "owner");
  await invite(owner, SARA);
  await page.goto(await mailbox.link(SARA, /Invitation/));
  await page.getByRole("heading", { name: /You are invited to/ }).waitFor();
  await picture("35-invitation");
  await button("Join").click();
  await welcomed();
  await page.getByRole("banner").getByText(world.demo.organizations[0].name).waitFor();

  // The session is new and has shown nothing yet.
  await openAccount("Sign-in and security");
  await button("New recovery codes").click();
  await button("Make new codes").click();
  const proof = dialog("Confirm that it is you");
  await proof.waitFor();
  await picture("36-step-up");
  // Who closes it does nothing.
  await page.keyboard.press("Escape");
  await proof.waitFor({ state: "detached" });
  await dialog("New recovery codes").getByText("Please confirm that it is you first.").waitFor();

  await button("Make new codes").click();
  await button("Use the authenticator app", proof).click();
  await turn();
  await proof.getByLabel("Code", { exact: true }).fill(await phone.code());
  await button("Confirm", proof).click();
  const before = codes;
  await keepCodes();
  assert.ok(codes.every((code) => !before.includes(code)));
});

test("a forgotten password is chosen anew by a letter, whose link is good once", async () => {
  await signOut();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await field("E-mail").fill(SARA);
  await button("Send the link").click();
  await page.getByText(/a letter is on its way/).waitFor();
  const link = await mailbox.link(SARA, /Choose a new password/);
  await page.goto(link);
  await field("New password").fill("short");
  await button("Save the password").click();
  await page.getByText(/at least 12 characters/i).first().waitFor();
  password = "four other words for it";
  await field("New password").fill(password);
  await button("Save the password").click();
  await page.getByText("Your password was changed").waitFor();
  await page.goto(`${world.base}/sign-in`);
  await page.goto(link);
  await field("New password").fill("once more with the link");
  await button("Save the password").click();
  await page.getByText(/This link is not good any more/).waitFor();

  await typePassword(SARA, "three words are enough");
  await page.getByRole("alert").waitFor();
  await typePassword(SARA, password);
  await turn();
  await field("Code").fill(await phone.code());
  await button("Continue").click();
  await welcomed();
});

test("somebody new comes in by an invitation, and proves with the password", async () => {
  const owner = world.demo.organizations[0].users.find((user) => user.role === "owner");
  await invite(owner, HUDA);
  const theirs = await newPage("ar-SA");
  await theirs.goto(await mailbox.link(HUDA, /Invitation/));
  await field("اسمك", theirs).fill("هدى القحطاني");
  await field("كلمة المرور", theirs).fill(password);
  await picture("37-invitation-arabic", theirs);
  await button("انضمام", theirs).click();
  await main(theirs).getByRole("heading", { level: 1, name: /هدى/ }).waitFor();
  await theirs.context().close();
});

test("the passkey is removed, and signs in no more", async () => {
  await openAccount("Sign-in and security");
  await button("Remove Sara's telephone").click();
  await dialog("Remove the passkey Sara's telephone?").getByRole("button", { name: "Remove", exact: true }).click();
  await main().getByText("You have no passkey yet.").waitFor();
  await signOut();
  await button("Continue with a passkey").click();
  await page.getByText("This passkey was not accepted.").waitFor();
});

test("no page failed on the way", () => assert.deepEqual(problems, []));

/** As the owner of a company of the demonstration does. */
async function invite(owner, email) {
  const post = async (path, body, headers) => {
    const answer = await fetch(`${world.base}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": "en", ...headers },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  };
  const { access_token } = await post("/auth/login", { email: owner.email, password: owner.password });
  await post("/tenancy/invitations", { email, membership: "viewer" }, { authorization: `Bearer ${access_token}` });
}
