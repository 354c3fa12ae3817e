// What an operator does before and while people use an application: pools,
// clients, users made by an administrator, and reading the outbox. Everything
// taken and given is JSON, so that a page in a browser can ask for it, too.
import { createHmac } from "node:crypto";
import { CognitoIdentityClient, CreateIdentityPoolCommand, SetIdentityPoolRolesCommand } from "@aws-sdk/client-cognito-identity";
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminForgetDeviceCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  SetUserPoolMfaConfigCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";

export const region = "us-west-2";
export const identityRegion = "ap-northeast-1";

/** A client of the SDK with the rights of an account's root. */
export const admin = (Client, url, where) =>
  new Client({ endpoint: url, region: where, credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 });

/** The world around one running server. */
export function createWorld(url) {
  const idp = admin(CognitoIdentityProviderClient, url, region);
  const identity = admin(CognitoIdentityClient, url, identityRegion);
  const iam = admin(IAMClient, url, "us-east-1");
  const read = new Map();
  let serial = 0;

  return {
    /** An e-mail address that nobody has yet. */
    address: async () => `person-${++serial}@example.com`,

    /** A phone number that nobody has yet. */
    number: async () => `+1206555${String(++serial).padStart(4, "0")}`,

    /** A user pool that confirms e-mail addresses, and a public client of it. */
    async userPool({ pool = {}, client = {}, mfa } = {}) {
      const { UserPool } = await idp.send(
        new CreateUserPoolCommand({ PoolName: "people", AutoVerifiedAttributes: ["email"], UsernameAttributes: ["email"], ...pool }),
      );
      if (mfa) {
        await idp.send(new SetUserPoolMfaConfigCommand({ UserPoolId: UserPool.Id, ...mfa }));
      }
      const { UserPoolClient } = await idp.send(
        new CreateUserPoolClientCommand({
          UserPoolId: UserPool.Id,
          ClientName: "app",
          ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
          PreventUserExistenceErrors: "ENABLED",
          ...client,
        }),
      );
      return { url, region, userPoolId: UserPool.Id, clientId: UserPoolClient.ClientId, clientSecret: UserPoolClient.ClientSecret };
    },

    /** A user with a permanent password, or a temporary one. */
    async user({ userPoolId, username, password, permanent = true, attributes = {} }) {
      const created = await idp.send(
        new AdminCreateUserCommand({
          UserPoolId: userPoolId,
          Username: username,
          MessageAction: "SUPPRESS",
          TemporaryPassword: permanent ? undefined : password,
          UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
        }),
      );
      if (permanent) {
        await idp.send(new AdminSetUserPasswordCommand({ UserPoolId: userPoolId, Username: username, Password: password, Permanent: true }));
      }
      return created.User.Username;
    },

    /** Takes a user's password away; a code goes out for a new one. */
    async reset({ userPoolId, username }) {
      await idp.send(new AdminResetUserPasswordCommand({ UserPoolId: userPoolId, Username: username }));
    },

    async disable({ userPoolId, username }) {
      await idp.send(new AdminDisableUserCommand({ UserPoolId: userPoolId, Username: username }));
    },

    /** Makes a pool forget a device of a user. */
    async forgetDevice({ userPoolId, username, key }) {
      await idp.send(new AdminForgetDeviceCommand({ UserPoolId: userPoolId, Username: username, DeviceKey: key }));
    },

    /** An identity pool in another region that trusts the client and takes guests. */
    async identityPool({ userPoolId, clientId }) {
      const name = `people${++serial}`;
      const { IdentityPoolId } = await identity.send(
        new CreateIdentityPoolCommand({
          IdentityPoolName: name,
          AllowUnauthenticatedIdentities: true,
          CognitoIdentityProviders: [{ ProviderName: `cognito-idp.${region}.amazonaws.com/${userPoolId}`, ClientId: clientId }],
        }),
      );
      const Roles = {};
      for (const kind of ["authenticated", "unauthenticated"]) {
        const { Role } = await iam.send(new CreateRoleCommand({ RoleName: `${name}-${kind}`, AssumeRolePolicyDocument: trust(IdentityPoolId, kind) }));
        Roles[kind] = Role.Arn;
      }
      await identity.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles }));
      return { identityPoolId: IdentityPoolId, identityRegion, roles: Roles };
    },

    /** The code of the next message to an address that was not read before. */
    async code(to) {
      const seen = read.get(to) ?? 0;
      for (let i = 0; i < 100; i++) {
        const { Messages } = await (await fetch(`${url}/_cenote/outbox?wait=10s&to=${encodeURIComponent(to)}`)).json();
        if (Messages.length > seen) {
          read.set(to, seen + 1);
          return Messages[seen].Code;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no further message to ${to}`);
    },

    /** The code that an authenticator shows (RFC 6238: SHA-1, six digits, 30 s), some steps from now. */
    totp: async ({ secret, steps = 0 }) => totp(secret, Math.floor(Date.now() / 30000) + steps),
  };
}

const trust = (identityPoolId, kind) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: "cognito-identity.amazonaws.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },
          "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": kind },
        },
      },
    ],
  });

function totp(base32, step) {
  const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
