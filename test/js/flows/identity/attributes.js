// People and what is known about them, with amazon-cognito-identity-js.
import { CognitoUserAttribute } from "amazon-cognito-identity-js";
import { equal, ok, refused } from "../check.js";
import { authenticate, password, person, promise, userOf } from "./app.js";

export default {
  async "people change, confirm and delete what is known about them"(world) {
    const { user } = await person(world);
    await authenticate(user, password);
    const email = await world.address();
    const attributes = [new CognitoUserAttribute({ Name: "nickname", Value: "countess" }), new CognitoUserAttribute({ Name: "email", Value: email })];
    const [result, details] = await new Promise((resolve, reject) =>
      user.updateAttributes(attributes, (err, ...rest) => (err ? reject(err) : resolve(rest))),
    );
    equal(result, "SUCCESS");
    equal(details.CodeDeliveryDetailsList[0].AttributeName, "email");
    await world.code(email);
    await promise((cb) => user.getAttributeVerificationCode("email", { onSuccess: () => cb(new Error("no code was asked for")), inputVerificationCode: () => cb(null), onFailure: cb }));
    const code = await world.code(email);
    equal(await promise((cb) => user.verifyAttribute("email", code, { onSuccess: (msg) => cb(null, msg), onFailure: cb })), "SUCCESS");
    const known = async () => Object.fromEntries((await promise((cb) => user.getUserAttributes(cb))).map((a) => [a.Name, a.Value]));
    let now = await known();
    equal(now.email, email);
    equal(now.email_verified, "true");
    equal(now.nickname, "countess");
    equal(await promise((cb) => user.deleteAttributes(["nickname"], cb)), "SUCCESS");
    now = await known();
    ok(!("nickname" in now), "the attribute is still there");
    await refused(promise((cb) => user.deleteAttributes(["custom:team"], cb)), "NotAuthorizedException");
  },

  async "people delete themselves"(world) {
    const { env, user } = await person(world);
    await authenticate(user, password);
    equal(await promise((cb) => user.deleteUser(cb)), "SUCCESS");
    await refused(authenticate(userOf(env, "ada"), password), "NotAuthorizedException");
  },
};
