// Remembered devices with AWS Amplify.
import {
  confirmSignIn,
  fetchAuthSession,
  fetchDevices,
  forgetDevice,
  rememberDevice,
  setUpTOTP,
  signIn,
  signOut,
  updateMFAPreference,
  verifyTOTPSetup,
} from "aws-amplify/auth";
import { equal, ok } from "../check.js";
import { remembering } from "../devices.js";
import { tokens } from "../mfa.js";
import { password, pool } from "./app.js";

// Amplify names devices by it, and confirms none without; Node.js has it since 21.
globalThis.navigator ??= { userAgent: "Node.js" };

const deviceKey = async () => (await fetchAuthSession()).tokens.accessToken.payload.device_key;

export default {
  async "a device that its user wants remembered stands in for the authenticator"(world) {
    const env = await pool(world, remembering(true, tokens("OPTIONAL")));
    equal((await signIn({ username: env.username, password })).isSignedIn, true);
    equal((await fetchDevices()).length, 0, "devices before one is remembered");
    await rememberDevice();
    const [device] = await fetchDevices();
    equal(device.id, await deviceKey());
    equal(device.attributes.device_status, "valid");
    ok(Math.abs(device.createDate - Date.now()) < 600_000 && device.lastAuthenticatedDate <= device.lastModifiedDate, "dates of the device");

    const { sharedSecret: secret } = await setUpTOTP();
    await verifyTOTPSetup({ code: await world.totp({ secret }) });
    await updateMFAPreference({ totp: "PREFERRED" });
    await signOut();
    const again = await signIn({ username: env.username, password });
    equal(again.nextStep.signInStep, "DONE");
    equal(await deviceKey(), device.id);
    await fetchAuthSession({ forceRefresh: true });
    equal(await deviceKey(), device.id, "device_key after a refresh");

    await forgetDevice();
    equal((await fetchDevices()).length, 0, "devices after the last was forgotten");
    await signOut();
    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
    equal((await confirmSignIn({ challengeResponse: await world.totp({ secret, steps: 1 }) })).isSignedIn, true);
    ok((await deviceKey()) !== device.id, "the device has its old key");
    await signOut();
  },

  async "a device that somebody else has forgotten signs in as a new one"(world) {
    const env = await pool(world, remembering(false));
    await signIn({ username: env.username, password });
    const [device] = await fetchDevices();
    await world.forgetDevice({ userPoolId: env.userPoolId, username: env.sub, key: device.id });
    await signOut();
    equal((await signIn({ username: env.username, password })).isSignedIn, true);
    const [other] = await fetchDevices();
    ok(other.id !== device.id, "the device has its old key");
    await signOut();
    equal((await signIn({ username: env.username, password })).isSignedIn, true);
    equal((await fetchDevices()).length, 1, "devices after a sign-in on a known one");
    await forgetDevice({ device: { id: other.id } });
    equal((await fetchDevices()).length, 0, "devices");
    await signOut();
  },
};
