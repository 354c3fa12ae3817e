// The page of an application: the flows, for the browser to run. The test
// gives it the function `world`, which does what an operator does.
import { inBrowsers, suites } from "./index.js";

// Errors cross from the page to the test as text, with what they are called.
globalThis.runFlow = async (suite, name) => {
  const world = new Proxy({}, { get: (_, method) => (argument) => globalThis.world(method, argument) });
  try {
    await (suites[suite][name] ?? inBrowsers[suite][name])(world);
    return null;
  } catch (err) {
    return `${err.name}: ${err.message}\n${err.stack}`;
  }
};
