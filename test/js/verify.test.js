// Programs that are handed our tokens, and how each of them must be set up in
// either issuer mode.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CognitoJwtVerifier, JwtVerifier } from "aws-jwt-verify";
import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { allowInsecureRequests, discovery } from "openid-client";
import { call } from "./flows/check.js";
import { startCenote } from "./server.js";
import { createWorld, region } from "./world.js";

const password = "Correct-Horse-1";

for (const mode of ["path", "aws"]) {
  describe(`tokens in issuer mode ${mode}`, () => {
    let server, env, tokens, other, issuer, jwksUri;

    const signIn = async ({ url, clientId }, username) =>
      (
        await call(url, "InitiateAuth", {
          AuthFlow: "USER_PASSWORD_AUTH",
          ClientId: clientId,
          AuthParameters: { USERNAME: username, PASSWORD: password },
        })
      ).AuthenticationResult;

    async function person(world) {
      const pool = await world.userPool();
      const username = await world.address();
      await world.user({ userPoolId: pool.userPoolId, username, password, attributes: { email: username } });
      return [pool, await signIn(pool, username)];
    }

    before(async () => {
      server = await startCenote("--issuer-mode", mode);
      const world = createWorld(server.url);
      [env, tokens] = await person(world);
      [, other] = await person(world);
      issuer = mode === "aws" ? `https://cognito-idp.${region}.amazonaws.com/${env.userPoolId}` : `${server.url}/${env.userPoolId}`;
      jwksUri = `${server.url}/${env.userPoolId}/.well-known/jwks.json`;
    });
    after(() => server?.stop());

    const changed = (token) => {
      const [header, payload, signature] = token.split(".");
      const body = JSON.parse(Buffer.from(payload, "base64url"));
      return [header, Buffer.from(JSON.stringify({ ...body, sub: "somebody-else" })).toString("base64url"), signature].join(".");
    };

    test("jose, by the published keys", async () => {
      const keys = createRemoteJWKSet(new URL(jwksUri));
      const { payload } = await jwtVerify(tokens.IdToken, keys, { issuer, audience: env.clientId, algorithms: ["RS256"] });
      assert.equal(payload.token_use, "id");
      const access = await jwtVerify(tokens.AccessToken, keys, { issuer });
      assert.equal(access.payload.client_id, env.clientId);
      assert.equal(access.payload.aud, undefined, "an access token names no audience");
      await assert.rejects(jwtVerify(tokens.IdToken, keys, { issuer, audience: "another" }), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
      await assert.rejects(jwtVerify(changed(tokens.IdToken), keys, { issuer }), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
      await assert.rejects(jwtVerify(other.IdToken, keys, { issuer }), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    });

    test("aws-jwt-verify for Cognito takes the issuer from the pool id", async () => {
      const verifier = CognitoJwtVerifier.create({ userPoolId: env.userPoolId, clientId: env.clientId, tokenUse: "access" });
      verifier.cacheJwks(await (await fetch(jwksUri)).json());
      if (mode === "aws") {
        assert.equal((await verifier.verify(tokens.AccessToken)).client_id, env.clientId);
        const id = await verifier.verify(tokens.IdToken, { tokenUse: "id", clientId: env.clientId });
        assert.equal(id.aud, env.clientId);
        await assert.rejects(verifier.verify(tokens.IdToken), /Token use not allowed/);
        await assert.rejects(verifier.verify(tokens.AccessToken, { clientId: "another" }), /Client ID not allowed/);
        await assert.rejects(verifier.verify(changed(tokens.AccessToken)), /Invalid signature/);
      } else {
        // It knows no issuer but AWS's own; the next test shows what to use.
        await assert.rejects(verifier.verify(tokens.AccessToken), /issuer not configured/);
      }
    });

    test("aws-jwt-verify for any issuer, with Cognito's own checks", async () => {
      // Its own fetcher takes nothing but https.
      const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
      const verifier = JwtVerifier.create(
        {
          issuer,
          audience: null,
          jwksUri,
          customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, { tokenUse: "access", clientId: env.clientId }),
        },
        { jwksCache: new SimpleJwksCache({ fetcher }) },
      );
      assert.equal((await verifier.verify(tokens.AccessToken)).token_use, "access");
      await assert.rejects(verifier.verify(tokens.IdToken), /Token use not allowed/);
      await assert.rejects(verifier.verify(changed(tokens.AccessToken)), /Invalid signature/);
    });

    test("openid-client finds the keys by discovery", async () => {
      const authority = new URL(`${server.url}/${env.userPoolId}`);
      const find = () => discovery(authority, env.clientId, undefined, undefined, { execute: [allowInsecureRequests] });
      if (mode === "aws") {
        // The document names AWS's issuer, not the address it was read from.
        await assert.rejects(find(), (err) => /issuer/.test(`${err.message} ${err.cause?.message}`));
        return;
      }
      const metadata = (await find()).serverMetadata();
      assert.equal(metadata.issuer, issuer);
      assert.equal(metadata.jwks_uri, jwksUri);
      const { payload } = await jwtVerify(tokens.IdToken, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
        issuer: metadata.issuer,
        audience: env.clientId,
        algorithms: metadata.id_token_signing_alg_values_supported,
      });
      assert.equal(payload.sub, payload["cognito:username"]);
    });
  });
}
