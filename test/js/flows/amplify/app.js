// An application with AWS Amplify, set up as its documentation says, with the
// endpoints of Cenote.
import { Amplify } from "aws-amplify";
import { defaultStorage } from "aws-amplify/utils";

export const password = "Correct-Horse-1";

/** Points Amplify at a pool, and at an identity pool if there is one. */
export function configure({ url, userPoolId, clientId, identityPoolId }) {
  const users = userPoolId && { userPoolId, userPoolClientId: clientId, userPoolEndpoint: url };
  const identities = identityPoolId && { identityPoolId, identityPoolEndpoint: url, allowGuestAccess: true };
  Amplify.configure({ Auth: { Cognito: { ...users, ...identities } } });
}

/** A pool with one person in it whose password is the constant above. */
export async function pool(world, options) {
  const env = await world.userPool(options);
  configure(env);
  const username = await world.address();
  const sub = await world.user({ userPoolId: env.userPoolId, username, password, attributes: { email: username, email_verified: "true" } });
  return { ...env, username, sub };
}

/** What Amplify keeps of the last person who signed in. */
export const stored = async (env, key) => {
  const last = await defaultStorage.getItem(`CognitoIdentityServiceProvider.${env.clientId}.LastAuthUser`);
  return defaultStorage.getItem(`CognitoIdentityServiceProvider.${env.clientId}.${last}.${key}`);
};
