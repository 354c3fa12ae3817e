// What clients do that speak JSON without an SDK, as pycognito and warrant in
// Python: SRP whose answer carries no Session, and clients with a secret.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, claims } from "./flows/check.js";
import { startCenote } from "./server.js";
import { secretHash, srp } from "./srp.js";
import { createWorld } from "./world.js";

const password = "Correct-Horse-1";
let server, world;

before(async () => {
  server = await startCenote();
  world = createWorld(server.url);
});
after(() => server?.stop());

const hash = (env, username) => (env.clientSecret ? { SECRET_HASH: secretHash(env, username) } : {});

async function begin(env, username) {
  const exchange = srp(env.userPoolId);
  const challenge = await call(env.url, "InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: env.clientId,
    AuthParameters: { USERNAME: username, SRP_A: exchange.SRP_A, ...hash(env, username) },
  });
  assert.equal(challenge.ChallengeName, "PASSWORD_VERIFIER");
  return { exchange, challenge, parameters: challenge.ChallengeParameters };
}

const respond = (env, ChallengeResponses, more) =>
  call(env.url, "RespondToAuthChallenge", { ClientId: env.clientId, ChallengeName: "PASSWORD_VERIFIER", ChallengeResponses, ...more });

async function person(options) {
  const env = await world.userPool(options);
  const username = await world.address();
  await world.user({ userPoolId: env.userPoolId, username, password, permanent: options?.permanent, attributes: { email: username, email_verified: "true" } });
  return { env, username };
}

test("PASSWORD_VERIFIER needs no Session, and answers once", async () => {
  const { env, username } = await person();
  const { exchange, challenge, parameters } = await begin(env, username);
  assert.equal("Session" in challenge, false, "a plain SRP challenge carries no Session");
  assert.deepEqual(Object.keys(parameters).sort(), ["SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"]);
  assert.match(parameters.SALT + parameters.SRP_B, /^[0-9a-f]+$/);

  const answer = exchange.answer(parameters, password);
  const { AuthenticationResult, ChallengeName } = await respond(env, answer);
  assert.equal(ChallengeName, undefined);
  assert.equal(AuthenticationResult.TokenType, "Bearer");
  assert.equal(AuthenticationResult.ExpiresIn, 3600);
  assert.equal(claims(AuthenticationResult.AccessToken).username, parameters.USERNAME);
  await assert.rejects(respond(env, answer), { name: "NotAuthorizedException" });
});

test("the same SRP_A may be sent again", async () => {
  const { env, username } = await person();
  const { exchange } = await begin(env, username);
  const again = await call(env.url, "InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: env.clientId,
    AuthParameters: { USERNAME: username, SRP_A: exchange.SRP_A },
  });
  const { AuthenticationResult } = await respond(env, exchange.answer(again.ChallengeParameters, password));
  assert.ok(AuthenticationResult.RefreshToken);
});

test("an answer with another password, block, signature or time is refused", async () => {
  const { env, username } = await person();
  const attempts = {
    password: (exchange, parameters) => exchange.answer(parameters, "Wrong-Horse-1"),
    "somebody else's block": async (exchange, parameters) => ({
      ...exchange.answer(parameters, password),
      PASSWORD_CLAIM_SECRET_BLOCK: (await begin(env, await world.address())).parameters.SECRET_BLOCK,
    }),
    "changed signature": (exchange, parameters) => {
      const answer = exchange.answer(parameters, password);
      const bytes = Buffer.from(answer.PASSWORD_CLAIM_SIGNATURE, "base64");
      bytes[0] ^= 1;
      return { ...answer, PASSWORD_CLAIM_SIGNATURE: bytes.toString("base64") };
    },
    "changed time": (exchange, parameters) => ({ ...exchange.answer(parameters, password), TIMESTAMP: "Tue Sep 5 06:07:08 UTC 2023" }),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    const { exchange, parameters } = await begin(env, username);
    await assert.rejects(respond(env, await attempt(exchange, parameters)), { name: "NotAuthorizedException", status: 400 }, name);
  }
  for (const SRP_A of ["0", "not hexadecimal"]) {
    await assert.rejects(
      call(env.url, "InitiateAuth", { AuthFlow: "USER_SRP_AUTH", ClientId: env.clientId, AuthParameters: { USERNAME: username, SRP_A } }),
      (err) => err.status === 400,
    );
  }
  const { exchange, parameters } = await begin(env, username);
  assert.ok((await respond(env, exchange.answer(parameters, password))).AuthenticationResult);
});

test("a temporary password leads to NEW_PASSWORD_REQUIRED with a Session", async () => {
  const { env, username } = await person({ permanent: false });
  const { exchange, parameters } = await begin(env, username);
  const next = await respond(env, exchange.answer(parameters, password));
  assert.equal(next.ChallengeName, "NEW_PASSWORD_REQUIRED");
  assert.equal(next.AuthenticationResult, undefined);
  assert.equal(next.ChallengeParameters.requiredAttributes, "[]");
  assert.equal(JSON.parse(next.ChallengeParameters.userAttributes).email, username);
  // The same password again is good enough without a history of passwords.
  const { AuthenticationResult } = await call(env.url, "RespondToAuthChallenge", {
    ClientId: env.clientId,
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: next.Session,
    ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
  });
  assert.ok(AuthenticationResult.IdToken);
});

test("a client with a secret proves it at every step", async () => {
  const { env, username } = await person({ client: { GenerateSecret: true } });
  const parametersWithout = { USERNAME: username, SRP_A: srp(env.userPoolId).SRP_A };
  await assert.rejects(
    call(env.url, "InitiateAuth", { AuthFlow: "USER_SRP_AUTH", ClientId: env.clientId, AuthParameters: parametersWithout }),
    { name: "NotAuthorizedException", message: `Client ${env.clientId} is configured with secret but SECRET_HASH was not received` },
  );
  const first = await begin(env, username);
  await assert.rejects(respond(env, first.exchange.answer(first.parameters, password)), { name: "NotAuthorizedException" });

  const { exchange, parameters } = await begin(env, username);
  const { AuthenticationResult } = await respond(env, { ...exchange.answer(parameters, password), ...hash(env, parameters.USERNAME) });
  const sub = claims(AuthenticationResult.AccessToken).sub;
  const refresh = (SECRET_HASH) =>
    call(env.url, "InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: env.clientId,
      AuthParameters: { REFRESH_TOKEN: AuthenticationResult.RefreshToken, SECRET_HASH },
    });
  const refreshed = await refresh(secretHash(env, sub));
  assert.equal(refreshed.AuthenticationResult.RefreshToken, undefined);
  await assert.rejects(refresh(secretHash(env, "somebody")), { name: "NotAuthorizedException" });

  await assert.rejects(call(env.url, "SignUp", { ClientId: env.clientId, Username: await world.address(), Password: password }), {
    name: "NotAuthorizedException",
  });
  const other = await world.address();
  const up = await call(env.url, "SignUp", { ClientId: env.clientId, Username: other, Password: password, SecretHash: secretHash(env, other) });
  assert.equal(up.UserConfirmed, false);
});
