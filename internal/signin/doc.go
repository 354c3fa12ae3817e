// Package signin is the sign-in state machine: how a person, step by step,
// proves to a user pool who they are, and gets tokens for it.
//
// # The states
//
// A sign-in begins with [Service.Start], which names a flow. Every step ends
// in one of three ways: tokens, a challenge, or an error. [Result] holds
// either tokens or a challenge, never both. A challenge is answered with
// [Service.Answer].
//
//	USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH (ADMIN_NO_SRP_AUTH)
//	    name and password → first factor proven
//	USER_SRP_AUTH
//	    name and SRP_A → PASSWORD_VERIFIER
//	PASSWORD_VERIFIER
//	    secret block and signature → first factor proven
//	USER_AUTH
//	    name → SELECT_CHALLENGE, or the challenge that is preferred if the user
//	    can answer it
//	    name and the session of a sign-up that has just been confirmed → tokens
//	SELECT_CHALLENGE, PASSWORD, PASSWORD_SRP
//	    choice without what it needs → its challenge
//	    password → first factor proven
//	    SRP_A → PASSWORD_VERIFIER
//	EMAIL_OTP, SMS_OTP, as first factors
//	    code → address verified, user confirmed → tokens
//	WEB_AUTHN
//	    signature of a passkey → tokens
//	CUSTOM_AUTH
//	    name, and SRP_A where the password comes first → what the function says
//	what the function says (DefineAuthChallenge)
//	    CUSTOM_CHALLENGE, made up by CreateAuthChallenge
//	    PASSWORD_VERIFIER, after SRP_A alone
//	    tokens, or an error
//	CUSTOM_CHALLENGE
//	    answer, right or wrong (VerifyAuthChallengeResponse) → what the
//	    function says
//	first factor proven
//	    unconfirmed → error
//	    temporary password → NEW_PASSWORD_REQUIRED, or an error if it is too old
//	    else → password proven
//	NEW_PASSWORD_REQUIRED
//	    new password and missing attributes → user confirmed → password proven
//	password proven
//	    no second factor is asked for → tokens
//	    one is → SOFTWARE_TOKEN_MFA, SMS_MFA or EMAIL_OTP
//	    one of several is → SELECT_MFA_TYPE
//	    one is, of a user who has none → MFA_SETUP, or an error if there is
//	    nothing that they could set up
//	SELECT_MFA_TYPE
//	    choice → the challenge chosen
//	SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP, as second factors
//	    code → tokens; the address that a code went to is verified
//	MFA_SETUP
//	    [Service.AssociateSoftwareToken] → [Service.VerifySoftwareToken] →
//	    answer → tokens
//	    an e-mail address → EMAIL_OTP, which makes it the user's
//	tokens, on a remembered device; also in place of a second factor, where
//	the pool lets devices stand in for one
//	    → DEVICE_SRP_AUTH
//	DEVICE_SRP_AUTH
//	    SRP_A → DEVICE_PASSWORD_VERIFIER
//	DEVICE_PASSWORD_VERIFIER
//	    secret block and signature → tokens
//	REFRESH_TOKEN_AUTH (REFRESH_TOKEN)
//	    refresh token → tokens, of the same session, on the same device
//
// In CUSTOM_AUTH a proven password, its new one and the second factor after it
// lead back to what the function says, in place of tokens.
//
// # What comes first
//
// The client is asked first: is the flow enabled, are the parameters there, is
// its secret proven. Then the user is looked up, in one read that also tells
// credential, lock and second factors. Then, in this order: is the account
// locked, disabled, waiting for a password reset; does the pool's
// PreAuthentication function object; and only then the password. The row says,
// too, whether the user may be in groups: nobody else costs another read when
// tokens are made.
//
// Where a name means nobody and a password came with it, the pool's
// UserMigration function may make somebody of it before all this, who is then
// as any other.
//
// # What functions define
//
// In CUSTOM_AUTH the pool's functions are the flow. What they have seen so far,
// the trail, travels in every state of the sign-in, and what they keep to
// themselves (privateChallengeParameters) in the one of CUSTOM_CHALLENGE,
// sealed. A state with a trail leads to DefineAuthChallenge and nowhere else:
// no step of another flow gives it tokens, and tokens are given on the
// function's word alone. A function can ask for no step that the person has not
// earned: a second factor and a new password follow a proven password by
// themselves, and nothing else.
//
// The session of a CUSTOM_CHALLENGE is spent before its answer is looked at, in
// a transaction of its own: of many answers given at once a single one reaches
// the functions, so what they count is all there was. They are asked at most so
// many times in one sign-in; and what they take for a wrong answer does not
// lock the account, whose password it says nothing about.
//
// # Not telling who exists
//
// A client may ask that nobody can find out which users exist. For such a
// client a name that means nobody behaves as a user with a password that
// nobody knows: it gets the same challenges, costs the same work, locks after
// as many wrong passwords and unlocks as late. And what is known about a real
// account (disabled, waiting for a reset, unconfirmed) is told to those alone
// who gave its password.
//
// # Steps prove their predecessor
//
// A challenge goes out with a state that comes back with its answer: the
// Session, or for SRP the SECRET_BLOCK, because clients send no Session there.
// The state is sealed; it is bound to pool, client, user and step; it expires
// with the client's AuthSessionValidity; any node of the deployment can read
// it, before and after a restart. It is spent, in the store, in the same
// transaction that acts on the answer: a right answer cannot be given twice,
// and a signature gets one try. A new password that breaks the policy spends
// nothing; the person may choose another.
//
// The Session is all that a code travels in: it goes out, sealed, with the
// message, and nothing is stored until it comes back. So a code is good for the
// one sign-in that it was sent for, and for the address that it was sent to. A
// wrong code spends nothing; it counts as a wrong password does, and only
// tokens make wrong answers forgotten. A right password alone does not, or
// who knows it could guess codes without end. A software token's code is used
// up in the transaction that stores the session, with every code before it.
//
// Codes and passkeys that are a first factor are offered to nobody who is
// asked for a second one, unless the pool counts a passkey as two; that is
// asked again when they come back. Wrong codes of a first factor do not lock
// the account, so that a stranger cannot keep its owner from the password; an
// hourly cap bounds how many are heard.
//
// # Devices
//
// Where the pool tracks devices, every session is of one: of the device that
// the client has named by its key, in whichever step, or of a new one, whose
// key is handed out with the tokens. The state carries the key from step to
// step. Naming one proves nothing. Who has proven the password is told if the
// device is none of theirs, which spends nothing: clients come back without it.
// A remembered device proves itself last, by an exchange like that of a
// password, against the verifier that it was confirmed with. It stands in for a
// factor that the user has, never for one that they have yet to set up, and not
// in CUSTOM_AUTH, where the functions may have more to ask before it; whether
// it still may, and is still remembered, is asked again when the proof is
// there. Some clients bring no session back with DEVICE_SRP_AUTH: for a minute
// it is kept for them, sealed, and given to an answer that comes from the
// address that it was sent to.
//
// # Levels
//
// A sign-in by USER_AUTH may name levels of authentication. The states then
// carry what was asked for and by which methods the person has authenticated,
// until the tokens say both. Only first factors that lead to a level are
// offered, and after a password a second factor with which it is reached; what
// the pool asks for it asks for whatever the level. An access token stands in
// for the factors that it names; it is never enough by itself.
//
// # Many guesses at once
//
// A wrong password is counted in a transaction of its own. A right one is
// admitted in the transaction that stores the session, which reads the account
// again: if others have locked it meanwhile, or it was disabled, or its
// password changed, the right password is refused like a wrong one. So the
// lock bounds the guesses of a thousand requests in flight as it bounds those
// of one after the other.
//
// # Order of work
//
// Slow cryptography runs before the transaction, on its lanes: the tokens of
// a sign-in are signed before its session is stored, so that a busy lane
// leaves nothing behind.
//
// A code that signs somebody in for the first time confirms them in a
// transaction of its own: PostConfirmation is told what is done already, and
// before there is a session.
//
// Functions of the pool are asked before the transaction, too: once somebody is
// through, PostAuthentication, then PreTokenGeneration, which changes what the
// tokens will say. If one of them denies, no tokens are made; the state that
// the answer was to is spent all the same, unless the answer would have changed
// the user.
package signin
