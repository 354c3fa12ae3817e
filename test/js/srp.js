// The client's half of SRP as Cognito speaks it, written from the
// specification and not from any library under test: N is group 15 of RFC
// 3526, g is 2, the hash is SHA-256.
import { createHash, createHmac, getDiffieHellman, randomBytes } from "node:crypto";

const prime = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);

const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const hmac = (key, ...parts) => parts.reduce((h, p) => h.update(p), createHmac("sha256", key)).digest();
const number = (bytes) => BigInt(`0x${bytes.toString("hex")}`);

/** A number as bytes, with a zero byte before a set top bit. */
function pad(n) {
  const hex = n.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

function power(base, exponent) {
  let result = 1n;
  for (let b = base % prime, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) {
      result = (result * b) % prime;
    }
    b = (b * b) % prime;
  }
  return result;
}

const k = number(sha256(pad(prime), pad(2n)));

/** A new exchange: SRP_A, and a function that answers the challenge. */
export function srp(userPoolId) {
  const secret = number(randomBytes(128));
  const A = power(2n, secret);
  const poolName = userPoolId.split("_")[1];

  /** The responses to PASSWORD_VERIFIER, signed for a moment (a Date). */
  function answer({ USERNAME, USER_ID_FOR_SRP, SALT, SRP_B, SECRET_BLOCK }, password, when = new Date()) {
    const B = BigInt(`0x${SRP_B}`);
    const u = number(sha256(pad(A), pad(B)));
    const x = number(sha256(pad(BigInt(`0x${SALT}`)), sha256(`${poolName}${USER_ID_FOR_SRP}:${password}`)));
    const base = (((B - k * power(2n, x)) % prime) + prime) % prime;
    const S = power(base, secret + u * x);
    const key = hmac(hmac(pad(u), pad(S)), "Caldera Derived Key\x01").subarray(0, 16);
    const TIMESTAMP = timestamp(when);
    return {
      USERNAME,
      TIMESTAMP,
      PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: hmac(key, poolName, USER_ID_FOR_SRP, Buffer.from(SECRET_BLOCK, "base64"), TIMESTAMP).toString("base64"),
    };
  }
  return { SRP_A: A.toString(16), answer };
}

// "Tue Sep 5 06:07:08 UTC 2023"
function timestamp(when) {
  const [day, date, month, year, time] = when.toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${Number(date)} ${time} UTC ${year}`;
}

/** SECRET_HASH of a client with a secret. */
export const secretHash = ({ clientId, clientSecret }, username) => hmac(clientSecret, username + clientId).toString("base64");
