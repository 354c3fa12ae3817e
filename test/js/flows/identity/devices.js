// Remembered devices with amazon-cognito-identity-js.
import { claims, equal, ok, refused } from "../check.js";
import { attribute, remembering } from "../devices.js";
import { tokens } from "../mfa.js";
import { authenticate, outcome, password, person, promise, userOf } from "./app.js";

const call = (run) => promise((cb) => run({ onSuccess: (result) => cb(null, result), onFailure: cb }));
const list = async (user) => (await call((cb) => user.listDevices(60, null, cb))).Devices;

/** Gives a user an authenticator that is asked for; returns its secret. */
async function authenticator(world, user) {
  const secret = await promise((cb) => user.associateSoftwareToken({ associateSecretCode: (s) => cb(null, s), onFailure: cb }));
  const code = await world.totp({ secret });
  await promise((cb) => user.verifySoftwareToken(code, "phone", { onSuccess: (result) => cb(null, result), onFailure: cb }));
  await promise((cb) => user.setUserMfaPreference(null, { Enabled: true, PreferredMfa: true }, cb));
  return secret;
}

export default {
  async "a device that its user wants remembered stands in for the authenticator"(world) {
    const { env, user } = await person(world, remembering(true, tokens("OPTIONAL")));
    const first = await authenticate(user, password);
    ok(first.done && first.prompt === true, "nobody asks whether the device shall be remembered");
    equal((await list(user)).length, 0, "devices before that");
    await refused(call((cb) => user.getDevice(cb)), "ResourceNotFoundException", "Device does not exist.");
    equal(await call((cb) => user.setDeviceStatusRemembered(cb)), "SUCCESS");
    const [device] = await list(user);
    equal(device.DeviceKey, claims(user.getSignInUserSession().getAccessToken().getJwtToken()).device_key);
    equal(attribute(device, "device_status"), "valid");
    ok(attribute(device, "device_name"), "the device has no name");
    equal(attribute((await call((cb) => user.getDevice(cb))).Device, "dev:device_remembered_status"), "remembered");

    const secret = await authenticator(world, user);
    const again = userOf(env, "ada");
    const second = await authenticate(again, password);
    ok(second.done && second.prompt === undefined, `asked for ${second.step}`);
    equal(claims(again.getSignInUserSession().getAccessToken().getJwtToken()).device_key, device.DeviceKey);

    equal(await call((cb) => again.setDeviceStatusNotRemembered(cb)), "SUCCESS");
    const third = userOf(env, "ada");
    equal((await authenticate(third, password)).step, "SOFTWARE_TOKEN_MFA");
    const code = await world.totp({ secret, steps: 1 });
    equal((await outcome((cb) => third.sendMFACode(code, cb, "SOFTWARE_TOKEN_MFA"))).done, true);
  },

  async "a device that was forgotten is a new one, and so is its refresh token"(world) {
    const { env, user } = await person(world, remembering(false));
    const first = await authenticate(user, password);
    ok(first.done && first.prompt === undefined, "somebody asks whether the device shall be remembered");
    const [device] = await list(user);
    await world.forgetDevice({ userPoolId: env.userPoolId, username: "ada", key: device.DeviceKey });
    const again = userOf(env, "ada");
    equal((await authenticate(again, password)).done, true);
    const [other] = await list(again);
    ok(other.DeviceKey !== device.DeviceKey, "the device has its old key");

    const session = again.getSignInUserSession();
    const refreshed = await promise((cb) => again.refreshSession(session.getRefreshToken(), cb));
    equal(claims(refreshed.getAccessToken().getJwtToken()).device_key, other.DeviceKey);
    await refused(promise((cb) => again.refreshSession(first.session.getRefreshToken(), cb)), "NotAuthorizedException");

    equal(await call((cb) => again.forgetDevice(cb)), "SUCCESS");
    equal((await list(again)).length, 0, "devices after the last was forgotten");
    equal((await authenticate(userOf(env, "ada"), password)).done, true);
  },

  async "two people on one machine have a device each"(world) {
    const { env, user } = await person(world, remembering(false));
    await world.user({ userPoolId: env.userPoolId, username: "grace", password });
    await authenticate(user, password);
    const grace = userOf(env, "grace");
    await authenticate(grace, password);
    const [hers] = await list(grace);
    const [his] = await list(user);
    ok(hers.DeviceKey !== his.DeviceKey, "they share a key");
    await refused(call((cb) => user.forgetSpecificDevice(hers.DeviceKey, cb)), "ResourceNotFoundException", "Device does not exist.");
    for (const name of ["ada", "grace"]) {
      equal((await authenticate(userOf(env, name), password)).done, true, name);
    }
    equal((await list(grace)).length, 1, "devices of grace");
  },
};
