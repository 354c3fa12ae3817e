// The same flows in a browser, on a page of another origin: every call is one
// that the server must allow by CORS, with a preflight before it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { inBrowsers, suites } from "./flows/index.js";
import { startCenote } from "./server.js";
import { createWorld } from "./world.js";

const executablePath = [process.env.CENOTE_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
// `make js` requires the browser, so that nothing is merged without these tests.
const skip = executablePath || process.env.CENOTE_TEST_BROWSER === "required" ? false : "no Chromium found: run scripts/deps.sh or set CENOTE_TEST_CHROMIUM";

let server, world, site, browser;

before(async () => {
  if (skip) {
    return;
  }
  assert.ok(executablePath, "no Chromium found: run scripts/deps.sh or set CENOTE_TEST_CHROMIUM");
  server = await startCenote();
  world = createWorld(server.url);
  site = await serve(await bundle());
  browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP *.stranger.net 127.0.0.1",
    ],
  });
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("flows/page.js", import.meta.url))],
    bundle: true,
    format: "iife",
    platform: "browser",
    define: { global: "globalThis" },
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** A web server of its own for the page, so its origin is another one. */
function serve(script) {
  const listener = createServer((request, response) => {
    const page = request.url === "/page.js" ? ["text/javascript", script] : ["text/html", '<!doctype html><title>app</title><script src="/page.js"></script>'];
    response.writeHead(200, { "content-type": `${page[0]}; charset=utf-8` }).end(page[1]);
  });
  return new Promise((resolve) => listener.listen(0, "localhost", () => resolve(listener)));
}

/** Gives a page an authenticator of its own, and what its owner can do with it. */
async function authenticator(context, page) {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    passkeys: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
    verifiesOwner: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** Runs one flow on a fresh page whose storage is empty. */
async function inBrowser(suite, name) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const tools = { ...world, ...(await authenticator(context, page)) };
    await page.exposeFunction("world", (method, argument) => tools[method](argument));
    await page.goto(`http://localhost:${site.address().port}/`);
    assert.equal(await page.evaluate(([s, n]) => globalThis.runFlow(s, n), [suite, name]), null);
  } finally {
    await context.close();
  }
}

for (const [library, flows] of Object.entries(suites)) {
  describe(`${library} in Chromium`, { skip }, () => {
    for (const name of Object.keys({ ...flows, ...inBrowsers[library] })) {
      test(name, () => inBrowser(library, name));
    }
  });
}

// Any access key is root of a development server, and it listens where every
// page that a developer opens can reach it.
test("the page of a stranger reaches no development server", { skip }, async () => {
  const [page, api] = [site.address().port, new URL(server.url).port];
  const body = JSON.stringify({ MaxResults: 1 });
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.ListUserPools" };
  const ask = async (origin, url) => {
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      await tab.goto(origin);
      return await tab.evaluate(
        ([u, init]) =>
          fetch(u, init).then(
            (response) => response.status,
            () => "unreadable",
          ),
        [url, { method: "POST", headers, body }],
      );
    } finally {
      await context.close();
    }
  };
  const local = `http://localhost:${page}/`;
  const stranger = `http://www.stranger.net:${page}/`;
  assert.equal(await ask(local, server.url), 400, "a local page is answered, and told to sign");
  assert.equal(await ask(stranger, server.url), "unreadable", "a page of another site");
  assert.equal(await ask(stranger, `${server.url}/_cenote/outbox`), "unreadable", "the outbox");
  assert.equal(await ask(stranger, `http://api.stranger.net:${api}/`), "unreadable", "a name that was made to point here");
});
