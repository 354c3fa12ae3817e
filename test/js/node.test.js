// amazon-cognito-identity-js and AWS Amplify in Node.js.
import { after, before, describe, test } from "node:test";
import { suites } from "./flows/index.js";
import { startCenote } from "./server.js";
import { createWorld } from "./world.js";

let server, world;
before(async () => {
  server = await startCenote();
  world = createWorld(server.url);
});
after(() => server?.stop());

for (const [library, flows] of Object.entries(suites)) {
  describe(library, () => {
    for (const [name, run] of Object.entries(flows)) {
      test(name, () => run(world));
    }
  });
}
