// Package message writes the e-mails and text messages that a user pool sends:
// codes and invitations, in the words of the pool or in the service's own, and
// the masked form of an address that replies show.
//
// A message is put into the outbox in the transaction that causes it, so that
// nothing is sent for what did not happen and nothing that happened is
// forgotten. Senders take it from there.
package message
