// An application with amazon-cognito-identity-js, which takes callbacks.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

export const password = "Correct-Horse-1";

/** A promise for a function that takes (err, result). */
export const promise = (run) =>
  new Promise((resolve, reject) => run((err, result) => (err ? reject(err) : resolve(result))));

/** A promise for what a sign-in or an answer to a challenge comes to. */
export const outcome = (run) =>
  new Promise((resolve, reject) =>
    run({
      onSuccess: (session, prompt) => resolve({ done: true, session, prompt }),
      onFailure: reject,
      newPasswordRequired: (attributes, required) => resolve({ step: "NEW_PASSWORD_REQUIRED", attributes, required }),
      mfaRequired: (name, parameters) => resolve({ step: name, parameters }),
      totpRequired: (name, parameters) => resolve({ step: name, parameters }),
      mfaSetup: (name, parameters) => resolve({ step: name, parameters }),
      selectMFAType: (name, parameters) => resolve({ step: name, parameters }),
      customChallenge: (parameters) => resolve({ step: "CUSTOM_CHALLENGE", parameters }),
    }),
  );

export const userOf = (env, Username) =>
  new CognitoUser({ Username, Pool: new CognitoUserPool({ UserPoolId: env.userPoolId, ClientId: env.clientId, endpoint: env.url }) });

export const authenticate = (user, Password) =>
  outcome((cb) => user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), cb));

/** A pool in which people choose their names, and one of them. */
export async function person(world, { email = "ada@example.com", permanent, ...options } = {}) {
  const env = await world.userPool({ ...options, pool: { UsernameAttributes: undefined, ...options.pool } });
  const attributes = { email, email_verified: "true" };
  await world.user({ userPoolId: env.userPoolId, username: "ada", password, permanent, attributes });
  return { env, user: userOf(env, "ada") };
}
