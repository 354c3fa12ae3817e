// Starts the built binary for one test file and ends it afterwards.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startFunctions } from "./functions.js";

const binary = process.env.CENOTE_TEST_BINARY ?? fileURLToPath(new URL("../../bin/cenote", import.meta.url));

/** Runs `cenote dev` in memory with functions behind triggers, and with further flags; resolves to its URL and a function that stops it. */
export async function startCenote(...flags) {
  const functions = await startFunctions();
  const dir = await mkdtemp(join(tmpdir(), "cenote-js-"));
  const ready = join(dir, "ready");
  const child = spawn(binary, ["dev", "--listen", "localhost:0", "--data", ":memory:", "--ready-file", ready, ...functions.flags, ...flags], {
    cwd: dir,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  const exited = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    functions.stop();
    await rm(dir, { recursive: true, force: true });
  };
  for (let i = 0; i < 1500; i++) {
    try {
      return { url: JSON.parse(await readFile(ready, "utf8")).URL, stop };
    } catch {
      await sleep(20);
    }
  }
  await stop();
  throw new Error(`cenote did not become ready:\n${log}`);
}
