// Passkeys with AWS Amplify: for browsers alone, whose authenticator makes them.
import {
  associateWebAuthnCredential,
  confirmSignIn,
  deleteWebAuthnCredential,
  fetchAuthSession,
  listWebAuthnCredentials,
  setUpTOTP,
  signIn,
  signOut,
  verifyTOTPSetup,
} from "aws-amplify/auth";
import { call, equal, ok, refused } from "../check.js";
import { password, pool } from "./app.js";

/** A pool whose people may begin with a passkey of the page that they are on. */
const passkeys = (webAuthn = {}, mfa = {}) => ({
  pool: { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "WEB_AUTHN"] } } },
  client: { ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] },
  mfa: { WebAuthnConfiguration: { RelyingPartyId: "localhost", UserVerification: "preferred", ...webAuthn }, ...mfa },
});

const byPasskey = (username) => signIn({ username, options: { authFlowType: "USER_AUTH", preferredChallenge: "WEB_AUTHN" } });

export default {
  async "a passkey is registered and signs its owner in"(world) {
    const env = await pool(world, passkeys());
    await signIn({ username: env.username, password });
    equal((await listWebAuthnCredentials()).credentials.length, 0);
    await associateWebAuthnCredential();
    const { credentials } = await listWebAuthnCredentials();
    equal(credentials.length, 1);
    equal(credentials[0].relyingPartyId, "localhost");
    equal(credentials[0].authenticatorAttachment, "platform");
    equal(await world.passkeys(), 1, "passkeys in the authenticator");
    await refused(associateWebAuthnCredential(), "PasskeyAlreadyExists");
    await signOut();

    const done = await byPasskey(env.username);
    equal(done.nextStep.signInStep, "DONE");
    const session = await fetchAuthSession();
    equal(session.userSub, env.sub);
    equal((await fetchAuthSession({ forceRefresh: true })).userSub, env.sub, "user of the refreshed session");
    await signOut();

    // Who has not said how is asked.
    const asked = await signIn({ username: env.username, options: { authFlowType: "USER_AUTH" } });
    equal(asked.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
    ok(asked.nextStep.availableChallenges.includes("WEB_AUTHN"), `one may choose ${asked.nextStep.availableChallenges}`);
    equal((await confirmSignIn({ challengeResponse: "WEB_AUTHN" })).nextStep.signInStep, "DONE");

    await deleteWebAuthnCredential({ credentialId: credentials[0].credentialId });
    await refused(deleteWebAuthnCredential({ credentialId: credentials[0].credentialId }), "ResourceNotFoundException");
    await signOut();
    const without = await byPasskey(env.username);
    equal(without.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
    ok(!without.nextStep.availableChallenges.includes("WEB_AUTHN"), `one may choose ${without.nextStep.availableChallenges}`);
  },

  async "a passkey is its owner's alone"(world) {
    const env = await pool(world, passkeys());
    await signIn({ username: env.username, password });
    await associateWebAuthnCredential();
    await signOut();
    const other = await world.address();
    await world.user({ userPoolId: env.userPoolId, username: other, password, attributes: { email: other, email_verified: "true" } });
    for (const username of [other, await world.address()]) {
      const asked = await byPasskey(username);
      equal(asked.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION", `step of ${username}`);
      ok(!asked.nextStep.availableChallenges.includes("WEB_AUTHN"), `${username} may choose ${asked.nextStep.availableChallenges}`);
    }
    equal((await byPasskey(env.username)).nextStep.signInStep, "DONE");
    await signOut();
  },

  async "a passkey that verifies its owner stands for both factors"(world) {
    const env = await pool(
      world,
      passkeys(
        { UserVerification: "required", FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION" },
        { MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: { Enabled: true } },
      ),
    );
    await signIn({ username: env.username, password });
    await associateWebAuthnCredential();
    const { sharedSecret: secret } = await setUpTOTP();
    await verifyTOTPSetup({ code: await world.totp({ secret }) });
    const AccessToken = (await fetchAuthSession()).tokens.accessToken.toString();
    const prefer = (settings) => call(env.url, "SetUserMFAPreference", { AccessToken, WebAuthnMfaSettings: { Enabled: true }, ...settings });
    await refused(prefer({}), "InvalidParameterException", "WebAuthn MFA requires enabling an additional MFA setting.");
    await prefer({ SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
    const me = await call(env.url, "GetUser", { AccessToken });
    ok(me.UserMFASettingList.includes("WEB_AUTHN_MFA"), `settings are ${me.UserMFASettingList}`);
    await signOut();

    equal((await byPasskey(env.username)).nextStep.signInStep, "DONE");
    await signOut();
    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");

    await world.verifiesOwner(false);
    let failed = false;
    await byPasskey(env.username).catch(() => (failed = true));
    ok(failed, "a passkey that did not verify its owner let somebody in");
  },
};
