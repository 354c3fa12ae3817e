// The functions behind the Lambda triggers of this suite: one HTTP server that
// takes events and answers with their responses filled in.
import { createServer } from "node:http";

const CUSTOM = "CUSTOM_CHALLENGE";

/** What each trigger answers, by the name before the underscore of its source. */
const answers = {
  // A riddle, after the password where there is one; two wrong answers are too many.
  DefineAuthChallenge({ session }) {
    const given = session.filter((c) => c.challengeName === CUSTOM);
    const challengeName = session.at(-1)?.challengeName === "SRP_A" ? "PASSWORD_VERIFIER" : CUSTOM;
    const issueTokens = given.some((c) => c.challengeResult);
    const failAuthentication = !issueTokens && given.length === 2;
    return { challengeName, issueTokens, failAuthentication };
  },
  CreateAuthChallenge: ({ session }) => ({
    publicChallengeParameters: { riddle: `What comes after ${session.length}?` },
    privateChallengeParameters: { answer: String(session.length + 1) },
    challengeMetadata: "RIDDLE",
  }),
  VerifyAuthChallengeResponse: ({ privateChallengeParameters, challengeAnswer, clientMetadata }) => ({
    answerCorrect: challengeAnswer === privateChallengeParameters.answer || clientMetadata?.hint === privateChallengeParameters.answer,
  }),
  UserMigration: ({ password }) =>
    password === "From-Elsewhere-1" ? { userAttributes: { email_verified: "true" }, finalUserStatus: "CONFIRMED", messageAction: "SUPPRESS" } : {},
};

/** Starts the server; resolves to the flags that put it behind every function, and a function that stops it. */
export async function startFunctions() {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) {
      text += chunk;
    }
    const event = JSON.parse(text);
    event.response = answers[event.triggerSource.split("_")[0]](event.request);
    response.end(JSON.stringify(event));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { flags: ["--trigger", `functions=http://127.0.0.1:${server.address().port}`], stop };
}
