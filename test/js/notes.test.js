// The example service of examples/notes, as its README runs it: what setup.sh
// makes with the AWS CLI, the service, and its page in a browser.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { startCenote } from "./server.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.CENOTE_TEST_NOTES_BINARY ?? here("../../bin/notes");
const executablePath = [process.env.CENOTE_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const noBrowser = executablePath || process.env.CENOTE_TEST_BROWSER === "required" ? false : "no Chromium found";

let dir, cenote, service, url, config, client;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "cenote-notes-"));
  cenote = await startCenote();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  await promisify(execFile)(here("../../examples/notes/setup.sh"), [cenote.url, dir], {
    env: { ...env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
  });
  config = JSON.parse(await readFile(join(dir, "config.json"), "utf8"));
  const keys = Object.fromEntries((await readFile(join(dir, "service.env"), "utf8")).trim().split("\n").map((line) => line.split(/=(.*)/, 2)));

  await bundle("app.js", "browser", join(dir, "web"));
  await bundle("client.js", "node", dir);
  await copyFile(here("../../examples/notes/web/index.html"), join(dir, "web", "index.html"));
  client = await import(pathToFileURL(join(dir, "client.mjs")));

  service = spawn(binary, ["-config", dir, "-web", join(dir, "web"), "-listen", "localhost:0"], { env: keys, stdio: ["ignore", "pipe", "inherit"] });
  url = await new Promise((resolve, reject) => {
    service.stdout.on("data", (line) => resolve(String(line).match(/http:\S+/)[0]));
    service.on("exit", (code) => reject(new Error(`the service ended with ${code}`)));
  });
});

after(async () => {
  service?.kill("SIGINT");
  await cenote?.stop();
  await rm(dir, { recursive: true, force: true });
});

const bundle = (file, platform, outdir) =>
  build({
    entryPoints: [here(`../../examples/notes/web/${file}`)],
    nodePaths: [here("node_modules")],
    bundle: true,
    format: "esm",
    platform,
    outdir,
    outExtension: platform === "node" ? { ".js": ".mjs" } : {},
    banner: platform === "node" ? { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' } : {},
    logLevel: "error",
  });

const signIn = (name, password = "Correct-Horse-1") => client.signIn(config, url, name, password);

test("people reach their own notes, and what others call public", async () => {
  const [alice, bob] = [await signIn("alice"), await signIn("bob")];
  assert.notEqual(alice.identityId, bob.identityId);
  await alice.put("milk & honey".replace("&", "and"), "two litres – あ");
  await alice.put("public-recipe", "mix");
  assert.deepEqual(await alice.list(), ["milk and honey", "public-recipe"]);
  assert.equal(await alice.get("milk and honey"), "two litres – あ");
  assert.equal(await bob.get("public-recipe", alice.identityId), "mix");
  const denied = (verb) => (err) =>
    err.status === 403 && err.message.includes(`is not authorized to perform: notes:${verb} on resource: arn:aws:notes:us-east-1:${config.account}:note/${alice.identityId}/`) &&
    err.message.includes("because no identity-based policy allows");
  await assert.rejects(bob.get("milk and honey", alice.identityId), denied("GetNote"));
  await assert.rejects(bob.put("public-recipe", "poison", alice.identityId), denied("PutNote"));
  await assert.rejects(bob.list(alice.identityId), denied("ListNotes"));
  await assert.rejects(bob.get("x/public-y", alice.identityId), (err) => err.status === 400);
  await alice.remove("milk and honey");
  assert.deepEqual(await alice.list(), ["public-recipe"]);
});

test("a stranger gets no credentials, and nothing without", async () => {
  await assert.rejects(signIn("alice", "Wrong-Horse-1"), { name: "NotAuthorizedException" });
  const reply = await fetch(`${url}/notes/someone/public-recipe`);
  assert.equal(reply.status, 403);
  assert.equal((await reply.json()).__type, "MissingAuthenticationTokenException");
});

test("a request is good as it was signed, and no other", async () => {
  const alice = await signIn("alice");
  const signed = await new Promise((resolve, reject) => {
    const real = globalThis.fetch;
    globalThis.fetch = async (...call) => {
      resolve(call);
      return real(...call);
    };
    alice.put("exact", "yes").catch(reject).finally(() => (globalThis.fetch = real));
  });
  const [target, init] = signed;
  assert.equal((await fetch(target, { ...init, body: "no" })).status, 403);
  assert.equal((await fetch(`${target}-other`, init)).status, 403);
  assert.equal((await fetch(target, { ...init, method: "DELETE" })).status, 403);
  assert.equal(await alice.get("exact"), "yes");
});

test("the page in a browser", { skip: noBrowser }, async () => {
  assert.ok(executablePath, "no Chromium found: run scripts/deps.sh or set CENOTE_TEST_CHROMIUM");
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    const click = async (id, status) => {
      await page.click(`#${id}`);
      await page.waitForFunction(() => !["", "…"].includes(document.getElementById("status").textContent), null, { timeout: 30000 });
      assert.match(await page.textContent("#status"), status);
    };
    await page.fill("#password", "Wrong-Horse-1");
    await click("sign-in", /Incorrect username or password/);
    await page.fill("#username", "bob");
    await page.fill("#password", "Correct-Horse-1");
    await click("sign-in", /signed in as us-east-1:/);
    await page.fill("#name", "from a page");
    await page.fill("#text", "hello");
    await click("put", /done/);
    assert.equal(await page.textContent("#names"), "from a page");
    await page.fill("#text", "");
    await click("get", /done/);
    assert.equal(await page.inputValue("#text"), "hello");
    await page.fill("#owner", (await signIn("alice")).identityId);
    await click("get", /is not authorized to perform: notes:GetNote/);
    await page.fill("#name", "public-from-browser");
    await (await signIn("alice")).put("public-from-browser", "for all");
    await click("get", /done/);
    assert.equal(await page.inputValue("#text"), "for all");
  } finally {
    await browser.close();
  }
});
