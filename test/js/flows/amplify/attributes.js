// People and what is known about them, with AWS Amplify.
import {
  confirmUserAttribute,
  deleteUser,
  deleteUserAttributes,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  sendUserAttributeVerificationCode,
  signIn,
  signOut,
  updateUserAttribute,
  updateUserAttributes,
} from "aws-amplify/auth";
import { call, equal, refused } from "../check.js";
import { another } from "../mfa.js";
import { password, pool } from "./app.js";

const custom = { Name: "team", AttributeDataType: "String", Mutable: true, StringAttributeConstraints: { MinLength: "1", MaxLength: "8" } };
const fixed = { Name: "badge", AttributeDataType: "String", Mutable: false, StringAttributeConstraints: {} };

export default {
  async "people change and delete what is known about them"(world) {
    // A client that does not say so may write no custom attributes.
    const lists = ["email", "name", "custom:team", "custom:badge"];
    const env = await pool(world, { pool: { Schema: [custom, fixed] }, client: { ReadAttributes: lists, WriteAttributes: lists } });
    await signIn({ username: env.username, password });
    const updated = await updateUserAttributes({ userAttributes: { name: "Ada", "custom:team": "blue" } });
    equal(updated.name.isUpdated, true);
    equal(updated["custom:team"].nextStep.updateAttributeStep, "DONE");
    let attributes = await fetchUserAttributes();
    equal(attributes.name, "Ada");
    equal(attributes["custom:team"], "blue");
    equal((await fetchAuthSession({ forceRefresh: true })).tokens.idToken.payload["custom:team"], "blue", "claim of the refreshed token");

    await refused(updateUserAttribute({ userAttribute: { attributeKey: "custom:team", value: "far too long" } }), "InvalidParameterException");
    await refused(updateUserAttribute({ userAttribute: { attributeKey: "custom:badge", value: "1" } }), "InvalidParameterException");
    await refused(updateUserAttribute({ userAttribute: { attributeKey: "custom:none", value: "1" } }), "NotAuthorizedException");
    await refused(updateUserAttribute({ userAttribute: { attributeKey: "email_verified", value: "true" } }), "NotAuthorizedException");
    await deleteUserAttributes({ userAttributeKeys: ["name", "custom:team"] });
    attributes = await fetchUserAttributes();
    equal(attributes.name, undefined);
    equal(attributes["custom:team"], undefined);
    await signOut();
  },

  async "a new e-mail address counts once it is confirmed"(world) {
    const env = await pool(world, {
      pool: { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] } },
    });
    await signIn({ username: env.username, password });
    const email = await world.address();
    const { isUpdated, nextStep } = await updateUserAttribute({ userAttribute: { attributeKey: "email", value: email } });
    equal(isUpdated, false);
    equal(nextStep.updateAttributeStep, "CONFIRM_ATTRIBUTE_WITH_CODE");
    equal(nextStep.codeDeliveryDetails.attributeName, "email");
    equal((await fetchUserAttributes()).email, env.username, "address before the new one is confirmed");
    const confirmationCode = await world.code(email);
    await refused(confirmUserAttribute({ userAttributeKey: "email", confirmationCode: another(confirmationCode) }), "CodeMismatchException");
    await confirmUserAttribute({ userAttributeKey: "email", confirmationCode });
    const attributes = await fetchUserAttributes();
    equal(attributes.email, email);
    equal(attributes.email_verified, "true");
    await signOut();
    await refused(signIn({ username: env.username, password }), "NotAuthorizedException");
    equal((await signIn({ username: email, password })).isSignedIn, true);
    await signOut();
  },

  async "a code is sent again for an address"(world) {
    const env = await pool(world);
    await signIn({ username: env.username, password });
    const email = await world.address();
    await updateUserAttribute({ userAttribute: { attributeKey: "email", value: email } });
    const first = await world.code(email);
    equal((await fetchUserAttributes()).email_verified, "false");
    const sent = await sendUserAttributeVerificationCode({ userAttributeKey: "email" });
    equal(sent.deliveryMedium, "EMAIL");
    equal(sent.destination, "p***@e***");
    const second = await world.code(email);
    if (first !== second) {
      await refused(confirmUserAttribute({ userAttributeKey: "email", confirmationCode: first }), "CodeMismatchException");
    }
    await confirmUserAttribute({ userAttributeKey: "email", confirmationCode: second });
    equal((await fetchUserAttributes()).email_verified, "true");
    await refused(sendUserAttributeVerificationCode({ userAttributeKey: "name" }), "InvalidParameterException");
    await signOut();
  },

  async "people delete themselves"(world) {
    const env = await pool(world);
    await signIn({ username: env.username, password });
    const accessToken = (await fetchAuthSession()).tokens.accessToken.toString();
    await deleteUser();
    await refused(getCurrentUser(), "UserUnAuthenticatedException");
    await refused(signIn({ username: env.username, password }), "NotAuthorizedException");
    await refused(call(env.url, "GetUser", { AccessToken: accessToken }), "UserNotFoundException");
  },
};
