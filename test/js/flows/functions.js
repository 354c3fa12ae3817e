// Pools whose sign-ins functions define, as an operator sets them up.

const arn = "arn:aws:lambda:us-west-2:123456789012:function:functions";

/** A riddle, with or without the password before it. */
export const riddles = {
  pool: { LambdaConfig: { DefineAuthChallenge: arn, CreateAuthChallenge: arn, VerifyAuthChallengeResponse: arn } },
  client: { ExplicitAuthFlows: ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] },
};

/** People who are known elsewhere. */
export const migration = { pool: { LambdaConfig: { UserMigration: arn } } };
