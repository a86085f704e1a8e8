// Starts what the story needs: the provider's simulator, the server with demonstration data, and a browser.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const barq = process.env.BARQ_BIN ?? join(root, "target/debug/barq");
/** Where the pictures go: a build's output, to be looked at. */
export const pictures = join(root, "target/screenshots");

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/** A program and a way to end it. */
function run(program, args) {
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output = (output + chunk).slice(-20_000)));
  const ended = once(child, "exit");
  return {
    child,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function until(what, check, timeout_ms = 120_000) {
  const deadline = Date.now() + timeout_ms;
  for (;;) {
    const value = await check().catch(() => undefined);
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** `mail` is where letters go: the address of an SMTP server. `demo`: whether there are the companies of the demonstration. */
export async function start({ mail, demo = true } = {}) {
  mkdirSync(pictures, { recursive: true });
  const data = mkdtempSync(join(tmpdir(), "barq-story-"));
  const [port, provider] = [await freePort(), await freePort()];
  const simulator = run(join(dirname(barq), "fuel-simulator"), ["--port", `${provider}`, "--mode", "good"]);
  const server = run(barq, ["serve", "--data", data, "--port", `${port}`, demo ? "--demo" : "--empty", "--plugin-allow", `http://127.0.0.1:${provider}`, ...(mail ? ["--smtp-url", mail] : [])]);
  const base = `http://localhost:${port}`;
  try {
    await until("the server", async () => (await fetch(`${base}/readyz`)).ok);
    await until("the simulator", async () => (await fetch(`http://127.0.0.1:${provider}/control`)).ok);
  } catch (error) {
    await Promise.all([server.stop(), simulator.stop()]);
    throw new Error(`${error.message}\n${server.output()}\n${simulator.output()}`);
  }
  const browser = await chromium.launch({ executablePath: process.env.BARQ_CHROMIUM ?? "/usr/bin/chromium", args: QUIET });
  return {
    base,
    provider: `http://127.0.0.1:${provider}`,
    browser,
    demo: demo ? JSON.parse(readFileSync(join(data, "demo.json"), "utf8")) : undefined,
    async stop() {
      await browser.close();
      await Promise.all([server.stop(), simulator.stop()]);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The real order file, where the folder with it is there. */
export function orders() {
  const folder = process.env.BARQ_SHARED_DATA ?? join(root, "../shared/data");
  const file = join(folder, "food-orders.csv");
  return existsSync(file) ? file : undefined;
}
