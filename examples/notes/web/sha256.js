// SHA-256 and HMAC with Web Crypto, in the form in which the signer wants them.
// Browsers have it on pages that came over TLS or from localhost.
const bytes = (data) => {
  if (typeof data === "string") {
    return new TextEncoder().encode(data);
  }
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
};

export class Sha256 {
  #secret;
  #data = [];

  constructor(secret) {
    this.#secret = secret;
  }

  update(chunk) {
    this.#data.push(...bytes(chunk));
  }

  async digest() {
    const data = new Uint8Array(this.#data);
    if (this.#secret === undefined) {
      return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    }
    const key = await crypto.subtle.importKey("raw", bytes(this.#secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
  }
}
