// What every application does with amazon-cognito-identity-js, which many
// applications from before Amplify v6 hold.
import { CognitoRefreshToken, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";
import { call, claims, equal, ok, refused } from "../check.js";
import { authenticate, outcome, password, person, promise, userOf } from "./app.js";

export default {
  async "a person signs up, confirms and signs in with SRP"(world) {
    const env = await world.userPool({ pool: { UsernameAttributes: undefined } });
    const email = await world.address();
    const pool = new CognitoUserPool({ UserPoolId: env.userPoolId, ClientId: env.clientId, endpoint: env.url });
    const up = await promise((cb) => pool.signUp("Grace", password, [new CognitoUserAttribute({ Name: "email", Value: email })], null, cb));
    equal(up.userConfirmed, false);
    equal(up.codeDeliveryDetails.Destination, "p***@e***");
    const user = userOf(env, "Grace");
    await refused(authenticate(user, password), "UserNotConfirmedException", "User is not confirmed.");
    await world.code(email);
    const again = await promise((cb) => user.resendConfirmationCode(cb));
    equal(again.CodeDeliveryDetails.DeliveryMedium, "EMAIL");
    equal(await promise(async (cb) => user.confirmRegistration(await world.code(email), false, cb)), "SUCCESS");

    const { session } = await authenticate(user, password);
    equal(session.isValid(), true);
    equal(session.getIdToken().payload.sub, up.userSub);
    equal(session.getIdToken().payload["cognito:username"], user.getUsername());
    const attributes = await promise((cb) => user.getUserAttributes(cb));
    equal(attributes.find((a) => a.Name === "email_verified").Value, "true");
    await promise((cb) => user.signOut(() => cb()));
  },

  async "wrong passwords and unknown people are refused alike"(world) {
    const { env, user } = await person(world);
    await refused(authenticate(user, "Wrong-Horse-1"), "NotAuthorizedException", "Incorrect username or password.");
    await refused(authenticate(userOf(env, "nobody"), password), "NotAuthorizedException", "Incorrect username or password.");
    user.setAuthenticationFlowType("USER_PASSWORD_AUTH");
    await refused(authenticate(user, "Wrong-Horse-1"), "NotAuthorizedException", "Incorrect username or password.");
    equal((await authenticate(user, password)).done, true);
  },

  async "a temporary password is changed at the first sign-in"(world) {
    const { user } = await person(world, { permanent: false });
    const first = await authenticate(user, password);
    equal(first.step, "NEW_PASSWORD_REQUIRED");
    equal(first.attributes.email, "ada@example.com");
    equal(first.required.length, 0);
    const { session } = await outcome((cb) => user.completeNewPasswordChallenge("Better-Horse-2", { name: "Ada" }, cb));
    equal(session.getIdToken().payload.name, "Ada");
    await refused(authenticate(user, password), "NotAuthorizedException");
    equal((await authenticate(user, "Better-Horse-2")).done, true);
  },

  async "a forgotten password is replaced with a code, and changed by its owner"(world) {
    const email = await world.address();
    const { env, user } = await person(world, { email });
    const sent = await promise((cb) => user.forgotPassword({ onSuccess: () => cb(new Error("no code was asked for")), inputVerificationCode: (data) => cb(null, data), onFailure: cb }));
    equal(sent.CodeDeliveryDetails.AttributeName, "email");
    const confirm = (code, next) => promise((cb) => user.confirmPassword(code, next, { onSuccess: (msg) => cb(null, msg), onFailure: cb }));
    const code = await world.code(email);
    equal(await confirm(code, "Better-Horse-2"), "SUCCESS");
    await refused(confirm(code, "Third-Horse-3"), "ExpiredCodeException");

    const fresh = userOf(env, "ada");
    equal((await authenticate(fresh, "Better-Horse-2")).done, true);
    await refused(promise((cb) => fresh.changePassword("Wrong-Horse-1", "Third-Horse-3", cb)), "NotAuthorizedException");
    equal(await promise((cb) => fresh.changePassword("Better-Horse-2", "Third-Horse-3", cb)), "SUCCESS");
    equal((await authenticate(fresh, "Third-Horse-3")).done, true);
  },

  async "a session is refreshed and ends with a sign-out"(world) {
    const { env, user } = await person(world);
    const { session } = await authenticate(user, password);
    const refreshToken = session.getRefreshToken().getToken();
    const refreshed = await promise((cb) => user.refreshSession(new CognitoRefreshToken({ RefreshToken: refreshToken }), cb));
    equal(refreshed.getRefreshToken().getToken(), refreshToken, "refresh token");
    const [old, now] = [session, refreshed].map((s) => claims(s.getAccessToken().getJwtToken()));
    ok(old.jti !== now.jti, "the access token is not new");
    equal(now.origin_jti, old.origin_jti, "origin_jti");

    const accessToken = refreshed.getAccessToken().getJwtToken();
    await promise((cb) => user.signOut(() => cb()));
    await refused(call(env.url, "GetUser", { AccessToken: accessToken }), "NotAuthorizedException");
    // The library itself would try for five seconds, whatever the error.
    await refused(
      call(env.url, "InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", ClientId: env.clientId, AuthParameters: { REFRESH_TOKEN: refreshToken } }),
      "NotAuthorizedException",
      "Refresh Token has been revoked",
    );
  },

  async "a session comes back from storage"(world) {
    const { env, user } = await person(world);
    await authenticate(user, password);
    const session = await promise((cb) => userOf(env, "ada").getSession(cb));
    equal(session.getIdToken().payload["cognito:username"], "ada");
    const data = await promise((cb) => user.getUserData(cb, { bypassCache: true }));
    equal(data.Username, "ada");
  },

  async "a global sign-out ends the sessions of other devices"(world) {
    const { env, user } = await person(world);
    const elsewhere = (await authenticate(userOf(env, "ada"), password)).session;
    await authenticate(user, password);
    equal(await promise((cb) => user.globalSignOut({ onSuccess: (msg) => cb(null, msg), onFailure: cb })), "SUCCESS");
    await refused(
      call(env.url, "GetUser", { AccessToken: elsewhere.getAccessToken().getJwtToken() }),
      "NotAuthorizedException",
      "Access Token has been revoked",
    );
  },
};
