// Functions behind a sign-in, with AWS Amplify.
import { autoSignIn, confirmSignIn, confirmSignUp, fetchAuthSession, fetchUserAttributes, signIn, signOut, signUp } from "aws-amplify/auth";
import { equal, refused } from "../check.js";
import { migration, riddles } from "../functions.js";
import { configure, password, pool } from "./app.js";

const riddle = (step, want) => {
  equal(step.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE");
  equal(step.nextStep.additionalInfo.riddle, want);
  equal(step.nextStep.additionalInfo.answer, undefined, "what the functions keep to themselves");
};

export default {
  async "a challenge that functions make up"(world) {
    const { username, sub } = await pool(world, riddles);
    riddle(await signIn({ username, options: { authFlowType: "CUSTOM_WITHOUT_SRP" } }), "What comes after 0?");
    riddle(await confirmSignIn({ challengeResponse: "7" }), "What comes after 1?");
    equal((await confirmSignIn({ challengeResponse: "2" })).isSignedIn, true);
    equal((await fetchAuthSession()).userSub, sub);
    equal((await fetchAuthSession({ forceRefresh: true })).userSub, sub);
    await signOut();
    riddle(await signIn({ username, options: { authFlowType: "CUSTOM_WITHOUT_SRP" } }), "What comes after 0?");
    equal((await confirmSignIn({ challengeResponse: "no", options: { clientMetadata: { hint: "1" } } })).isSignedIn, true, "signed in by metadata");
    await signOut();
  },

  async "a challenge after the password"(world) {
    const { username } = await pool(world, riddles);
    const options = { authFlowType: "CUSTOM_WITH_SRP" };
    await refused(signIn({ username, password: "Wrong-Horse-1", options }), "NotAuthorizedException", "Incorrect username or password.");
    riddle(await signIn({ username, password, options }), "What comes after 2?");
    equal((await confirmSignIn({ challengeResponse: "3" })).isSignedIn, true);
    equal((await fetchUserAttributes()).email, username);
    await signOut();
  },

  async "too many wrong answers, and people who are not there"(world) {
    const { username } = await pool(world, riddles);
    for (const name of [username, await world.address()]) {
      riddle(await signIn({ username: name, options: { authFlowType: "CUSTOM_WITHOUT_SRP" } }), "What comes after 0?");
      riddle(await confirmSignIn({ challengeResponse: "7" }), "What comes after 1?");
      await refused(confirmSignIn({ challengeResponse: "7" }), "NotAuthorizedException", "Incorrect username or password.");
    }
  },

  async "people come over from another directory"(world) {
    configure(await world.userPool(migration));
    const username = await world.address();
    const options = { authFlowType: "USER_PASSWORD_AUTH" };
    await refused(signIn({ username, password: "Wrong-Horse-1", options }), "NotAuthorizedException", "Incorrect username or password.");
    equal((await signIn({ username, password: "From-Elsewhere-1", options })).isSignedIn, true);
    equal((await fetchUserAttributes()).email_verified, "true");
    await signOut();
    equal((await signIn({ username, password: "From-Elsewhere-1" })).isSignedIn, true, "signed in with SRP");
    await signOut();
  },

  async "a person who signs up needs no password to be signed in after the confirmation"(world) {
    configure(await world.userPool({
      pool: { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } } },
      client: { ExplicitAuthFlows: ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] },
    }));
    const username = await world.address();
    await signUp({ username, options: { userAttributes: { email: username }, autoSignIn: { authFlowType: "USER_AUTH" } } });
    const done = await confirmSignUp({ username, confirmationCode: await world.code(username) });
    equal(done.nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
    equal((await autoSignIn()).isSignedIn, true);
    equal((await fetchUserAttributes()).email, username);
    await signOut();
  },
};
