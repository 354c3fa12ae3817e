// Second factors with amazon-cognito-identity-js.
import { equal, ok, refused } from "../check.js";
import { another, tokens, tokensAndTexts } from "../mfa.js";
import { authenticate, outcome, password, person, promise, userOf } from "./app.js";

const secretOf = (user) => promise((cb) => user.associateSoftwareToken({ associateSecretCode: (secret) => cb(null, secret), onFailure: cb }));

const verify = (user, code) => promise((cb) => user.verifySoftwareToken(code, "phone", { onSuccess: (result) => cb(null, result), onFailure: cb }));

const answer = (user, code, kind) => outcome((cb) => user.sendMFACode(code, cb, kind));

export default {
  async "an authenticator is set up and asked for"(world) {
    const { env, user } = await person(world, tokens("OPTIONAL"));
    await authenticate(user, password);
    const secret = await secretOf(user);
    const first = await world.totp({ secret });
    equal((await verify(user, first)).Status, "SUCCESS");
    equal(await promise((cb) => user.setUserMfaPreference(null, { Enabled: true, PreferredMfa: true }, cb)), "SUCCESS");
    const data = await promise((cb) => user.getUserData(cb, { bypassCache: true }));
    equal(data.PreferredMfaSetting, "SOFTWARE_TOKEN_MFA");

    const again = userOf(env, "ada");
    const asked = await authenticate(again, password);
    equal(asked.step, "SOFTWARE_TOKEN_MFA");
    equal(asked.parameters.FRIENDLY_DEVICE_NAME, "phone");
    await refused(answer(again, first, "SOFTWARE_TOKEN_MFA"), "ExpiredCodeException");
    equal((await answer(again, await world.totp({ secret, steps: 1 }), "SOFTWARE_TOKEN_MFA")).done, true);
  },

  async "a pool that insists has the authenticator set up at the sign-in"(world) {
    const { env, user } = await person(world, tokens("ON"));
    const asked = await authenticate(user, password);
    equal(asked.step, "MFA_SETUP");
    ok(JSON.parse(asked.parameters.MFAS_CAN_SETUP).includes("SOFTWARE_TOKEN_MFA"), "the token cannot be set up");
    const secret = await secretOf(user);
    const session = await verify(user, await world.totp({ secret }));
    equal(session.isValid(), true);
    equal((await authenticate(userOf(env, "ada"), password)).step, "SOFTWARE_TOKEN_MFA");
  },

  async "a code by text message"(world) {
    const { env, user } = await person(world, tokensAndTexts("OPTIONAL"));
    const phone = await world.number();
    await world.user({ userPoolId: env.userPoolId, username: "grace", password, attributes: { phone_number: phone, phone_number_verified: "true" } });
    const grace = userOf(env, "grace");
    await authenticate(grace, password);
    equal(await promise((cb) => grace.setUserMfaPreference({ Enabled: true, PreferredMfa: true }, null, cb)), "SUCCESS");
    const asked = await authenticate(grace, password);
    equal(asked.step, "SMS_MFA");
    equal(asked.parameters.CODE_DELIVERY_DELIVERY_MEDIUM, "SMS");
    const code = await world.code(phone);
    await refused(answer(grace, another(code), "SMS_MFA"), "CodeMismatchException", "Invalid code received for user");
    equal((await answer(grace, code, "SMS_MFA")).done, true);

    // Who has no phone cannot be asked for its code.
    await authenticate(user, password);
    await refused(promise((cb) => user.setUserMfaPreference({ Enabled: true, PreferredMfa: true }, null, cb)), "InvalidParameterException");
  },
};
