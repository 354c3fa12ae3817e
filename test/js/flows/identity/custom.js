// Functions behind a sign-in, with amazon-cognito-identity-js.
import { AuthenticationDetails } from "amazon-cognito-identity-js";
import { equal, refused } from "../check.js";
import { riddles } from "../functions.js";
import { authenticate, outcome, password, person, userOf } from "./app.js";

const begin = (user) => outcome((cb) => user.initiateAuth(new AuthenticationDetails({ Username: user.getUsername() }), cb));
const answer = (user, text) => outcome((cb) => user.sendCustomChallengeAnswer(text, cb));

export default {
  async "a challenge that functions make up"(world) {
    const { env, user } = await person(world, riddles);
    const first = await begin(user);
    equal(first.step, "CUSTOM_CHALLENGE");
    equal(JSON.stringify(first.parameters), JSON.stringify({ USERNAME: "ada", riddle: "What comes after 0?" }));
    const second = await answer(user, "7");
    equal(second.parameters.riddle, "What comes after 1?");
    const { session } = await answer(user, "2");
    equal(session.getIdToken().payload["cognito:username"], "ada");

    const stranger = userOf(env, "nobody");
    equal((await begin(stranger)).parameters.riddle, "What comes after 0?");
    await refused(answer(stranger, "1"), "NotAuthorizedException", "Incorrect username or password.");
  },

  async "a challenge after the password"(world) {
    const { user } = await person(world, riddles);
    user.setAuthenticationFlowType("CUSTOM_AUTH");
    await refused(authenticate(user, "Wrong-Horse-1"), "NotAuthorizedException", "Incorrect username or password.");
    const first = await authenticate(user, password);
    equal(first.step, "CUSTOM_CHALLENGE");
    equal(first.parameters.riddle, "What comes after 2?");
    equal((await answer(user, "3")).done, true);
  },

  async "a new password, and then a challenge"(world) {
    const { user } = await person(world, { permanent: false, ...riddles });
    user.setAuthenticationFlowType("CUSTOM_AUTH");
    equal((await authenticate(user, password)).step, "NEW_PASSWORD_REQUIRED");
    const next = await outcome((cb) => user.completeNewPasswordChallenge("Better-Horse-2", {}, cb));
    equal(next.parameters.riddle, "What comes after 2?");
    equal((await answer(user, "3")).done, true);
  },
};
