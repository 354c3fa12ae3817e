// What every application does with AWS Amplify.
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import {
  autoSignIn,
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
  updatePassword,
} from "aws-amplify/auth";
import { call, claims, equal, ok, refused } from "../check.js";
import { configure, password, pool, stored } from "./app.js";

async function whoAmI(env, credentials) {
  const sts = new STSClient({ endpoint: env.url, region: env.identityRegion, credentials, maxAttempts: 1 });
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn;
}

const assumed = (role) => `${role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/CognitoIdentityCredentials`;

export default {
  async "a person signs up, confirms and signs in with SRP"(world) {
    const env = await world.userPool();
    configure(env);
    const username = await world.address();
    const up = await signUp({ username, password, options: { userAttributes: { email: username } } });
    equal(up.nextStep.signUpStep, "CONFIRM_SIGN_UP");
    equal(up.nextStep.codeDeliveryDetails.deliveryMedium, "EMAIL");
    equal(up.nextStep.codeDeliveryDetails.destination, "p***@e***");
    equal(up.nextStep.codeDeliveryDetails.attributeName, "email");
    equal((await signIn({ username, password })).nextStep.signInStep, "CONFIRM_SIGN_UP", "step of an unconfirmed person");
    await refused(signUp({ username, password, options: { userAttributes: { email: username } } }), "UsernameExistsException");

    const first = await world.code(username);
    await refused(
      confirmSignUp({ username, confirmationCode: first === "000000" ? "000001" : "000000" }),
      "CodeMismatchException",
      "Invalid verification code provided, please try again.",
    );
    const again = await resendSignUpCode({ username });
    equal(again.deliveryMedium, "EMAIL");
    const done = await confirmSignUp({ username, confirmationCode: await world.code(username) });
    equal(done.nextStep.signUpStep, "DONE");

    const session = await signIn({ username, password });
    equal(session.nextStep.signInStep, "DONE");
    const attributes = await fetchUserAttributes();
    equal(attributes.email, username);
    equal(attributes.email_verified, "true");
    const { tokens, userSub } = await fetchAuthSession();
    equal(userSub, attributes.sub);
    equal(tokens.idToken.payload.email, username);
    equal(tokens.accessToken.payload.client_id, env.clientId);
    const current = await getCurrentUser();
    equal(current.userId, attributes.sub);
    equal(current.signInDetails.loginId, username);
    await signOut();
  },

  async "a person who signs up is signed in after the confirmation"(world) {
    configure(await world.userPool());
    const username = await world.address();
    await signUp({ username, password, options: { userAttributes: { email: username }, autoSignIn: true } });
    const done = await confirmSignUp({ username, confirmationCode: await world.code(username) });
    equal(done.nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
    equal((await autoSignIn()).isSignedIn, true);
    equal((await fetchUserAttributes()).email, username);
    await signOut();
  },

  async "wrong passwords and unknown people are refused alike"(world) {
    const env = await pool(world);
    const stranger = await world.address();
    for (const authFlowType of ["USER_SRP_AUTH", "USER_PASSWORD_AUTH"]) {
      for (const username of [env.username, stranger]) {
        await refused(
          signIn({ username, password: "Wrong-Horse-1", options: { authFlowType } }),
          "NotAuthorizedException",
          "Incorrect username or password.",
        );
      }
    }
    equal((await signIn({ username: env.username, password, options: { authFlowType: "USER_PASSWORD_AUTH" } })).isSignedIn, true);
    await signOut();
  },

  async "a temporary password is changed at the first sign-in"(world) {
    const env = await world.userPool();
    configure(env);
    const username = await world.address();
    await world.user({ userPoolId: env.userPoolId, username, password, permanent: false, attributes: { email: username, email_verified: "true" } });
    const first = await signIn({ username, password });
    equal(first.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
    equal(first.nextStep.missingAttributes.length, 0);
    await refused(confirmSignIn({ challengeResponse: "short" }), "InvalidPasswordException");
    const second = await signIn({ username, password });
    equal(second.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
    const done = await confirmSignIn({ challengeResponse: "Better-Horse-2", options: { userAttributes: { name: "Ada" } } });
    equal(done.nextStep.signInStep, "DONE");
    equal((await fetchUserAttributes()).name, "Ada");
    await signOut();
    await refused(signIn({ username, password }), "NotAuthorizedException");
    equal((await signIn({ username, password: "Better-Horse-2" })).isSignedIn, true);
    await signOut();
  },

  async "a forgotten password is replaced with a code"(world) {
    const env = await pool(world);
    const sent = await resetPassword({ username: env.username });
    equal(sent.nextStep.resetPasswordStep, "CONFIRM_RESET_PASSWORD_WITH_CODE");
    equal(sent.nextStep.codeDeliveryDetails.destination, "p***@e***");
    const confirmationCode = await world.code(env.username);
    const confirm = (code, newPassword) => confirmResetPassword({ username: env.username, confirmationCode: code, newPassword });
    await refused(confirm(confirmationCode === "000000" ? "000001" : "000000", "Better-Horse-2"), "CodeMismatchException");
    await refused(confirm(confirmationCode, "short"), "InvalidPasswordException");
    await confirm(confirmationCode, "Better-Horse-2");
    await refused(confirm(confirmationCode, "Third-Horse-3"), "ExpiredCodeException");
    await refused(signIn({ username: env.username, password }), "NotAuthorizedException");
    equal((await signIn({ username: env.username, password: "Better-Horse-2" })).isSignedIn, true);
    await signOut();

    // Whoever asks for a stranger's password learns nothing.
    const stranger = await resetPassword({ username: await world.address() });
    equal(stranger.nextStep.resetPasswordStep, "CONFIRM_RESET_PASSWORD_WITH_CODE");
  },

  async "an administrator takes a password away, or the whole account"(world) {
    const env = await pool(world, { client: { PreventUserExistenceErrors: "LEGACY" } });
    await world.reset(env);
    equal((await signIn({ username: env.username, password })).nextStep.signInStep, "RESET_PASSWORD");
    await confirmResetPassword({ username: env.username, confirmationCode: await world.code(env.username), newPassword: "Better-Horse-2" });
    equal((await signIn({ username: env.username, password: "Better-Horse-2" })).isSignedIn, true);

    await world.disable(env);
    await refused(fetchUserAttributes(), "NotAuthorizedException");
    equal((await fetchAuthSession({ forceRefresh: true })).tokens, undefined, "session of a disabled account");
    await refused(signIn({ username: env.username, password: "Better-Horse-2" }), "NotAuthorizedException", "User is disabled.");
  },

  async "a password is changed by its owner"(world) {
    const env = await pool(world);
    await signIn({ username: env.username, password });
    await refused(updatePassword({ oldPassword: "Wrong-Horse-1", newPassword: "Better-Horse-2" }), "NotAuthorizedException");
    await refused(updatePassword({ oldPassword: password, newPassword: "short" }), "InvalidPasswordException");
    await updatePassword({ oldPassword: password, newPassword: "Better-Horse-2" });
    await signOut();
    await refused(signIn({ username: env.username, password }), "NotAuthorizedException");
    equal((await signIn({ username: env.username, password: "Better-Horse-2" })).isSignedIn, true);
    await signOut();
  },

  async "a session is refreshed, and ends everywhere with a sign-out"(world) {
    const env = await pool(world);
    await signIn({ username: env.username, password });
    const before = await fetchAuthSession();
    const after = await fetchAuthSession({ forceRefresh: true });
    ok(after.tokens.accessToken.payload.jti !== before.tokens.accessToken.payload.jti, "the access token is not new");
    equal(after.tokens.accessToken.payload.origin_jti, before.tokens.accessToken.payload.origin_jti, "origin_jti");
    equal(after.userSub, env.sub);
    equal((await fetchUserAttributes()).email, env.username);

    const refreshToken = await stored(env, "refreshToken");
    const accessToken = after.tokens.accessToken.toString();
    await signOut();
    await refused(getCurrentUser(), "UserUnAuthenticatedException");
    await refused(call(env.url, "GetTokensFromRefreshToken", { ClientId: env.clientId, RefreshToken: refreshToken }), "NotAuthorizedException");
    await refused(call(env.url, "GetUser", { AccessToken: accessToken }), "NotAuthorizedException");
  },

  async "a refresh token is rotated where the client asks for that"(world) {
    const env = await pool(world, {
      client: {
        ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
        RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
      },
    });
    await signIn({ username: env.username, password });
    const first = await stored(env, "refreshToken");
    await fetchAuthSession({ forceRefresh: true });
    const second = await stored(env, "refreshToken");
    ok(second && second !== first, "the refresh token was not replaced");
    equal((await fetchAuthSession({ forceRefresh: true })).userSub, env.sub);
    await refused(call(env.url, "GetTokensFromRefreshToken", { ClientId: env.clientId, RefreshToken: first }), "RefreshTokenReuseException");
    await signOut();
  },

  async "a global sign-out ends the sessions of other devices"(world) {
    const env = await pool(world);
    const elsewhere = await call(env.url, "InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: env.clientId,
      AuthParameters: { USERNAME: env.username, PASSWORD: password },
    });
    await signIn({ username: env.username, password });
    await signOut({ global: true });
    const { AccessToken, RefreshToken } = elsewhere.AuthenticationResult;
    await refused(call(env.url, "GetUser", { AccessToken }), "NotAuthorizedException", "Access Token has been revoked");
    await refused(call(env.url, "GetTokensFromRefreshToken", { ClientId: env.clientId, RefreshToken }), "NotAuthorizedException", "Refresh Token has been revoked");
    equal((await signIn({ username: env.username, password })).isSignedIn, true);
    await signOut();
  },

  async "a person gets credentials that STS knows, whichever way tokens name their issuer"(world) {
    for (const issuer of ["path", "aws"]) {
      const people = await pool(world, { pool: { UserPoolTags: { "cenote:issuer": issuer } } });
      const env = { ...people, ...(await world.identityPool(people)) };
      configure(env);
      await signIn({ username: env.username, password });
      const session = await fetchAuthSession();
      equal(
        claims(session.tokens.idToken.toString()).iss,
        issuer === "aws" ? `https://cognito-idp.${env.region}.amazonaws.com/${env.userPoolId}` : `${env.url}/${env.userPoolId}`,
        "iss",
      );
      ok(session.identityId?.startsWith(`${env.identityRegion}:`), `identity id ${session.identityId}`);
      equal(await whoAmI(env, session.credentials), assumed(env.roles.authenticated));
      const refreshed = await fetchAuthSession({ forceRefresh: true });
      equal(refreshed.identityId, session.identityId, "identity after a refresh");
      await signOut();
    }
  },

  async "a guest gets credentials and keeps the identity when signing in"(world) {
    const people = await pool(world);
    const env = { ...people, ...(await world.identityPool(people)) };
    configure(env);
    const guest = await fetchAuthSession();
    equal(guest.tokens, undefined);
    ok(guest.credentials, "a guest has no credentials");
    equal(await whoAmI(env, guest.credentials), assumed(env.roles.unauthenticated));
    equal((await fetchAuthSession({ forceRefresh: true })).identityId, guest.identityId, "identity of the same guest");

    await signIn({ username: env.username, password });
    const person = await fetchAuthSession();
    equal(await whoAmI(env, person.credentials), assumed(env.roles.authenticated));
    equal(person.identityId, guest.identityId, "identity after the sign-in");
    await signOut();
  },

  async "guests alone need no user pool"(world) {
    const people = await world.userPool();
    const env = { url: people.url, ...(await world.identityPool(people)) };
    configure(env);
    const { credentials } = await fetchAuthSession();
    equal(await whoAmI(env, credentials), assumed(env.roles.unauthenticated));
  },
};
