// The founding story across two regions through the SDK for JavaScript, with
// the credential provider that applications use.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CognitoIdentityClient, CreateIdentityPoolCommand, SetIdentityPoolRolesCommand } from "@aws-sdk/client-cognito-identity";
import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  ListUserPoolsCommand,
  NotAuthorizedException,
} from "@aws-sdk/client-cognito-identity-provider";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { startCenote } from "./server.js";

const root = { accessKeyId: "test", secretAccessKey: "test" };
const password = "Correct-Horse-1";
let server;

before(async () => {
  server = await startCenote();
});
after(() => server?.stop());

const client = (Client, region, credentials = root) => new Client({ endpoint: server.url, region, credentials, maxAttempts: 1 });

/** A user pool in us-west-2 with alice in it and an identity pool in ap-northeast-1 that trusts it. */
async function build() {
  const idp = client(CognitoIdentityProviderClient, "us-west-2");
  const { UserPool } = await idp.send(new CreateUserPoolCommand({ PoolName: "js" }));
  const { UserPoolClient } = await idp.send(
    new CreateUserPoolClientCommand({
      UserPoolId: UserPool.Id,
      ClientName: "app",
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  await idp.send(new AdminCreateUserCommand({ UserPoolId: UserPool.Id, Username: "alice", MessageAction: "SUPPRESS" }));
  await idp.send(new AdminSetUserPasswordCommand({ UserPoolId: UserPool.Id, Username: "alice", Password: password, Permanent: true }));

  const provider = `cognito-idp.us-west-2.amazonaws.com/${UserPool.Id}`;
  const identity = client(CognitoIdentityClient, "ap-northeast-1");
  const pool = await identity.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "js",
      AllowUnauthenticatedIdentities: true,
      CognitoIdentityProviders: [{ ProviderName: provider, ClientId: UserPoolClient.ClientId }],
    }),
  );
  const iam = client(IAMClient, "us-east-1");
  const roles = {};
  for (const kind of ["authenticated", "unauthenticated"]) {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: `js-${kind}`,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: "cognito-identity.amazonaws.com" },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: {
                StringEquals: { "cognito-identity.amazonaws.com:aud": pool.IdentityPoolId },
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": kind },
              },
            },
          ],
        }),
      }),
    );
    roles[kind] = Role.Arn;
  }
  await identity.send(new SetIdentityPoolRolesCommand({ IdentityPoolId: pool.IdentityPoolId, Roles: roles }));
  return { idp, userPoolId: UserPool.Id, clientId: UserPoolClient.ClientId, identityPoolId: pool.IdentityPoolId, provider };
}

test("a token becomes credentials that STS knows", async () => {
  const { idp, userPoolId, clientId, identityPoolId, provider } = await build();
  const { AuthenticationResult } = await idp.send(
    new AdminInitiateAuthCommand({
      UserPoolId: userPoolId,
      ClientId: clientId,
      AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "alice", PASSWORD: password },
    }),
  );
  const from = (logins) =>
    fromCognitoIdentityPool({
      identityPoolId,
      logins,
      clientConfig: { endpoint: server.url, region: "ap-northeast-1" },
    });

  const user = from({ [provider]: AuthenticationResult.IdToken });
  const who = await client(STSClient, "ap-northeast-1", user).send(new GetCallerIdentityCommand({}));
  assert.equal(who.Arn, "arn:aws:sts::123456789012:assumed-role/js-authenticated/CognitoIdentityCredentials");

  const guest = await client(STSClient, "ap-northeast-1", from(undefined)).send(new GetCallerIdentityCommand({}));
  assert.equal(guest.Arn, "arn:aws:sts::123456789012:assumed-role/js-unauthenticated/CognitoIdentityCredentials");

  await assert.rejects(
    client(CognitoIdentityProviderClient, "us-west-2", user).send(new ListUserPoolsCommand({ MaxResults: 1 })),
    { name: "AccessDeniedException" },
  );
  await assert.rejects(from({ [provider]: AuthenticationResult.AccessToken })(), /Missing a required claim: aud/);

  // A refreshed token belongs to the same person, who keeps the same identity.
  const refreshed = await idp.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: AuthenticationResult.RefreshToken },
    }),
  );
  const again = await from({ [provider]: refreshed.AuthenticationResult.IdToken })();
  assert.equal(again.identityId, (await user()).identityId);

  await assert.rejects(
    idp.send(new InitiateAuthCommand({ ClientId: clientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "alice", PASSWORD: "wrong" } })),
    (err) => err instanceof NotAuthorizedException && err.message === "Incorrect username or password.",
  );
});
