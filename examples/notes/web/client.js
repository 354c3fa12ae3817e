// A client of the service: it signs a person in, takes temporary credentials
// from the identity pool, and signs every request with them. It runs in
// browsers and in Node.js.
import { CognitoIdentityClient, GetCredentialsForIdentityCommand, GetIdCommand } from "@aws-sdk/client-cognito-identity";
import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "./sha256.js";

/** Signs in and returns the person's notes; config is what the service gives at /config.json. */
export async function signIn(config, service, username, password) {
  const { cenote: endpoint, region, clientId, userPoolId, identityPoolId } = config;
  const people = new CognitoIdentityProviderClient({ endpoint, region });
  const { AuthenticationResult } = await people.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  );
  const identities = new CognitoIdentityClient({ endpoint, region });
  const Logins = { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: AuthenticationResult.IdToken };
  const { IdentityId } = await identities.send(new GetIdCommand({ IdentityPoolId: identityPoolId, Logins }));
  // The signer calls this for credentials, and again shortly before they
  // expire. An application that runs longer than the ID token is good for
  // refreshes that as well.
  const credentials = async () => {
    const { Credentials: c } = await identities.send(new GetCredentialsForIdentityCommand({ IdentityId, Logins }));
    return { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretKey, sessionToken: c.SessionToken, expiration: c.Expiration };
  };
  return new Notes(service, IdentityId, new SignatureV4({ service: "notes", region, credentials, sha256: Sha256 }));
}

/** The service, as one person sees it. */
class Notes {
  constructor(service, identityId, signer) {
    Object.assign(this, { service, identityId, signer });
  }

  /** The names of the notes of an owner, one's own if there is none. */
  list = async (owner = this.identityId) => (await this.#send("GET", [owner])).names;

  /** The text of a note. */
  get = async (name, owner = this.identityId) => (await this.#send("GET", [owner, name])).text;

  put = (name, text, owner = this.identityId) => this.#send("PUT", [owner, name], text);

  remove = (name, owner = this.identityId) => this.#send("DELETE", [owner, name]);

  async #send(method, path, body) {
    const url = new URL(["/notes", ...path.map(encodeURIComponent)].join("/"), this.service);
    const { headers } = await this.signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port,
      path: url.pathname,
      query: {},
      headers: { host: url.host },
      body,
    });
    delete headers.host; // which browsers send themselves, and do not let pages set
    const reply = await fetch(url, { method, headers, body });
    if (!reply.ok) {
      const text = await reply.text();
      throw Object.assign(new Error(text.startsWith("{") ? JSON.parse(text).message : text.trim()), { status: reply.status });
    }
    return reply.status === 204 ? null : reply.json();
  }
}
