// All flows, by the library that they use. A flow is a function of the world
// in world.js and runs in Node.js as in a browser.
import amplifyAttributes from "./amplify/attributes.js";
import amplifyCustom from "./amplify/custom.js";
import amplifyDevices from "./amplify/devices.js";
import amplifyMfa from "./amplify/mfa.js";
import amplifyPasskeys from "./amplify/passkeys.js";
import amplifyPeople from "./amplify/people.js";
import identityAttributes from "./identity/attributes.js";
import identityCustom from "./identity/custom.js";
import identityDevices from "./identity/devices.js";
import identityMfa from "./identity/mfa.js";
import identityPeople from "./identity/people.js";

export const suites = {
  "amazon-cognito-identity-js": { ...identityPeople, ...identityMfa, ...identityAttributes, ...identityCustom, ...identityDevices },
  "aws-amplify": { ...amplifyPeople, ...amplifyMfa, ...amplifyAttributes, ...amplifyCustom, ...amplifyDevices },
};

/** Flows that need a browser. */
export const inBrowsers = { "aws-amplify": { ...amplifyPasskeys } };
