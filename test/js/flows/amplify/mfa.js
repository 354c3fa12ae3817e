// Second factors with AWS Amplify.
import {
  confirmSignIn,
  fetchAuthSession,
  fetchMFAPreference,
  fetchUserAttributes,
  setUpTOTP,
  signIn,
  signOut,
  updateMFAPreference,
  verifyTOTPSetup,
} from "aws-amplify/auth";
import { equal, ok, refused } from "../check.js";
import { another, tokens, tokensAndMail, tokensAndTexts } from "../mfa.js";
import { password, pool } from "./app.js";

/** The codes that a software token shows one step before, at and after this moment. */
const around = (world, secret) => Promise.all([-1, 0, 1, 2].map((steps) => world.totp({ secret, steps })));

export default {
  async "an authenticator is set up and asked for"(world) {
    const env = await pool(world, tokens("OPTIONAL"));
    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "DONE");
    const setup = await setUpTOTP();
    ok(setup.getSetupUri("app").href.startsWith("otpauth://totp/"), "the setup URI is none");
    const secret = setup.sharedSecret;
    await refused(verifyTOTPSetup({ code: another(...(await around(world, secret))) }), "EnableSoftwareTokenMFAException");
    const first = await world.totp({ secret });
    await verifyTOTPSetup({ code: first });
    equal((await fetchMFAPreference()).enabled, undefined, "factors before one is turned on");
    await updateMFAPreference({ totp: "PREFERRED" });
    const preference = await fetchMFAPreference();
    equal(JSON.stringify(preference.enabled), '["TOTP"]');
    equal(preference.preferred, "TOTP");
    await signOut();

    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
    await refused(confirmSignIn({ challengeResponse: another(...(await around(world, secret))) }), "CodeMismatchException", "Invalid code received for user");
    await refused(confirmSignIn({ challengeResponse: first }), "ExpiredCodeException", "Your software token has already been used once.");
    equal((await confirmSignIn({ challengeResponse: await world.totp({ secret, steps: 1 }) })).isSignedIn, true);
    equal((await fetchAuthSession()).userSub, env.sub);
    await updateMFAPreference({ totp: "DISABLED" });
    await signOut();
    equal((await signIn({ username: env.username, password })).isSignedIn, true, "sign-in after the factor was turned off");
    await signOut();
  },

  async "a pool that insists has the authenticator set up at the sign-in"(world) {
    const env = await pool(world, tokens("ON"));
    const first = await signIn({ username: env.username, password });
    equal(first.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
    const secret = first.nextStep.totpSetupDetails.sharedSecret;
    equal((await confirmSignIn({ challengeResponse: await world.totp({ secret }) })).nextStep.signInStep, "DONE");
    await signOut();
    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
    equal((await confirmSignIn({ challengeResponse: await world.totp({ secret, steps: 1 }) })).isSignedIn, true);
    await signOut();
  },

  async "a temporary password and then the authenticator"(world) {
    const env = await pool(world, tokens("ON"));
    const username = await world.address();
    await world.user({ userPoolId: env.userPoolId, username, password, permanent: false, attributes: { email: username } });
    equal((await signIn({ username, password })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
    const next = await confirmSignIn({ challengeResponse: "Better-Horse-2" });
    equal(next.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
    const code = await world.totp({ secret: next.nextStep.totpSetupDetails.sharedSecret });
    equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
    await signOut();
  },

  async "a code by text message, and a choice of two factors"(world) {
    const env = await pool(world, tokensAndTexts("OPTIONAL"));
    const username = await world.address();
    const phone = await world.number();
    const attributes = { email: username, email_verified: "true", phone_number: phone, phone_number_verified: "true" };
    await world.user({ userPoolId: env.userPoolId, username, password, attributes });
    await signIn({ username, password });
    await updateMFAPreference({ sms: "ENABLED" });
    await signOut();

    const asked = await signIn({ username, password });
    equal(asked.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
    equal(asked.nextStep.codeDeliveryDetails.deliveryMedium, "SMS");
    equal(asked.nextStep.codeDeliveryDetails.destination, `+*******${phone.slice(-4)}`);
    const code = await world.code(phone);
    await refused(confirmSignIn({ challengeResponse: another(code) }), "CodeMismatchException");
    equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);

    const { sharedSecret: secret } = await setUpTOTP();
    await verifyTOTPSetup({ code: await world.totp({ secret }) });
    await updateMFAPreference({ totp: "ENABLED" });
    await signOut();
    const choice = await signIn({ username, password });
    equal(choice.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_MFA_SELECTION");
    equal(JSON.stringify([...choice.nextStep.allowedMFATypes].sort()), '["SMS","TOTP"]');
    equal((await confirmSignIn({ challengeResponse: "TOTP" })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
    equal((await confirmSignIn({ challengeResponse: await world.totp({ secret, steps: 1 }) })).isSignedIn, true);
    await signOut();
  },

  async "a code by e-mail"(world) {
    const env = await pool(world, tokensAndMail("OPTIONAL"));
    await signIn({ username: env.username, password });
    await updateMFAPreference({ email: "PREFERRED" });
    await signOut();
    const asked = await signIn({ username: env.username, password });
    equal(asked.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_EMAIL_CODE");
    equal(asked.nextStep.codeDeliveryDetails.destination, "p***@e***");
    const code = await world.code(env.username);
    await refused(confirmSignIn({ challengeResponse: another(code) }), "CodeMismatchException");
    equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
    equal((await fetchUserAttributes()).email_verified, "true");
    await signOut();
  },
};
