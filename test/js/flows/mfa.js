// Pools that ask for a second factor, as an operator sets them up.

/** Software tokens alone, for those who want one or for everybody. */
export const tokens = (MfaConfiguration) => ({
  mfa: { MfaConfiguration, SoftwareTokenMfaConfiguration: { Enabled: true } },
});

/** Software tokens and text messages. */
export const tokensAndTexts = (MfaConfiguration) => ({
  pool: {
    SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "app" },
  },
  mfa: {
    MfaConfiguration,
    SoftwareTokenMfaConfiguration: { Enabled: true },
    SmsMfaConfiguration: {
      SmsAuthenticationMessage: "Your code is {####}",
      SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "app" },
    },
  },
});

/** Software tokens and e-mail, which AWS allows with an address of the pool's own. */
export const tokensAndMail = (MfaConfiguration) => ({
  pool: {
    EmailConfiguration: { EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-west-2:123456789012:identity/example.com" },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_phone_number", Priority: 1 }, { Name: "verified_email", Priority: 2 }] },
  },
  mfa: {
    MfaConfiguration,
    SoftwareTokenMfaConfiguration: { Enabled: true },
    EmailMfaConfiguration: { Message: "Your code is {####}", Subject: "Code" },
  },
});

/** A code that is none of those given. */
export const another = (...codes) => ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !codes.includes(code));
