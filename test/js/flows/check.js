// Assertions that work in a browser as well as in Node.js, and a call of the
// API as a program without an SDK makes it.

export function equal(got, want, what = "value") {
  if (got !== want) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

export function ok(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

/** Demands that the promise is refused with an error of that name and, if given, that message. */
export async function refused(promise, name, message) {
  let result;
  try {
    result = await promise;
  } catch (err) {
    equal(err.name, name, `name of the error "${err.message}"`);
    if (message !== undefined) {
      equal(err.message, message, "message");
    }
    return;
  }
  throw new Error(`answered ${JSON.stringify(result)}, want ${name}`);
}

/** One call of a user pool operation without a signature. */
export async function call(url, operation, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text === "" ? {} : JSON.parse(text);
  if (!response.ok) {
    throw Object.assign(new Error(answer.message), { name: answer.__type, status: response.status });
  }
  return answer;
}

/** The claims of a token, unverified. */
export function claims(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}
